"""What earlier runs logged, for people: a line for each run, its forecast, its curves."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.text import Text

from diagnose.model import ACCURACY, LOSS, RATE, TEST, TRAIN, VAL, Curve, History, LoggedRun, printable
from diagnose.report.chart import Chart, chart
from diagnose.report.curves import CLEAR, LINE, drawn

MOST = 8  # runs that are described
HEIGHT = 12  # lines of a plot in text
# The letter at the end of a curve, its colour in a plot, in a terminal and on a page.
STYLES = {
    TRAIN: ("t", "blue", "blue", "configured"),
    VAL: ("v", "orange", "yellow", "scratch"),
    TEST: ("e", "magenta", "magenta", "suggested"),
}
Drawn = dict[str, tuple[str, list[float], list[float]]]  # by name the split, x and values


def history_lines(history: History) -> Iterator[str]:
    """A line for each run, and its forecast below it."""
    for run in history.runs[:MOST]:
        yield run_line(run)
        if line := forecast_line(run):
            yield line
    if len(history.runs) > MOST:
        yield f"{len(history.runs) - MOST} more runs are in the JSON report."
    yield from history.notes


def run_line(run: LoggedRun) -> str:
    """How long the run was, and where its curves began, were best and ended."""
    planned = f" of {run.planned}" if run.planned and run.unit == "epoch" and run.planned > run.last else ""
    parts = [f"{run.last:,.0f}{planned} {run.unit}s"]
    for curve in run.curves:
        if curve.finite and curve.metric in (LOSS, ACCURACY, RATE):
            parts.append(_course(run, curve))
    return f"{printable(run.name)} ({run.form}): {'; '.join(parts)}."


def _course(run: LoggedRun, curve: Curve) -> str:
    first, last = curve.finite[0].value, curve.finite[-1].value
    broken = ", then NaN" if not math.isfinite(curve.points[-1].value) else ""
    name = " ".join(part for part in (curve.split, curve.metric) if part)
    if curve.metric == ACCURACY:
        best = max(curve.finite, key=lambda point: point.value)
        at_best = f", best {best.value:.1%} at {run.at(best.x)}" if curve.split != TRAIN else ""
        return f"{name} {first:.1%} to {last:.1%}{at_best}{broken}"
    return f"{name} {first:.3g} to {last:.3g}{broken}" if first != last else f"{name} {first:.3g}{broken}"


def forecast_line(run: LoggedRun) -> str:
    """Where validation accuracy is going and whether it is worth it; "" without a forecast."""
    ahead = run.ahead
    if ahead is None:
        return ""
    low, high = ahead.interval.low, ahead.interval.high
    advice = "worth the time" if ahead.worth else "not shown to be better than the best so far"
    return (
        f"Forecast at the same learning rate or schedule: {ahead.accuracy:.1%} [{low:.1%}, {high:.1%}; 80%] at "
        f"{run.at(ahead.at)}, {advice}."
    )


def curves_of(run: LoggedRun, metric: str) -> Drawn:
    """The curves of a metric by split; accuracies in percent."""
    scale = 100.0 if metric == ACCURACY else 1.0
    return {
        curve.split or metric: (curve.split, [p.x for p in curve.finite], [scale * p.value for p in curve.finite])
        for curve in run.curves
        if curve.metric == metric and len(curve.finite) > 1
    }


def draw_logged(plot: Any, content: tuple[LoggedRun, str]) -> None:
    """The curves of a run's metric onto a plotext figure, each with its letter at the end."""
    run, metric = content
    for split, xs, ys in curves_of(run, metric).values():
        letter, colour, *_ = STYLES.get(split, ("x", "cyan", "cyan", "pretrained"))
        plot.plot(xs, ys, marker=LINE, color=colour)
        plot.text(letter, xs[-1], ys[-1], color=colour, background=CLEAR)
    plot.xlabel(run.unit)
    plot.ylabel("accuracy, %" if metric == ACCURACY else metric)


def legend(run: LoggedRun) -> Text:
    """Letters and names of the splits that are drawn."""
    splits = dict.fromkeys(curve.split for curve in run.curves if curve.split in STYLES)
    return Text("   ").join(Text(f"{STYLES[split][0]} {split}", STYLES[split][2]) for split in splits)


def metrics_of(run: LoggedRun) -> list[str]:
    """The metrics that are worth a plot."""
    return [metric for metric in (LOSS, ACCURACY, RATE) if curves_of(run, metric)]


def print_history(history: History, console: Console) -> None:
    """Prints the runs, and the curves of the one that most is known of."""
    console.print(Text("\nEarlier runs", "bold"))
    for line in history_lines(history):
        console.print(Text(printable(line)), soft_wrap=True)
    run = history.main
    for metric in metrics_of(run)[:2] if run else ():
        assert run is not None
        console.print(Text.assemble(f"\nLogged {metric} of {printable(run.name)}   ", legend(run)), soft_wrap=True)
        console.print(Text.from_ansi(drawn(draw_logged, (run, metric), console.width, HEIGHT)))


def history_charts(history: History | None) -> list[Chart]:
    """The curves of the main run, for a page."""
    run = history.main if history else None
    if run is None:
        return []
    made = [
        chart(
            f"Logged {metric}, {printable(run.name)}",
            run.unit,
            "accuracy in %" if metric == ACCURACY else metric,
            [
                (name, STYLES[split][3] if split in STYLES else "pretrained", list(zip(xs, ys, strict=True)))
                for name, (split, xs, ys) in curves_of(run, metric).items()
            ],
        )
        for metric in metrics_of(run)
    ]
    return [one for one in made if one]
