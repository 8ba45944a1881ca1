from builders import curve_of, wobble

from diagnose.model import Point
from diagnose.model.course import counting, jitter, paired, slope, smoothed_at, turn


def points(values):
    return [Point(n, value) for n, value in enumerate(values, start=1)]


def test_a_smooth_curve_has_next_to_no_noise():
    assert jitter([0.8**n for n in range(30)]) < 0.01
    assert 0.02 < jitter(wobble([0.5] * 40, 0.05)) < 0.07
    assert jitter([1, 2]) is None


def test_counting():
    assert round(counting(0.5, 100), 3) == 0.05
    assert counting(0.5, None) == 0
    assert counting(1.0, 100) > 0


def test_a_turn_and_none():
    turned = turn(points(wobble([2 - 0.1 * n for n in range(10)] + [1 + 0.05 * n for n in range(20)], 0.01)))
    assert turned.sure
    assert 9 <= turned.at <= 12
    falling = turn(points(wobble([2 * 0.9**n for n in range(30)], 0.01)))
    assert falling is None or not falling.sure


def test_slope_and_its_error():
    change, error = slope(points(wobble([0.1 * n for n in range(20)], 0.05)))
    assert abs(change - 1.9) < 0.1
    assert error < 0.1


def test_curves_at_different_steps_meet_in_means():
    train = curve_of("loss", "train", range(1, 11), every=10)
    held = curve_of("loss", "val", [5.0, 6.0], first=41, every=50)
    assert paired(train, held) == [(41, 3, 5.0), (91, 8, 6.0)]


def test_smoothed_at():
    assert smoothed_at(curve_of("loss", "train", [1, 9, 2, 3]), 3, 3) == 3
    assert smoothed_at(curve_of("loss", "train", [1]), 0, 3) is None
