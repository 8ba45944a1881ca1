"""The logged training diverged: its loss became NaN or infinite, or far larger than at the beginning.

What it looks for: a training loss that is no number from some point to the end of the log, or whose last values lie
above twice the first and ten times the lowest; a loss that was no number for a while, or only in validation; and a
validation accuracy that fell to a third of its best level, and to that of the first evaluation, and stays there.

Why it matters: weights that hold NaN stay so, and everything after that point was paid for nothing.

Example: SGD at a learning rate of 1.0 without warm-up; half precision without a gradient scaler.

Fix: a learning rate several times lower or a warm-up, gradient clipping, bfloat16 in place of float16; go back to a
checkpoint from before that point.

Source: IEEE 754, in which NaN stays NaN; Goodfellow et al., Deep Learning, 2016, 8.2.4 on exploding gradients.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import median

from diagnose.model import ACCURACY, LOSS, Check, Confidence, Curve, Evidence, Finding, LoggedRun, Severity
from diagnose.model.course import level, smoothed

ABOVE_FIRST, ABOVE_LOWEST = 2.0, 10.0  # times the first and the lowest loss: no noise and no restart reaches both
COLLAPSED = 3.0  # times: overfitting takes a part of the accuracy, never two thirds of it
SLACK = 1.5  # times the first evaluation, which is near chance
LAST = 3  # values that the last level is taken over
FIX = (
    "Lower the learning rate several times or add a warm-up, clip the gradients, use bfloat16 or a gradient scaler; "
    "resume from a checkpoint before that point."
)


def judge(evidence: Evidence) -> Iterator[Finding]:
    for run in evidence.history.runs:
        train, held = run.train(LOSS), run.held(LOSS)
        found = (_not_finite(run, train, True) if train else None) or (_exploded(run, train) if train else None)
        if found is None and held is not None and held.finite:  # one that never was a number is L811's
            found = _not_finite(run, held, False)
        found = found or _collapsed(run)
        if found is not None:
            yield found


def _not_finite(run: LoggedRun, curve: Curve, train: bool) -> Finding | None:
    bad = [point for point in curve.points if not math.isfinite(point.value)]
    if not bad:
        return None
    finite = curve.finite
    stays = not finite or finite[-1].x < bad[-1].x
    after = (p for p in curve.points if not finite or p.x > finite[-1].x)
    begin = next(after, bad[-1]) if stays else bad[0]  # the places of a damaged log need not rise
    what = "training loss" if train else "validation loss"
    if stays:
        summary = f"{run.name}: the {what} is NaN or infinite from {run.at(begin.x)} to the end at {run.at(run.last)}."
    else:
        summary = f"{run.name}: the {what} was NaN or infinite {len(bad)} times, first at {run.at(begin.x)}."
    grave = Severity.ERROR if train else Severity.WARNING
    return Finding(
        grave if stays else Severity.INFO,
        summary=summary,
        fix=FIX,
        measured={"from": begin.x, "unit": run.unit, "values": len(bad), "line": begin.line},
        files=(run.file,),
        subject=run.name,
    )


def _collapsed(run: LoggedRun) -> Finding | None:
    """The validation accuracy that was learned and lost again."""
    curve = run.held(ACCURACY)
    points = smoothed(curve.finite, LAST) if curve and len(curve.finite) > 2 * LAST else []
    if not points or curve is None:
        return None
    best = max(points, key=lambda point: point.value)
    last = level(curve.finite[-LAST:])
    lost = next((p for p in curve.finite if p.x > best.x and p.value <= best.value / COLLAPSED), None)
    if lost is None or last > best.value / COLLAPSED or last > curve.finite[0].value * SLACK:
        return None
    return Finding(
        Severity.ERROR,
        summary=f"{run.name}: validation accuracy falls from {best.value:.1%} back to {last:.1%} at {run.at(lost.x)} "
        "and stays there.",
        fix=FIX,
        measured={"from": lost.x, "unit": run.unit, "best": best.value, "last": last},
        files=(run.file,),
        confidence=Confidence.LIKELY,
        subject=run.name,
    )


def _exploded(run: LoggedRun, curve: Curve) -> Finding | None:
    values = [point.value for point in curve.finite]
    if len(values) <= LAST + 1 or min(values) < 0:
        return None
    last, lowest = median(values[-LAST:]), min(values)
    if last < ABOVE_FIRST * values[0] or last < ABOVE_LOWEST * lowest:
        return None
    turn = curve.finite[values.index(lowest)].x
    begin = next((p for p in curve.finite if p.x > turn and p.value > values[0]), curve.finite[-1])
    return Finding(
        Severity.ERROR,
        summary=f"{run.name}: the training loss rises to {last:.3g} from {run.at(begin.x)} on; it began at "
        f"{values[0]:.3g} and was {lowest:.3g} at its lowest.",
        fix=FIX,
        measured={"from": begin.x, "unit": run.unit, "first": values[0], "lowest": lowest, "last": last},
        files=(run.file,),
        confidence=Confidence.LIKELY,
        subject=run.name,
    )


CHECK = Check("L801", "run-diverged", needs=("history",), judge=judge)
