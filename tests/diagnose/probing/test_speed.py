import numpy as np
import pytest
import torch
from tiny_networks import OTHER, TINY

from diagnose.probing import speed as module
from diagnose.probing.clock import Machine, OutOfTime
from diagnose.probing.speed import CALIBRATION, LATEST, Speed, Speeds
from diagnose.probing.train import Trained


@pytest.fixture
def speeds(clock):
    said = []
    made = Speeds(32, 8, 2, torch.device("cpu"), Machine(clock), lambda *result: said.append(result))
    made.said, made.clock = said, clock
    return made


def ran(train, whole, **more):
    values = {"curve": ((0, 1.0),), "hits": np.ones(4), "losses": np.ones(4), "diverged": False, "images": 8, **more}
    return Trained(**values, train_seconds=train, seconds=whole)


def test_an_architecture_is_timed_once_and_that_is_told(speeds):
    first = speeds.of(TINY)
    assert min(first.train, first.evaluate, first.build) > 0
    assert speeds.said == [(f"timing {TINY}", step, CALIBRATION) for step in range(CALIBRATION + 1)]
    assert speeds.of(TINY) is first
    assert len(speeds.said) == CALIBRATION + 1
    speeds.of(OTHER)
    assert speeds.said[-1][0] == f"timing {OTHER}"


def test_a_slow_first_step_is_not_the_pace(speeds, monkeypatch):
    def trained(model, recipe, images, schedule, batch, seed, stamp, machine, evaluate):
        for step, seconds in enumerate((50.0, 1.0, 1.0, 1.2)):
            speeds.clock.now += seconds
            stamp(step, 1.0)

    monkeypatch.setattr(module, "train", trained)
    assert speeds.of(TINY).train == pytest.approx(1.0 / 8, rel=0.1)


def test_past_the_deadline_nothing_is_timed(speeds):
    speeds._machine.deadline = 0.0
    with pytest.raises(OutOfTime):
        speeds.of(TINY)
    assert speeds.pace(TINY) is None
    speeds._machine.deadline = float("inf")
    assert speeds.of(TINY).train > 0


def test_every_step_corrects_it(speeds):
    speeds._known[TINY] = Speed(1.0, 1.0, 1.0)
    speeds.step_took(TINY, 16.0)
    assert speeds.of(TINY).train == pytest.approx(1 + LATEST * (2.0 - 1))
    assert speeds.pace(TINY) == pytest.approx(1 / speeds.of(TINY).train)
    speeds.step_took(OTHER, 16.0)  # was never timed, so there is nothing to correct
    assert speeds.pace(OTHER) is None


def test_a_whole_run_corrects_building_and_evaluation(speeds):
    speeds._known[TINY] = Speed(1.0, 1.0, 1.0)
    speeds.ran(TINY, ran(8.0, 18.0), built=3.0, evaluated=20)
    speed = speeds.of(TINY)
    assert speed.train == 1.0  # by its steps alone
    assert speed.build == pytest.approx(1 + LATEST * 2.0)
    assert speed.evaluate == pytest.approx(1 - LATEST * 0.5)


@pytest.mark.parametrize("done", [ran(8.0, 8.1, void=True), ran(8.0, 8.1, hits=np.empty(0))])
def test_a_run_that_was_not_evaluated_says_nothing_of_evaluation(speeds, done):
    speeds._known[TINY] = Speed(1.0, 1.0, 1.0)
    speeds.ran(TINY, done, built=1.0, evaluated=20)
    assert speeds.of(TINY).evaluate == 1.0
