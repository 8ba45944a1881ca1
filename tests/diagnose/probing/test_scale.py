import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.probing import scale
from diagnose.probing.scale import (
    BATCHES,
    ENOUGH,
    FEW,
    FEWEST_HELD_OUT,
    LENGTHS,
    SIDES,
    batch_for,
    images_for,
    length,
    longer,
    side_for,
    steps_within,
)

SECONDS, PACE = st.floats(0.1, 1e5), st.floats(1e-5, 2.0)


def test_steps_are_the_time_without_what_surrounds_them():
    assert steps_within(130.0, 2, 10, 0.05) == pytest.approx(100)
    assert steps_within(130.0, 2, 10, 0.05) * 2 * 10 * 0.05 < 130


@settings(deadline=None)
@given(SECONDS, PACE, st.sampled_from((48, 64, 100, 224, 512)))
def test_images_are_as_large_as_leaves_enough_steps(seconds, pace, largest):
    side = side_for(seconds, 4, pace, largest)
    assert side in SIDES
    assert side <= max(largest, SIDES[0])
    if side > SIDES[0]:
        assert steps_within(seconds, 4, BATCHES[0], pace * (side / SIDES[0]) ** 2) >= ENOUGH


def test_a_slow_machine_trains_small_and_a_fast_one_large():
    assert side_for(60, 6, 0.05, 224) == 64
    assert side_for(1e6, 6, 0.0005, 224) == 224
    assert side_for(60, 6, 0.05, 48, 48) == 48  # smaller than all: the side that was timed


@settings(deadline=None)
@given(SECONDS, PACE, st.integers(2, 256))
def test_a_batch_never_exceeds_what_is_configured(seconds, pace, largest):
    assert 2 <= batch_for(seconds, 4, pace, largest) <= min(largest, BATCHES[-1])


def test_larger_batches_come_with_time():
    assert batch_for(10, 6, 0.01, 64) == 16
    assert batch_for(1e6, 6, 0.0001, 64) == 64
    assert batch_for(1e6, 6, 0.0001, 32) == 32
    assert batch_for(10, 6, 0.01, 6) == 6


@settings(deadline=None)
@given(st.floats(1, 3000), st.sampled_from((2, 16, 64)), st.integers(2, 5000), st.integers(2, 5000), SECONDS, PACE)
def test_images_are_some_and_no_more_than_there_are(steps, batch, train, val, seconds, pace):
    used, held = images_for(steps, batch, (train, val), seconds, pace, 128)
    assert min(train, 2 * batch) <= used <= train
    assert min(val, FEWEST_HELD_OUT) <= held <= val


def test_runs_get_the_images_that_they_see():
    assert images_for(100, 16, (5000, 5000), 1e6, 0.01, 128) == (1600, 832)
    assert images_for(2000, 64, (5000, 600), 1e6, 0.01, 128) == (5000, 600)
    assert images_for(1, 16, (5000, 600), 1e6, 0.01, 128)[0] == LENGTHS[-1] * 16  # as many as the shortest run sees


@settings(deadline=None)
@given(st.floats(1, 3000), st.floats(10, 1e5), st.floats(1e-4, 0.5))
def test_decoding_takes_a_small_part_of_the_time(steps, seconds, pace):
    train, held = images_for(steps, 16, (10**6, 10**6), seconds, pace, 128)
    fewest = 2 * FEWEST_HELD_OUT  # are decoded whatever they cost
    assert train + held <= max(fewest, scale.DECODING * seconds / pace + 1)


def within(seconds, rounds_cost):
    """Whether runs fit: a second a step, two arms where all are trained and else one."""
    arms = {scale.Arms.ALL: 2, scale.Arms.PAIR: 1, scale.Arms.ONE: 1}
    return lambda steps, rounds, which, share: rounds * rounds_cost * steps * arms[which] <= share * seconds


@settings(deadline=None)
@given(st.floats(1, 1e6))
def test_a_run_has_a_length_that_fits(seconds):
    fits = within(seconds, 1.0)
    steps = length(fits)
    assert steps in (*LENGTHS, 0)
    assert not steps or any(fits(steps, *option[:3]) for option in scale.OPTIONS)
    if not steps:
        assert not any(fits(LENGTHS[-1], *option[:3]) for option in scale.OPTIONS)


def test_fewer_seeds_or_arms_are_better_than_shorter_runs():
    three = 6 * 90 / 0.4  # seconds of three rounds of both arms at the fewest steps that are worth it
    assert length(within(three, 1.0)) == 90
    assert length(within(three - 1, 1.0)) == 120  # two rounds of them, longer
    assert length(within(4 * 60 / 0.5 - 1, 1.0)) == 120  # of one arm, which are more
    assert length(within(FEW / 0.8, 1.0)) == FEW  # one round of one arm


def test_a_machine_too_slow_for_that_trains_as_long_as_it_can():
    assert length(within(30 / 0.8, 1.0)) == 30
    assert length(within(19 / 0.8, 1.0)) == 0


def test_a_new_start_is_much_longer_or_none():
    assert longer(45, lambda steps: True) == 90
    assert longer(60, lambda steps: True) == 120
    assert longer(60, lambda steps: steps < 120) == 0
    assert longer(LENGTHS[0], lambda steps: True) == 0
