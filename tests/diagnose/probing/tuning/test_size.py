import pytest

from diagnose.probing.tuning import size


def second(steps):
    return 0.1 * steps


def test_recipes_climb_a_quarter_a_half_and_the_whole():
    assert size.rungs(60) == (15, 30, 60)
    assert size.rungs(2) == (1, 2)


def test_half_of_the_recipes_go_on_from_each_rung():
    assert size.of_recipe(100, second) == pytest.approx(2.5 + 5 / 2 + 10 / 4)


@pytest.mark.parametrize("time", [60, 120, 600, 3600])
def test_all_fits_into_the_time_and_a_third_is_kept_for_the_confirmation(time):
    steps = size.length(time, second)
    kept = size.reserve(time, steps, second)
    assert steps >= 20
    assert kept >= time / 3
    assert kept >= size.confirmation(3, steps, second)
    assert size.of_recipe(steps, second) * 5 + kept <= time


def test_more_time_makes_longer_trainings_and_more_recipes():
    lengths = [size.length(time, second) for time in (60, 200, 600, 3600)]
    assert lengths == sorted(lengths)
    assert (3600 - size.reserve(3600, lengths[-1], second)) / size.of_recipe(lengths[-1], second) > 40


def test_a_short_configured_run_is_never_exceeded():
    assert size.length(3600, second, most=32) == 32


def test_a_machine_that_became_slower_confirms_at_half_of_the_steps():
    assert size.confirmed(20, 12.0, second) == 20
    assert size.confirmed(20, 11.9, second) == 10


def test_no_time_is_no_length():
    assert size.length(5, second) == 0
