"""A curve of the log breaks, and what caused it.

What it looks for: a place between two evaluations where the level of a curve (losses, accuracies; the median of four
evaluations before and after) changes by a tenth of its range after the first quarter of the log, by eight times its own
noise, and by three times as much as over as many evaluations next to it, most of it in one step. Beside it: a resume,
an unfreezing or a change of the learning rate in the log, and the milestone of the program's schedule at that epoch. A
step for the worse at a resume is a warning.

Why it matters: a step for the worse after a resume means that something was not restored; one for the better shows that
the decay came late, or that frozen layers or strong augmentation held the run back.

Example: the loss jumps from 0.4 to 0.9 where the run was resumed: the optimizer's state was not loaded.

Fix: restore model, optimizer, schedule and epoch together; move a milestone to where the curve flattens.

Source: second differences as the curve's noise (Gasser et al. 1986).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from diagnose.model import (
    ACCURACY,
    LOSS,
    RATE,
    Check,
    Confidence,
    Evidence,
    Finding,
    Location,
    LoggedRun,
    Point,
    Severity,
)
from diagnose.model.course import jitter, level

OF_NOISE, OF_RANGE = 8.0, 0.1
BESIDE = 2.0  # times the change next to it: of a smooth course neighbours change alike
LEAST, OF_LEVEL = 0.01, 0.05  # of accuracy, and of the loss: less is no event
AT_ONCE = 0.6  # of the change, between two neighbours: of a steady fall it is a quarter
FIRST = 0.25  # of the log, in which any course is steep
WIDTH = 4  # evaluations of a level
UNEXPLAINED = ", for a reason that neither log nor program gives"
CHANGED = 1.5  # factor between two learning rates


@dataclass(frozen=True)
class _Step:
    before: Point
    after: Point
    change: float
    noise: float


def judge(evidence: Evidence) -> Iterator[Finding]:
    for run in evidence.history.runs:
        for curve in (run.train(LOSS), run.held(LOSS), run.train(ACCURACY), run.held(ACCURACY)):
            step = _step(curve.finite, curve.metric == ACCURACY) if curve else None
            if curve is None or step is None:
                continue
            better = (step.change < 0) == (curve.metric == LOSS)
            cause, location = _cause(evidence, run, step.before.x, step.after.x, better)
            resumed = not better and "resume" in cause
            split = "training" if curve is run.train(curve.metric) else "validation"
            before, after = step.before.value, step.after.value
            yield Finding(
                Severity.WARNING if resumed else Severity.INFO,
                summary=f"{run.name}: the {split} {curve.metric} steps {'up' if step.change > 0 else 'down'} from "
                f"{before:.3g} to {after:.3g} at {run.at(step.after.x)}{f': {cause}' if cause else UNEXPLAINED}.",
                fix="Restore model, optimizer, schedule and epoch together when a run is resumed."
                if resumed
                else "Move the change to where the curve flattens, or look at what happened there.",
                measured={"at": step.after.x, "before": before, "after": after, "noise": step.noise},
                files=(run.file,),
                location=location,
                confidence=Confidence.LIKELY,
                subject=run.name,
            )
            break  # one curve's break is that of the others


def _step(points: Sequence[Point], accuracy: bool) -> _Step | None:
    """The largest lasting change of level between two neighbours; None without one that stands out."""
    first = max(1, round(FIRST * len(points)))
    if len(points) - first < 4 * WIDTH:
        return None
    values = [point.value for point in points]
    noise, varied = jitter(values[first:]) or 0.0, max(values[first:]) - min(values[first:])
    levels = [level(points[n : n + WIDTH]) for n in range(len(points) - WIDTH + 1)]
    changes = [levels[n + WIDTH] - levels[n] for n in range(len(levels) - WIDTH)]  # before and after n + WIDTH
    n = max(range(max(0, first + 1 - WIDTH), len(changes)), key=lambda one: abs(changes[one]))
    beside = [abs(changes[m]) for m in (n - WIDTH, n + WIDTH) if 0 <= m < len(changes)]
    if len(beside) < 2:
        return None
    floor = LEAST if accuracy else OF_LEVEL * abs(level(points))
    if abs(changes[n]) < max(floor, OF_NOISE * noise, OF_RANGE * varied, BESIDE * max(beside)):
        return None
    at = max(range(n + 1, n + 2 * WIDTH), key=lambda m: abs(values[m] - values[m - 1]))
    if (values[at] - values[at - 1]) / changes[n] < AT_ONCE:
        return None
    return _Step(points[at - 1], points[at], changes[n], noise)


def _cause(
    evidence: Evidence, run: LoggedRun, before: float, after: float, better: bool
) -> tuple[str, Location | None]:
    """What stands between the two places, and the line of the program that does it."""
    for mark in run.marks:
        if mark.kind in ("resume", "unfreeze") and before - 1e-9 <= mark.x <= after + 1e-9:
            line = f" (line {mark.line})" if mark.line else ""
            return f"the log speaks of a {mark.kind.replace('unfreeze', 'thaw of layers')} there{line}", None
    schedulers = evidence.code.schedulers if evidence.code else ()
    for scheduler in schedulers:
        steps = scheduler.milestones
        if scheduler.period and scheduler.name == "step":
            steps = (int(after) // scheduler.period * scheduler.period,)
        if run.unit == "epoch" and any(before - 1e-9 <= step <= after + 1e-9 for step in steps):
            return f"the {scheduler.name} schedule changes the learning rate there", scheduler.location
    rate = run.curve(RATE)
    for one, other in pairwise(rate.finite if rate else ()):
        if one.value > 0 and other.value > 0 and before - 1e-9 <= other.x <= after + 1e-9:
            factor = other.value / one.value
            # A rate that rises in a warm-up is no cause of a step for the better.
            if (1 / factor if better else max(factor, 1 / factor)) > CHANGED:
                return f"the learning rate changes from {one.value:.2g} to {other.value:.2g} there", None
    return "", None


CHECK = Check("L808", "curve-breaks", needs=("history",), judge=judge)
