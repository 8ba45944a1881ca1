"""Plots of the probes drawn with characters, as text: for the report and, by its own canvas, the TUI.

Every arm has a letter as well as a colour, so that a plot without colour can still be read.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from diagnose.model import LearningRate, ProbeRun

STYLES = {  # marker and colour
    "scratch": ("s", "orange"),
    "pretrained": ("p", "green"),
    "configured": ("c", "blue"),
    "suggested": ("g", "magenta"),
}
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


def draw_losses(plot: Any, curves: dict[str, tuple[str, list[int], list[float]]]) -> None:
    """Training loss by step onto a plotext figure."""
    used: set[str] = set()
    for name, (arm, steps, losses) in curves.items():
        marker, colour = STYLES.get(arm, ("x", "cyan"))
        if marker in used:  # the same arm on a second architecture
            marker, colour = marker.upper(), f"{colour}+"
        used.add(marker)
        plot.plot(steps, losses, label=name, marker=marker, color=colour)
    plot.xlabel("step")
    plot.ylabel("training loss")


def draw_bands(plot: Any, runs: Sequence[ProbeRun]) -> None:
    """The lowest and highest loss of an arm's seeds, behind its mean."""
    for own in _by_label(runs).values():
        if len(own) < 2:
            continue
        _, colour = STYLES.get(own[0].arm, ("x", "cyan"))
        for pick in (min, max):
            edge = [pick(run.curve[step][1] for run in own) for step in range(min(len(run.curve) for run in own))]
            plot.scatter(*_below_ceiling(edge), marker="·", color=colour)


def within_sight(tested: LearningRate) -> list[tuple[float, float]]:
    """The range test's curve without the losses that would hide the rest."""
    return [(rate, loss) for rate, loss in tested.curve if loss <= HIGHEST * tested.curve[0][1]]


def draw_range_test(plot: Any, tested: LearningRate) -> None:
    """Smoothed loss by the logarithm of the learning rate, with the configured and suggested rates marked."""
    shown = within_sight(tested)
    plot.plot([math.log10(rate) for rate, _ in shown], [loss for _, loss in shown], marker="*", color="cyan")
    marked = {"configured": (tested.configured, "blue"), "suggested": (tested.suggested, "magenta")}
    for rate, colour in marked.values():
        if rate:
            plot.vline(math.log10(rate), color=colour)
    ticks = range(math.floor(math.log10(tested.curve[0][0])), math.ceil(math.log10(tested.curve[-1][0])) + 1)
    plot.xticks(list(ticks), [f"1e{tick}" for tick in ticks])
    told = ", ".join(f"{name} {rate:.2g}" for name, (rate, _) in marked.items() if rate)
    plot.xlabel(f"learning rate{'; lines: ' + told if told else ''}")
    plot.ylabel("loss")


def drawn(draw: Any, content: Any, width: int, height: int) -> str:
    """The plot as text with terminal colours, `width` by `height` characters."""
    import plotext

    plotext.clear_figure()
    plotext.theme("clear")
    plotext.plotsize(width, height)
    draw(plotext, content)
    return str(plotext.build())
