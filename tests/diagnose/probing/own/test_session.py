"""Whole trainings of a person's network on a few tiny images, by a clock that counts steps."""

import dataclasses

import pytest
import torch
from steps import Steps
from tiny_networks import OTHER, TINY, tiny

from diagnose.events import NetworkMeasured, ProbesPlanned, ProbeStarted
from diagnose.probing import scale
from diagnose.probing.job import Failed, Job, NetworkSource
from diagnose.probing.own import networks, plan, session
from diagnose.probing.own.session import OwnSession
from diagnose.probing.recipe import Recipe

NETS = """
import torch
from tiny_networks import TinyNetwork

def sound(num_classes):
    return TinyNetwork(8, num_classes)

class Twice(TinyNetwork):
    def __init__(self, num_classes):
        super().__init__(8, num_classes)

    def forward(self, images):
        hidden = torch.tanh(self.bn1(self.conv1(images)).relu())
        return self.fc(self.bn2(self.conv2(hidden)).relu().mean((2, 3)))

class Breaks(TinyNetwork):
    calls = 0

    def __init__(self, num_classes):
        super().__init__(8, num_classes)

    def forward(self, images):
        Breaks.calls += 1
        if Breaks.calls > 12:
            raise RuntimeError("the 13th call")
        return super().forward(images)
"""


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(scale, "SIDES", (32,))
    monkeypatch.setattr(scale, "BATCHES", (8,))
    monkeypatch.setattr(scale, "LENGTHS", (6, 4))
    monkeypatch.setattr(plan, "OPTIONS", ((2, 4),))
    monkeypatch.setattr(plan, "SHORTER", ((2, 4),))
    monkeypatch.setattr(plan, "SEEDS_TO_SHOW", 2)
    monkeypatch.setattr(networks, "SIZES", {TINY: (4000, 32)})
    for module in (networks, session):
        monkeypatch.setattr(module, "RESNET50", OTHER)
    monkeypatch.setattr("diagnose.probing.own.results.RESNET50", OTHER)
    assert tiny


@pytest.fixture
def job(image_folder, tmp_path):
    paths = {name: sorted(image_folder({name: 20}).glob(f"{name}/*.png")) for name in ("cat", "dog")}
    items = [(str(path), number) for number, name in enumerate(paths) for path in paths[name]]
    (tmp_path / "own_nets.py").write_text(NETS)
    return Job(
        classes=("cat", "dog"), train=tuple(items[::2]), val=tuple(items[1::2]), seconds=200, weights="none",
        offline=True, network=NetworkSource("own_nets:Twice", (str(tmp_path),), 64, 64),
    )  # fmt: skip


def run(job, factory="Twice", **changes):
    events = []
    network = dataclasses.replace(job.network, source=f"own_nets:{factory}")
    given = dataclasses.replace(job, network=network, **changes)
    OwnSession(given, torch.device("cpu"), events.append, Steps()).run()
    measured = [event.arms for event in events if isinstance(event, NetworkMeasured)]
    return events, measured[-1] if measured else None


@pytest.fixture(autouse=True)
def modules(monkeypatch):
    import sys

    monkeypatch.setattr(sys, "path", [*sys.path])
    yield
    sys.modules.pop("own_nets", None)


def test_the_network_its_references_and_its_repairs_are_paired(job):
    events, measured = run(job)
    assert [repair.name for repair in measured.repairs] == ["one activation in place of two"]
    assert (measured.own.seeds, measured.behind_same_size.seeds, measured.behind_resnet50.seeds) == (2, 2, 2)
    assert (measured.same_size.arch, measured.resnet50.arch) == (TINY, OTHER)
    assert measured.behind_same_size.difference == pytest.approx(measured.same_size.accuracy - measured.own.accuracy)
    assert measured.repairs[0].gain.difference == pytest.approx(measured.repairs[0].accuracy - measured.own.accuracy)
    assert (measured.steps, measured.image_size, measured.recipe) == (6, 32, "the reference recipe")
    assert any(isinstance(event, ProbesPlanned) for event in events)
    assert {event.seed for event in events if isinstance(event, ProbeStarted)} == {0, 1}


def test_a_sound_network_has_nothing_to_repair(job):
    assert run(job, "sound")[1].repairs == ()


def test_the_configurations_recipe_is_used_where_its_rate_is_usual(job):
    assert run(job, configured=Recipe(batch_size=8))[1].recipe == "your recipe"
    measured = run(job, configured=Recipe(learning_rate=50.0, batch_size=8))[1]
    assert measured.recipe == "the reference recipe"
    assert "unusual" in measured.notes[0]


def test_what_a_network_raises_is_one_failure(job):
    events, _ = run(job, "Breaks")
    (failed,) = [event for event in events if isinstance(event, Failed)]
    assert (failed.part, "RuntimeError: the 13th call" in failed.why) == ("network.arms", True)


def test_too_little_time_is_said(job):
    events, measured = run(job, seconds=0.3)
    assert measured is None
    assert ["longer --budget" in event.why for event in events if isinstance(event, Failed)] == [True]
