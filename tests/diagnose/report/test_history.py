from builders import history, logged, wobble
from rich.console import Console

from diagnose.model import Ahead, Interval
from diagnose.report.history import history_charts, history_lines, print_history

AHEAD = Ahead(60, 0.82, Interval(0.8, 0.84), 0.02, True)
RUN = logged(
    train_loss=[2.0 * 0.9**n for n in range(20)],
    val_accuracy=wobble([0.5 + 0.01 * n for n in range(20)], 0.001),
    rate=[0.1] * 20,
    planned=40,
    ahead=AHEAD,
)


def test_a_line_for_each_run_and_its_forecast():
    first, forecast = history_lines(history(RUN))
    assert first.startswith("log.csv (table): 20 of 40 epochs; train loss 2 to 0.27")
    assert "best 69" in first
    assert "learning rate 0.1" in first
    assert forecast.startswith("Forecast at the same learning rate or schedule: 82.0% [80.0%, 84.0%; 80%] at epoch 60")


def test_nan_at_the_end_is_said():
    (line,) = history_lines(history(logged(train_loss=[2.0, 1.0, float("nan")])))
    assert "2 to 1, then NaN" in line


def test_many_runs_are_counted():
    *_, last = history_lines(history(*[logged(train_loss=[1.0], name=str(n)) for n in range(12)]))
    assert last == "4 more runs are in the JSON report."


def test_the_text_holds_the_curves(capsys):
    print_history(history(RUN), Console(width=90))
    shown = capsys.readouterr().out
    assert "Earlier runs" in shown
    assert "Logged loss of log.csv" in shown


def test_the_page_has_a_chart_for_each_metric():
    assert [one.title for one in history_charts(history(RUN))] == [
        "Logged loss, log.csv", "Logged accuracy, log.csv", "Logged learning rate, log.csv"
    ]  # fmt: skip
    assert history_charts(None) == []
