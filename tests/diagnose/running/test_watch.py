"""A training of this process under watch, and that nothing of the hooks is left behind."""

import json
import sys

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import diagnose
from diagnose.running.hooks.torch_all import holders


@pytest.fixture(autouse=True)
def nothing_is_left():
    before = [dict(vars(holder)) for holder in holders()]
    yield
    for holder, old in zip(holders(), before, strict=True):
        assert [name for name, value in old.items() if vars(holder).get(name) is not value] == []


def train(zero=True, evaluate=True, epochs=2):
    torch.manual_seed(0)
    images, labels = torch.rand(64, 3, 8, 8), torch.arange(64) % 2
    train = DataLoader(TensorDataset(images[:48], labels[:48]), 8, shuffle=True)
    val = DataLoader(TensorDataset(images[48:], labels[48:]), 8)
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(144, 2))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    for _ in range(epochs):
        net.train()
        for x, y in train:
            if zero:
                optimizer.zero_grad()
            nn.functional.cross_entropy(net(x), y).backward()
            optimizer.step()
        if evaluate:
            net.eval()
        with torch.no_grad():
            for x, _ in val:
                net(x)
    return [p.detach().clone() for p in net.parameters()]


def test_a_sound_training_is_left_as_it_is_and_nothing_is_found(capsys):
    plain = train()
    watch = diagnose.watch(steps=3)
    watched = train()
    assert all(map(torch.equal, plain, watched))
    assert not watch.watching
    assert watch.findings == ()
    assert watch.run.network.parameters == 410
    assert capsys.readouterr().err == ""


def test_faults_are_said_after_the_first_validation_and_written_as_json_lines(tmp_path, capsys):
    watch = diagnose.watch(steps=3, to=tmp_path / "watch.jsonl")
    train(zero=False, evaluate=False)
    assert [one.code for one in watch.findings] == ["R616", "R622"]
    assert "error R622 Gradients are never cleared" in capsys.readouterr().err
    lines = [json.loads(line) for line in (tmp_path / "watch.jsonl").read_text().splitlines()]
    assert [line["code"] for line in lines] == ["R616", "R622"]


def test_it_stops_the_training_only_where_asked(capsys):
    diagnose.watch(steps=3, on_error="stop")
    with pytest.raises(diagnose.TrainingFault, match="R622"):
        train(zero=False)


def test_a_block_judges_what_it_saw_without_a_validation(capsys):
    with diagnose.watch(steps=3) as watch:
        images, labels = torch.rand(8, 4), torch.tensor([0, 1] * 4)
        net = nn.Linear(4, 2)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for _ in range(4):
            nn.functional.cross_entropy(net(images), labels).backward()
            optimizer.step()
    assert [one.code for one in watch.findings] == ["R622"]


@pytest.mark.parametrize(("options", "word"), [({"on_error": "explode"}, "report, stop"), ({"steps": 0}, "one step")])
def test_wrong_options_get_a_sentence(options, word):
    with pytest.raises(diagnose.InputError, match=word):
        diagnose.watch(**options)


def test_a_callback_without_its_library_gets_a_sentence(monkeypatch):
    for name in list(sys.modules):
        if name.startswith(("lightning", "pytorch_lightning", "transformers")):
            monkeypatch.delitem(sys.modules, name)
    with pytest.raises(diagnose.InputError, match="import one of them first"):
        diagnose.WatchCallback()
