"""The best epoch of the log lies long before its end.

What it looks for: validation accuracy (or the loss, without one) whose best level was reached before half of the run,
with ten evaluations or more after it, and whose end is worse by a point (a loss: by a tenth) and three standard errors.
A warning from two points on.

Why it matters: the time after it was paid for nothing, and a program that keeps its last checkpoint keeps a worse one.

Example: best at epoch 14 of 100.

Fix: keep the best checkpoint, stop early with a patience, or lower the learning rate where the curve flattens.

Source: Prechelt, Early Stopping - But When?, 1998.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import ACCURACY, LOSS, Check, Confidence, Evidence, Finding, Point, Severity
from diagnose.model.course import turn

EARLY = 0.5  # of the run
AFTER = 10  # evaluations
WORSE, CLEARLY = 0.01, 0.02  # of accuracy
WORSE_LOSS = 0.1  # of the lowest loss


def judge(evidence: Evidence) -> Iterator[Finding]:
    for run in evidence.history.runs:
        curve = run.held(ACCURACY) or run.held(LOSS)
        if curve is None:
            continue
        accuracy = curve.metric == ACCURACY
        points = [Point(p.x, 1 - p.value) for p in curve.finite] if accuracy else list(curve.finite)
        turned = turn(points)
        if turned is None or turned.after < AFTER or turned.at > EARLY * run.last:
            continue
        best, last = (1 - turned.lowest, 1 - turned.last) if accuracy else (turned.lowest, turned.last)
        if not turned.sure or turned.rise < (WORSE if accuracy else WORSE_LOSS * abs(turned.lowest)):
            continue
        worse = accuracy and turned.rise > CLEARLY
        shown = ".1%" if accuracy else ".3g"
        yield Finding(
            Severity.WARNING if worse else Severity.INFO,
            summary=f"{run.name}: validation {curve.metric} was best around {run.at(turned.at)} ({best:{shown}}); the "
            f"{1 - turned.at / run.last:.0%} of the run after it ended at {last:{shown}}.",
            fix="Keep the best checkpoint, stop early with a patience, or lower the learning rate where it flattens.",
            measured={"best_at": turned.at, "unit": run.unit, "best": best, "last": last, "error": turned.error},
            files=(run.file,),
            confidence=Confidence.LIKELY,
            subject=run.name,
        )


CHECK = Check("L805", "best-long-before-the-end", needs=("history",), judge=judge)
