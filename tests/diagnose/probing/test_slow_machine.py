"""Sessions on a machine that becomes slow: what was measured stays, what fits is run, what was not is named."""

import dataclasses

import pytest
import torch
from steps import Steps

from diagnose.events import Note, ProbesMeasured, ProbeStarted, ProbeStep, Working
from diagnose.probing import scale
from diagnose.probing import session as module
from diagnose.probing.job import Failed
from diagnose.probing.recipe import Recipe
from diagnose.probing.session import ProbeSession

pytestmark = pytest.mark.usefixtures("few_steps")


@pytest.fixture
def weights(weights_file):
    return weights_file


class Slowing(Steps):
    """A clock whose machine becomes `times` as slow at a moment that the test chooses."""

    def slow(self, times):
        self.each *= times


def watched(job, react, clock=None, **changes):
    """Every event of the session on a clock that `react(event, clock)` may slow, and every Probes."""
    clock, events = clock or Slowing(), []

    def hear(event):
        events.append(event)
        react(event, clock)

    ProbeSession(dataclasses.replace(job, **changes), torch.device("cpu"), hear, clock).run()
    return events, [event.probes for event in events if isinstance(event, ProbesMeasured)]


@pytest.fixture
def hopeless(job):
    """Classes that nothing tells apart: every second image of each has the other's label."""
    return dataclasses.replace(
        job,
        train=tuple((path, place // 2 % 2) for place, (path, _) in enumerate(job.train)),
        val=tuple((path, place // 2 % 2) for place, (path, _) in enumerate(job.val)),
    )


def test_a_run_that_learned_nothing_is_run_longer(hopeless, monkeypatch):
    monkeypatch.setattr(scale, "LENGTHS", (40, 20, 6))
    monkeypatch.setattr(scale, "length", lambda fits: 6)
    events, probes = watched(hopeless, lambda event, clock: None, seconds=60)
    lengths = [event.steps for event in events if isinstance(event, ProbeStarted) and event.arm == "scratch"]
    assert lengths[:3] == [6, 20, 40]
    assert {run.steps for run in probes[-1].of("scratch")} == {40}  # one length alone is compared


def test_where_no_longer_run_fits_the_machine_is_called_too_slow(hopeless):
    _, probes = watched(hopeless, lambda event, clock: None)
    (note,) = [note for note in probes[-1].notes if "too slow" in note]
    assert "no better than the majority-class baseline after 6 steps" in note
    assert "images per second" in note
    assert "a --budget of about 8 min" in note
    assert probes[-1].of("scratch")


def test_what_learns_is_run_once(job, weights, monkeypatch):
    monkeypatch.setattr(module.Bench, "beats_majority", lambda self, arm: True)
    _, probes = watched(job, lambda event, clock: None, weights=weights)
    assert not any("too slow" in note for note in probes[-1].notes)
    assert {run.steps for run in probes[-1].runs} == {6}


@pytest.mark.parametrize("when", ["at the start", "after the first answer", "once it trains"])
def test_a_machine_five_times_slower_than_expected_still_answers(job, weights, when):
    slowed = []

    def react(event, clock):
        now = {
            "at the start": isinstance(event, Note | Working),
            "after the first answer": isinstance(event, ProbesMeasured),
            "once it trains": isinstance(event, ProbeStarted) and event.steps > 1,
        }[when]
        if now and not slowed:
            slowed.append(event)
            clock.slow(5)

    events, probes = watched(job, react, weights=weights, configured=Recipe(batch_size=8), seconds=20)
    assert slowed
    assert probes[0].frozen is not None
    assert probes[-1].frozen is not None
    assert not any(isinstance(event, Failed) for event in events)
    assert probes[-1].runs
    assert probes[-1].dropped or probes[-1].comparison


def test_a_machine_that_stalls_in_the_first_training_trains_shorter(job, weights, monkeypatch):
    monkeypatch.setattr(scale, "LENGTHS", (60, 40, 20, 10, 6, 4))
    stalled = []

    def react(event, clock):
        if isinstance(event, ProbeStep) and event.step == 8 and not stalled:
            stalled.append(event)
            clock.slow(40)

    _, probes = watched(job, react, weights=weights, seconds=60)
    assert stalled
    assert probes[-1].runs
    assert {run.steps for run in probes[-1].runs} < {40, 20, 10, 6, 4}


def test_a_longer_run_that_cannot_end_leaves_what_the_shorter_one_measured(hopeless, monkeypatch):
    monkeypatch.setattr(scale, "LENGTHS", (40, 20, 6))
    monkeypatch.setattr(scale, "length", lambda fits: 6)
    lengths = []

    def react(event, clock):
        if isinstance(event, ProbeStarted) and event.arm == "scratch" and len(lengths) < 2:
            lengths.append(event.steps)
            if len(lengths) == 2:
                clock.slow(500)

    _, probes = watched(hopeless, react, seconds=60)
    assert lengths[1] > lengths[0]
    assert [run.steps for run in probes[-1].of("scratch")][:1] == lengths[:1]
    assert any(f"baseline after {lengths[0]} steps" in note for note in probes[-1].notes)


def test_an_interrupted_decode_keeps_what_it_has(job, weights, monkeypatch):
    """The images of the first answer are the first of all; what was decoded for it is not decoded again."""
    monkeypatch.setattr("diagnose.probing.pictures.PIECE", 4)
    monkeypatch.setattr("diagnose.probing.questions.features.FIRST", 8)

    def react(event, clock):
        if isinstance(event, Working) and event.what == "decoding images" and measured:
            clock.slow(1000)  # in the middle of decoding the images of the bench
        measured.extend([event] if isinstance(event, ProbesMeasured) else [])

    measured = []
    events, probes = watched(job, react, weights=weights, seconds=60)
    assert not any(isinstance(event, Failed) for event in events)
    assert (probes[-1].runs, probes[-1].frozen.train_images) == ((), 8)
    (note,) = [note for note in probes[-1].notes if "only frozen features were measured" in note]
    assert "too short for any training here" in note


def test_the_first_answer_outlives_larger_images_that_never_come(job, weights, monkeypatch):
    monkeypatch.setattr(scale, "SIDES", (32, 64))
    monkeypatch.setattr(scale, "ENOUGH", 2)

    def react(event, clock):
        if isinstance(event, Working) and event.what == "decoding images" and measured:
            clock.slow(1000)
        measured.extend([event] if isinstance(event, ProbesMeasured) else [])

    measured = []
    events, probes = watched(job, react, weights=weights, seconds=60)
    assert not any(isinstance(event, Failed) for event in events)
    assert probes[-1].frozen == probes[0].frozen


def test_what_there_was_no_time_for_is_named(job, weights):
    def react(event, clock):
        if isinstance(event, ProbesMeasured) and event.probes.runs:
            clock.slow(1000)

    _, probes = watched(job, react, weights=weights, configured=Recipe(batch_size=8), seconds=60)
    assert {"which factor explains what", "the configuration", "learning rate"} <= set(probes[-1].dropped)
    assert "frozen features" not in probes[-1].dropped
    assert all(not one.dropped for one in probes[:-1])


def test_without_time_for_any_training_all_of_them_are_named(job, weights, monkeypatch):
    monkeypatch.setattr(scale, "length", lambda fits: 0)
    events, probes = watched(job, lambda event, clock: None, weights=weights, configured=Recipe(batch_size=8))
    assert not any(isinstance(event, Failed) for event in events)
    assert (probes[-1].runs, [curve.start for curve in probes[-1].curves]) == ((), ["pretrained"])
    assert {"which factor explains what", "the configuration", "learning rate"} <= set(probes[-1].dropped)
