import math

from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.report.chart import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, chart

FINITE = st.floats(-1e6, 1e6)


def places(points):
    return [tuple(map(float, point.split(","))) for point in points.split()]


@settings(deadline=None)
@given(st.lists(st.tuples(FINITE, FINITE), min_size=2, max_size=20))
def test_every_point_and_tick_lies_within_the_box(points):
    made = chart("t", "x", "y", [("a", "scratch", points)])
    (line,) = made.lines
    assert len(places(line.points)) == len(points)
    assert all(LEFT <= x <= WIDTH - RIGHT and TOP <= y <= HEIGHT - BOTTOM for x, y in places(line.points))
    assert all(LEFT - 1 <= x <= WIDTH - RIGHT + 1 for x, _ in made.x_ticks)
    assert len(made.y_ticks) <= 12


def test_higher_values_stand_higher_and_ticks_are_round():
    made = chart("t", "x", "y", [("a", "scratch", [(0, 0.0), (50, 1.0)])])
    (low, high) = places(made.lines[0].points)
    assert low[1] > high[1]
    assert [label for _, label in made.y_ticks] == ["0", "0.2", "0.4", "0.6", "0.8", "1"]
    assert [label for _, label in made.x_ticks] == ["0", "10", "20", "30", "40", "50"]


def test_rates_are_logarithmic_with_marks():
    made = chart("t", "x", "y", [("a", "b", [(1e-4, 2), (1e-2, 1), (1, 3)])], logarithmic=True, marks=[(1e-3, "yours")])
    assert [label for _, label in made.x_ticks] == ["1e-4", "1e-3", "1e-2", "1e-1", "1e0"]
    assert made.marks == ((made.x_ticks[1][0], "yours"),)


def test_what_is_no_number_is_left_out():
    assert chart("t", "x", "y", [("a", "b", [(0, math.nan), (1, 2.0)])]) is None
    made = chart("t", "x", "y", [("a", "b", [(0, 1.0), (1, math.inf), (2, 2.0)]), ("c", "d", [])])
    assert [line.name for line in made.lines] == ["a"]
    assert len(places(made.lines[0].points)) == 2


def test_a_level_lies_across_the_page_and_within_it():
    made = chart("t", "x", "y", [("a", "b", [(0, 50.0), (60, 80.0)])], levels=[(12.5, "majority-class baseline")])
    assert made.levels == ((HEIGHT - BOTTOM, "majority-class baseline"),)
    assert all(y < HEIGHT - BOTTOM for _, y in places(made.lines[0].points))


def test_a_band_is_the_outline_of_both_its_edges():
    made = chart("t", "x", "y", [("a", "b", [(0, 1.0), (2, 3.0)])], bands=[("a", "b", [(0, 0.0, 2.0), (2, 2.0, 4.0)])])
    (band,) = made.bands
    assert [y for _, y in places(band.points)] == [HEIGHT - BOTTOM, 107.0, TOP, 107.0]
    assert all(TOP <= y <= HEIGHT - BOTTOM for _, y in places(made.lines[0].points))


def test_less_than_two_decades_have_more_ticks():
    made = chart("t", "x", "y", [("a", "b", [(20, 1.0), (150, 3.0)])], logarithmic=True)
    assert [label for _, label in made.x_ticks] == ["20", "50", "100"]
