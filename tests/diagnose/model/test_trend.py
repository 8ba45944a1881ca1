import math

import pytest
from builders import GLANCES, probe_run
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.model import GLANCED, Trend, newcombe, second_half, wilson


def half(before, after, images, steps=(15, 30, 45, 60)):
    glances = tuple(zip(steps, (0.1, before, (before + after) / 2, after), strict=True))
    return second_half(probe_run(glances=glances), images)


@pytest.mark.parametrize(
    ("before", "after", "images", "trend"),
    [
        (0.31, 0.52, 600, Trend.RISING),
        (0.52, 0.31, 600, Trend.FALLING),
        (0.44, 0.52, 600, Trend.NOT_DECIDED),  # 100 images cannot show eight points
        (0.50, 0.50, 600, Trend.NOT_DECIDED),  # nor that nothing changed
        (1.0, 1.0, 600, Trend.LEVEL),
        (0.0, 0.0, 600, Trend.LEVEL),
        (0.30, 0.60, 20, Trend.NOT_DECIDED),
        (0.1, 0.9, 10, Trend.RISING),
    ],
)
def test_what_the_second_half_tells(before, after, images, trend):
    interval = half(before, after, images)
    assert interval.trend is trend
    assert interval.gain == pytest.approx(after - before)
    assert interval.images == min(GLANCED, images)


def test_half_is_the_glance_nearest_to_it():
    assert half(0.2, 0.8, 100, steps=(2, 4, 5, 7)).gain == pytest.approx(0.6)
    assert second_half(probe_run(glances=GLANCES), 600).gain == pytest.approx(0.52 - 0.31)


def test_without_glances_nothing_is_told():
    assert second_half(probe_run(), 600) is None
    assert second_half(probe_run(glances=((60, 0.5),)), 600) is None


def test_newcombes_own_example():
    """Method 10 on 56/70 against 48/80, as in the paper's table II: 0.0524 to 0.3339."""
    interval = newcombe((56 / 70, 70), (48 / 80, 80))
    assert (interval.low, interval.high) == (pytest.approx(0.0524, abs=1e-4), pytest.approx(0.3339, abs=1e-4))


@settings(deadline=None)
@given(st.integers(0, 100), st.integers(0, 600))
def test_an_interval_holds_its_difference_and_lies_between_the_ends(one, other):
    interval = newcombe((one / 100, 100), (other / 600, 600))
    assert -1 <= interval.low <= one / 100 - other / 600 <= interval.high <= 1
    mirrored = newcombe((other / 600, 600), (one / 100, 100))
    assert (mirrored.low, mirrored.high) == (pytest.approx(-interval.high), pytest.approx(-interval.low))


def test_wilsons_interval_of_nothing_and_everything_ends_there():
    assert wilson(0, 20).low == 0
    assert wilson(20, 20).high == 1
    assert math.isclose(wilson(5, 10).low, 0.2366, abs_tol=1e-4)
