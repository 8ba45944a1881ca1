import pytest
from builders import logged, wobble

from diagnose.logs.forecast import forecast, with_forecast
from diagnose.model import Point


def points(values):
    return [Point(n, value) for n, value in enumerate(values, start=1)]


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_a_power_law_is_continued(power):
    value, deviation = forecast(points(wobble([0.8 - 0.4 * n**-power for n in range(1, 31)], 0.001)), 60)
    assert abs(value - (0.8 - 0.4 * 60**-power)) < max(0.01, 2 * deviation)


def test_a_flat_curve_stays_where_it_is():
    value, _ = forecast(points(wobble([0.7] * 30, 0.01)), 60)
    assert abs(value - 0.7) < 0.01


def test_where_it_is_planned_to_end():
    run = with_forecast(logged(val_accuracy=wobble([0.8 - 0.4 / n for n in range(1, 21)], 0.001), planned=40))
    assert run.ahead.at == 40
    assert run.ahead.interval.low < run.ahead.accuracy < run.ahead.interval.high


def test_what_came_before_a_change_of_the_rate_is_left_out():
    curve = [0.5 + 0.01 * n for n in range(17)] + [0.8, 0.81, 0.81]
    run = with_forecast(logged(val_accuracy=curve, rate=[0.1] * 17 + [0.01] * 3))
    assert run.ahead is None
    assert "since the learning rate changed" in run.why_no_forecast


def test_without_validation_accuracy_or_with_few_values():
    assert "no validation accuracy" in with_forecast(logged(train_loss=[1.0])).why_no_forecast
    assert "too few" in with_forecast(logged(val_accuracy=[0.1, 0.2])).why_no_forecast
