"""The logged run stood still for its last half, at a learning rate that never fell.

What it looks for: twenty evaluations or more, over the last half of which every logged loss and every error (one minus
an accuracy) of training and validation moved by less than 6% or three standard errors, where the logged learning rate
is constant, or where none is logged.

Why it matters: the epochs since then brought nothing. At a constant rate the noise of single batches keeps the loss up;
the last, small rates bring a good part of the accuracy.

Example: SGD at 0.1 for 90 epochs, flat since the 40th.

Fix: a cosine schedule over the run, or a tenth of the rate at half and three quarters of it; else fewer epochs.

Source: He et al. 2016 and Goyal et al. 2017, whose curves fall at each division of the rate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from diagnose.model import ACCURACY, LOSS, RATE, Check, Confidence, Evidence, Finding, Point, Severity
from diagnose.model.course import jitter, last_part, slope

FEWEST = 20  # evaluations
SAME = 1.01  # between the largest and the smallest rate, without the first tenth
FLAT = 0.06  # of the loss or of the errors, over the last half
FLOOR = 0.01  # of errors or loss, below which a share of them says nothing


def judge(evidence: Evidence) -> Iterator[Finding]:
    for run in evidence.history.runs:
        rate = run.curve(RATE)
        rates = [point.value for point in last_part(rate.finite, 0.9)] if rate and len(rate.finite) > 1 else []
        if rates and (min(rates) <= 0 or max(rates) / min(rates) > SAME):
            continue
        curves = [
            curve for curve in (run.train(LOSS), run.train(ACCURACY), run.held(LOSS), run.held(ACCURACY)) if curve
        ]
        if run.held(ACCURACY) is None and run.held(LOSS) is None:
            continue
        courses = [
            [Point(p.x, 1 - p.value if curve.metric == ACCURACY else p.value) for p in curve.finite] for curve in curves
        ]
        if not courses or any(len(points) < FEWEST or not _flat(last_part(points, 0.5)) for points in courses):
            continue
        since = last_part(courses[-1], 0.5)[0].x
        setting = evidence.configuration.schedule if evidence.configuration else None
        constant = f" at a learning rate that stays at {rates[-1]:.3g}" if rates else ""
        yield Finding(
            Severity.INFO,
            summary=f"{run.name}: training and validation stand still since {run.at(since)} of {run.last:.0f}"
            f"{constant}.",
            fix="Add a schedule: cosine over the run, or a tenth of the rate at half and three quarters of it; or stop "
            "earlier.",
            measured={"rate": rates[-1] if rates else None, "since": since, "last": run.last},
            files=(run.file,),
            location=setting.location if setting else None,
            confidence=Confidence.LIKELY,
            subject=run.name,
        )


def _flat(points: Sequence[Point]) -> bool:
    """Whether errors or a loss moved no more than FLAT, or than their noise explains."""
    moved = slope(points, jitter([point.value for point in points]) or 0.0)
    middle = abs(median(point.value for point in points))
    return moved is not None and abs(moved[0]) <= max(
        FLAT * max(middle, FLOOR), 3 * moved[1] if middle > FLOOR else 0.0
    )


CHECK = Check("L807", "rate-never-decayed", needs=("history",), judge=judge)
