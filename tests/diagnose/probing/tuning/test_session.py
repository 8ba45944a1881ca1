"""Whole searches on two easy classes, by a clock that counts steps: real trainings, real proposals."""

from dataclasses import replace

import pytest

from diagnose.events import ProbesPlanned, ProbeStarted, ProbeStep, Tuned, Working
from diagnose.probing.job import Failed


def test_a_bad_rate_is_improved_and_the_gain_confirmed_on_new_seeds(tuned, job):
    events, measured = tuned(configured=replace(job.configured, learning_rate=30.0))
    assert measured.better
    (rate,) = [change for change in measured.changes if change.factor == "learning rate"]
    assert rate.before == "30"
    assert dict(rate.fields)["learning_rate"] < 3
    assert 3 <= measured.gain.seeds <= 8
    assert measured.gain.images == 32  # the half that the search never saw
    assert measured.gain.difference == pytest.approx(measured.reached - measured.start)
    assert measured.tried[0].changes == ""
    assert {type(event) for event in events} >= {ProbesPlanned, ProbeStarted, ProbeStep, Working, Tuned}
    seeds = {event.seed for event in events if isinstance(event, ProbeStarted)}
    assert len(seeds) == 1 + measured.gain.seeds  # one that searched, and new ones


def test_a_good_recipe_stays(tuned):
    _, measured = tuned()
    assert len(measured.tried) > 5
    assert not measured.better


def test_recipes_are_compared_at_rungs_and_most_never_train_in_full(tuned, job):
    _, measured = tuned(configured=replace(job.configured, learning_rate=30.0))
    steps = [one.steps for one in measured.tried]
    assert steps[0] == measured.steps
    assert set(steps) <= {measured.steps, measured.steps // 2, measured.steps // 4}
    assert steps.count(measured.steps) < len(steps)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_search(tuned):
    first, second = (tuned()[1] for _ in range(2))
    assert first.tried[:5] == second.tried[:5]


def test_a_budget_that_is_too_short_is_said(tuned):
    events, measured = tuned(seconds=0.5)
    assert measured is None
    assert any(isinstance(e, Failed) and e.part == "tuning" and "too short" in e.why for e in events)


def test_a_recipe_that_cannot_be_trained_is_not_tuned(tuned, job):
    events, measured = tuned(configured=replace(job.configured, outputs=1))
    assert measured is None
    assert [e.part for e in events if isinstance(e, Failed)] == ["configured", "tuning"]


def test_a_short_full_run_is_trained_whole(tuned, job):
    _, measured = tuned(configured=replace(job.configured, steps=8), full_run=replace(job.full_run, epochs=1))
    assert measured.steps == measured.full_steps == 8
