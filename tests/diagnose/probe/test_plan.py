import pytest

from diagnose.probe.job import Recipe
from diagnose.probe.plan import USE, Arm, Speed, make_plan

ARMS = [Arm("scratch", "net", None, Recipe()), Arm("pretrained", "net", "weights", Recipe())]
FAST, SLOW = Speed(0.001, 0.0005, 0.1), Speed(0.02, 0.005, 0.3)


def plan(speed, seconds, arms=ARMS):
    return make_plan(arms, {"net": speed}, "net", batch=16, evaluated=400, seconds=seconds, longest=60)


def test_plenty_of_time_buys_six_seeds_and_the_longest_runs():
    chosen = plan(FAST, 170)
    assert (chosen.seeds, chosen.steps) == (6, 60)


def test_less_time_buys_fewer_seeds():
    assert plan(SLOW, 170).seeds < 6


@pytest.mark.parametrize("seconds", [60, 90, 170, 600])
def test_a_plan_stays_inside_its_time(seconds):
    chosen = plan(SLOW, seconds)
    assert chosen is None or chosen.seconds <= USE * seconds


def test_too_little_time_is_no_plan():
    assert plan(SLOW, 5) is None


def test_a_reference_that_runs_once_costs_one_seed():
    once = [*ARMS, Arm("scratch", "net", None, Recipe(), once=True)]
    always = [*ARMS, Arm("scratch", "net", None, Recipe())]
    assert plan(FAST, 170, once).seconds < plan(FAST, 170, always).seconds
