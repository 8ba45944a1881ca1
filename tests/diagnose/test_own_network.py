"""Which network of the person's own is asked about, and what becomes of its two processes."""

import dataclasses

import pytest
from builders import arms, config, dataset, network

from diagnose import own_network as module
from diagnose.controls import Controls
from diagnose.events import NetworkMeasured, Note
from diagnose.model import InputError, Location, OwnClass, Program
from diagnose.own_network import Asked, Examination, asked_about, asked_for, check_named, left_to_probes
from diagnose.probing.job import Failed, Job

OWN = OwnClass("Net", "train", Location("train.py", 12))
ASKED = Asked("nets:build", 2, 224, 64, ())


def why(**changes):
    program = Program("pytorch", own_model=True, own_class=dataclasses.replace(OWN, **changes))
    source, outcome = asked_for(None, True, None, program)
    assert source is None
    return outcome


def test_what_is_typed_comes_first_and_a_configuration_that_was_not_typed_runs_nothing():
    named = config(model="nets:other")
    assert asked_for("nets:build", True, named, None) == ("nets:build", "")
    assert asked_for(None, True, named, None) == ("nets:other", "")
    assert "was not typed" in asked_for(None, False, named, None)[1]
    assert asked_for(None, True, None, None) == (None, "no --model was given")


def test_a_class_of_the_program_is_named_with_the_exact_option():
    assert (
        why()
        == "your network is Net (train.py:12); it was not run, since that executes your code: add --model train:Net"
    )
    assert "importing train would run a loop (line 30)" in why(runs_at_import="a loop (line 30)")
    assert "given depth: write a function" in why(needs=("depth",))


def test_the_probes_keep_half_of_the_budget_and_less_where_the_network_is_all():
    shares = [left_to_probes(*given) for given in ((None, None), ("n:b", config()), ("n:b", None))]
    assert shares == [1.0, 0.5, pytest.approx(0.2)]


def test_it_is_measured_at_the_size_that_the_configuration_or_the_images_have():
    assert asked_about("n:b", config(input_size=48), None, dataset()).image_side == 48
    assert asked_about("n:b", None, None, None).image_side == 224


@pytest.fixture
def child(child, monkeypatch):
    """The training process, played: `messages` are what it says."""
    monkeypatch.setattr(module, "ProbeProcess", child)
    monkeypatch.setattr(module, "measure", lambda *_: network())
    return child


def examined(child, job=True, seconds=60.0):
    examination = Examination(ASKED, "cpu", Controls())
    given = Job(("a", "b"), (), (), seconds)
    events = list(examination.run(lambda: 60.0, (lambda left: given) if job else None, 5.0))
    return examination, events


def test_its_trainings_join_what_was_measured(child):
    child.messages = (NetworkMeasured(arms()),)
    outcome, events = examined(child)
    assert outcome.network.arms == arms()
    assert outcome.network.own is not None
    assert (child.job.network.source, child.job.network.image_side) == ("nets:build", 64)
    assert isinstance(events[0], NetworkMeasured)
    assert outcome.gaps == []


def test_what_stops_it_is_one_gap_and_what_came_before_stays(child):
    child.messages = (NetworkMeasured(arms()), Failed("killed by SIGSEGV"))
    outcome, events = examined(child)
    assert outcome.network.arms is not None
    assert [(gap.code, gap.failed) for gap in outcome.gaps] == [("network.arms", True)]
    assert isinstance(events[-1], Note)
    child.messages = (NetworkMeasured(arms()), Failed("late", late=True))
    assert examined(child)[0].gaps == []


def test_a_network_that_does_not_run_is_not_trained(child, monkeypatch):
    monkeypatch.setattr(module, "measure", lambda *_: network(crash="RuntimeError: no"))
    outcome, events = examined(child)
    assert (events, [gap.code for gap in outcome.gaps]) == ([], ["network"])


def test_without_images_or_time_nothing_is_trained(child):
    child.messages = (NetworkMeasured(arms()),)
    assert examined(child, job=False)[0].network.arms is None
    told, _ = examined(child, seconds=2.0)
    assert told.network.arms is None
    assert "longer --budget" in told.why


@pytest.mark.parametrize("source", ["nets", "nets:", ":build", "nets:a b", "nets;rm:x"])
def test_what_is_not_a_name_is_wrong_use(source):
    with pytest.raises(InputError, match="such as --model"):
        check_named(source, ())


def test_a_module_that_does_not_exist_is_wrong_use_before_anything_else(tmp_path):
    (tmp_path / "nets.py").write_text("raise SystemExit\n")  # it is not executed
    (tmp_path / "package").mkdir()
    for source in ("nets:build", "package.nets:build", "json:loads"):
        check_named(source, (tmp_path,))
    with pytest.raises(InputError, match=f"no module other lies in {tmp_path}"):
        check_named("other:build", (tmp_path,))
