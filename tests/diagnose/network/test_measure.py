"""A person's own network is measured in a child process, and whatever it does is an answer."""

import sys
import threading

import pytest
import torch
from torch import nn

from diagnose.network.__main__ import examine
from diagnose.network.child import measure as measure_in_child
from diagnose.network.measure import count_joins, first, kind_of, measure, overfit

NETS = """
import os
import torch
from torch import nn

def tiny(num_classes=10):
    print("a stray line on stdout")
    return nn.Sequential(nn.Conv2d(3, 8, 3, 2), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                         nn.Linear(8, num_classes))

def breaks():
    raise RuntimeError("no such layer")

class Wrong(nn.Module):
    def forward(self, x):
        return self.missing(x)

def hangs():
    while True:
        pass

def dies():
    os.kill(os.getpid(), 11)

number = 3
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "nets.py").write_text(NETS)
    return tmp_path


def run(folder, source, seconds=60.0, stop=None):
    return measure_in_child(source, 4, 32, (folder,), seconds, stop or threading.Event())


@pytest.mark.slow
def test_a_network_is_measured_beside_resnet50_in_a_child(folder):
    answer = run(folder, "nets:tiny")
    assert answer.crash == ""
    assert answer.own.output_count == 4
    assert answer.own.parameters == sum(p.numel() for p in _tiny(4).parameters())
    assert (answer.own.norms, answer.own.joins) == (((0.1, 1e-5),), 0)
    assert [stage.convolutions for stage in answer.reference.stages] == [1, 11, 13, 19, 9]
    assert answer.reference.joins == 16
    assert answer.location.file.endswith("nets.py")


def _tiny(classes):
    return nn.Sequential(nn.Conv2d(3, 8, 3, 2), nn.BatchNorm2d(8), nn.Linear(8, classes))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("nets:Wrong", "missing"),
        ("nets:number", "not a callable|int|callable"),
        ("nets:gone", "gone"),
        ("nowhere:build", "nowhere"),
    ],
)
def test_what_fails_is_an_answer(folder, source, said, monkeypatch):
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "nets", raising=False)
    answers = []
    examine(source, 4, 32, answers.append)
    (answer,) = answers
    assert answer.own is None
    assert any(word in answer.crash for word in said.split("|"))


def test_a_failure_is_told_with_its_line(folder):
    answer = run(folder, "nets:breaks")
    assert answer.crash == "RuntimeError: no such layer"
    place = answer.location
    assert place.file.endswith("nets.py")
    assert NETS.splitlines()[place.line - 1].strip().startswith("raise")


@pytest.mark.slow
def test_a_process_that_dies_or_hangs_is_an_answer(folder):
    assert "SIGSEGV" in run(folder, "nets:dies").crash
    assert "within 2 s" in run(folder, "nets:hangs", seconds=2).crash  # it would hang for ever


def test_it_ends_when_it_is_told_to(folder):
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    assert run(folder, "nets:hangs", seconds=1e6, stop=stop).crash  # it came back


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 3, 3, padding=1), nn.Linear(3, 4)

    def forward(self, x):
        return self.b((self.a(x) + torch.relu(x * self.a.weight.mean())).mean((2, 3)))


def test_joins_are_where_two_computed_paths_meet():
    assert count_joins(Residual()(torch.randn(2, 3, 8, 8))) == 1
    assert count_joins(_flat()(torch.randn(2, 3, 8, 8))) == 0


def _flat(*more):
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 4), *more)


def test_kinds_of_outputs_are_told_apart():
    logits = torch.randn(8, 5)
    assert kind_of(logits) == "raw"
    assert kind_of(logits.softmax(1)) == "probabilities"
    assert kind_of(logits.log_softmax(1)) == "log_probabilities"


def test_the_logits_are_found_among_what_a_network_gives():
    logits = torch.randn(2, 3)
    assert first((logits, None)) is logits
    assert first({"logits": logits, "aux": None}) is logits
    with pytest.raises(TypeError):
        first("nothing")


def test_a_dead_relu_and_a_blind_network_are_seen():
    model = _flat()
    with torch.no_grad():
        model[0].bias.fill_(-100)
    answer = measure(model, 4, 16)
    assert answer.dead == 1.0
    assert not answer.input_matters


def test_frozen_parameters_and_softmax_are_seen():
    model = _flat(nn.Softmax(1))
    model[0].requires_grad_(False)
    answer = measure(model, 4, 16)
    assert answer.outputs == "probabilities"
    assert answer.frozen == ("0.weight", "0.bias")


def test_frozen_layers_keep_their_shortcuts():
    from torchvision.models import resnet18

    model = resnet18(num_classes=4)
    whole = measure(model, 4, 32).joins
    model.requires_grad_(False)
    assert measure(model, 4, 32).joins == whole == 8


def test_a_small_network_learns_a_batch_better_than_blanks():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 64 * 64, 64), nn.ReLU(), nn.Linear(64, 4))
    answer = overfit(model, measure(model, 4, 64), 4)
    assert answer.overfit_accuracy == 1.0
    assert answer.blank_accuracy <= 0.5


def test_outputs_of_another_shape_are_refused_in_words():
    with pytest.raises(ValueError, match="shape"):
        measure(nn.Conv2d(3, 4, 3), 4, 16)
