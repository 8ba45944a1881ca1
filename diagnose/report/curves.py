"""Plots of the probes drawn with characters, as text: for the report and, by its own canvas, the TUI.

Lines are drawn in braille; every arm has a letter at its end as well as a colour, so that a plot without colour can
still be read. The legend is a line of its own outside of the plot.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from rich.text import Text

from diagnose.model import LearningCurve, LearningRate, ProbeRun

LINE, CLEAR = "braille", "default"
DIVERGED = "✗"
STYLES = {  # letter and colour
    "scratch": ("s", "orange"),
    "pretrained": ("p", "green"),
    "configured": ("c", "blue"),
    "suggested": ("g", "magenta"),
}
TERMINAL = {"orange": "yellow", "green": "green", "blue": "blue", "magenta": "magenta", "cyan": "cyan"}
SMOOTH = 5  # steps averaged in a plot of losses; the raw values are in the JSON
HIGHEST = 3.0  # losses above this many times the first are cut off, so that one divergence hides no curve


def label(run: ProbeRun) -> str:
    """An arm's name where it matters which architecture ran it."""
    return f"{run.arm}, {run.arch}"


def loss_curves(runs: Sequence[ProbeRun]) -> dict[str, tuple[str, list[int], list[float]]]:
    """Per arm and architecture: the arm, the steps, and the mean loss over its seeds, smoothed."""
    curves = {}
    for name, own in _by_label(runs).items():
        length = min(len(run.curve) for run in own)
        means = [fmean(run.curve[step][1] for run in own) for step in range(length)]
        smooth = [fmean(means[max(0, step - SMOOTH + 1) : step + 1]) for step in range(length)]
        curves[name] = (own[0].arm, *_below_ceiling(smooth))
    return curves


def _by_label(runs: Sequence[ProbeRun]) -> dict[str, list[ProbeRun]]:
    """The runs that have a curve, by arm and architecture."""
    found: dict[str, list[ProbeRun]] = {}
    for run in runs:
        if run.curve:
            found.setdefault(label(run), []).append(run)
    return found


def _below_ceiling(losses: Sequence[float]) -> tuple[list[int], list[float]]:
    """Steps and losses, without those that would hide the rest."""
    ceiling = HIGHEST * losses[0]
    kept = [(step, loss) for step, loss in enumerate(losses) if math.isfinite(loss) and loss <= ceiling]
    return [step for step, _ in kept], [loss for _, loss in kept]


def styled(curves: dict[str, tuple[str, list[int], list[float]]]) -> dict[str, tuple[str, str]]:
    """The letter and colour of each curve: the same arm on a second architecture has a capital letter."""
    used: dict[str, tuple[str, str]] = {}
    for name, (arm, _, _) in curves.items():
        letter, colour = STYLES.get(arm, (arm[:1] or "x", "cyan"))
        if letter in [taken for taken, _ in used.values()]:
            letter, colour = letter.upper(), f"{colour}+"
        used[name] = letter, colour
    return used


def legend(curves: dict[str, tuple[str, list[int], list[float]]]) -> Text:
    """Letters and names of the curves in their colours, for above the plot."""
    architectures = {name.rpartition(", ")[2] for name in curves}
    same = f", {architectures.pop()}" if len(architectures) == 1 else ""  # which every name would end in
    parts = [
        Text(f"{letter} {name.removesuffix(same)}", TERMINAL.get(colour.rstrip("+"), "cyan"))
        for name, (letter, colour) in styled(curves).items()
    ]
    return Text("   ").join(parts)


def draw_losses(plot: Any, curves: dict[str, tuple[str, list[int], list[float]]]) -> None:
    """Training loss by step onto a plotext figure, each with its letter at the end."""
    _draw_lines(plot, curves)
    plot.xlabel("step")
    plot.ylabel("training loss")


def _draw_lines(plot: Any, curves: dict[str, tuple[str, list[int], list[float]]]) -> None:
    for name, (letter, colour) in styled(curves).items():
        _, steps, values = curves[name]
        if steps:
            plot.plot(steps, values, marker=LINE, color=colour)
            plot.text(letter, steps[-1], values[-1], color=colour, background=CLEAR)


def accuracy_curves(runs: Sequence[ProbeRun]) -> dict[str, tuple[str, list[int], list[float]]]:
    """Validation accuracy in percent by step while it trained, of one seed of each arm that was looked at."""
    return {
        label(run): (run.arm, [step for step, _ in run.glances], [100 * reached for _, reached in run.glances])
        for run in runs
        if run.glances
    }


def draw_accuracies(plot: Any, curves: dict[str, tuple[str, list[int], list[float]]], chance: float) -> None:
    """Validation accuracy by step, over a line at that of the majority class (chance, 0..1)."""
    _draw_lines(plot, curves)
    plot.hline(100 * chance, color="gray")
    plot.xlabel(f"step; line: majority class, {chance:.0%}")
    plot.ylabel("validation accuracy, %")


def draw_diverged(plot: Any, runs: Sequence[ProbeRun]) -> list[str]:
    """A mark where each diverged run was last in sight; returns a sentence for each arm that diverged."""
    parts = []
    for name, own in _by_label(runs).items():
        for run in own:
            if run.diverged:
                steps, losses = _below_ceiling([loss for _, loss in run.curve])
                if steps:
                    plot.text(DIVERGED, steps[-1], losses[-1], color="red", background=CLEAR)
                    parts.append(f"{name}, seed {run.seed}: diverged at step {steps[-1] + 1}")
                break
    return parts


def loss_bands(runs: Sequence[ProbeRun]) -> dict[str, tuple[str, list[tuple[int, float, float]]]]:
    """Per arm and architecture of more than one seed: the arm, and by step the lowest and highest loss of its seeds,
    as far as they are in sight."""
    bands = {}
    for name, own in _by_label(runs).items():
        if len(own) > 1:
            by_step = [[run.curve[step][1] for run in own] for step in range(min(len(run.curve) for run in own))]
            steps, high = _below_ceiling([max(losses) for losses in by_step])
            bands[name] = own[0].arm, [(n, min(by_step[n]), top) for n, top in zip(steps, high, strict=True)]
    return bands


def draw_bands(plot: Any, runs: Sequence[ProbeRun]) -> None:
    """The lowest and highest loss of an arm's seeds, behind its mean."""
    for arm, band in loss_bands(runs).values():
        _, colour = STYLES.get(arm, ("x", "cyan"))
        for edge in (1, 2):
            plot.scatter([point[0] for point in band], [point[edge] for point in band], marker="·", color=colour)


def within_sight(tested: LearningRate) -> list[tuple[float, float]]:
    """The range test's curve without the losses that would hide the rest."""
    return [(rate, loss) for rate, loss in tested.curve if loss <= HIGHEST * tested.curve[0][1]]


def draw_range_test(plot: Any, tested: LearningRate) -> None:
    """Smoothed loss by the logarithm of the learning rate, with the configured and suggested rates marked."""
    shown = within_sight(tested)
    plot.plot([math.log10(rate) for rate, _ in shown], [loss for _, loss in shown], marker=LINE, color="cyan")
    marked = {"configured": (tested.configured, "blue"), "suggested": (tested.suggested, "magenta")}
    for rate, colour in marked.values():
        if rate:
            plot.vline(math.log10(rate), color=colour)
    ticks = range(math.floor(math.log10(tested.curve[0][0])), math.ceil(math.log10(tested.curve[-1][0])) + 1)
    plot.xticks(list(ticks), [f"1e{tick}" for tick in ticks])
    parts = ", ".join(f"{name} {rate:.2g}" for name, (rate, _) in marked.items() if rate)
    plot.xlabel(f"learning rate{'; lines: ' + parts if parts else ''}")
    plot.ylabel("loss")


def draw_images(plot: Any, curves: Sequence[LearningCurve]) -> None:
    """Validation accuracy in percent by images per class, and the interval of what twice as many would give."""
    ticks: set[float] = set()
    for one in curves:
        letter, colour = STYLES.get(one.start, ("x", "cyan"))
        at = [math.log10(images) for images, _ in one.points]
        reached = [100 * accuracy for _, accuracy in one.points]
        if not at:
            continue
        ticks |= {images for images, _ in one.points}
        plot.plot(at, reached, marker=LINE, color=colour)
        plot.text(letter, at[-1], reached[-1], color=colour, background=CLEAR)
        if one.doubled_interval:
            ticks.add(2 * one.points[-1][0])
            for end in (one.doubled_interval.low, one.doubled_interval.high):
                plot.plot([at[-1], at[-1] + math.log10(2)], [reached[-1], 100 * end], marker="·", color=colour)
    shown = sorted(ticks)
    plot.xticks([math.log10(tick) for tick in shown], [f"{tick:.3g}" for tick in shown])
    plot.xlabel("images per class; dots: interval for twice as many")
    plot.ylabel("accuracy, %")


def drawn(draw: Any, content: Any, width: int, height: int) -> str:
    """The plot as text with terminal colours, `width` by `height` characters."""
    import plotext

    plotext.clear_figure()
    plotext.theme("clear")
    plotext.plotsize(width, height)
    draw(plotext, content)
    return str(plotext.build())
