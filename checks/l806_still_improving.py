"""The logged run ended while it still improved.

What it looks for: validation accuracy that rises over the last quarter of the log by a point or more and by three
standard errors, at a learning rate that wasn't taken down to its end. A warning for three points.

Why it matters: more epochs bring more accuracy at the same recipe.

Example: 10 epochs of a ResNet50 from scratch, the last of which still gain two points each.

Fix: train for more epochs; a schedule goes with them.

Source: slope by least squares against the curve's own noise (second differences, Gasser et al. 1986).
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import ACCURACY, RATE, Check, Confidence, Evidence, Finding, LoggedRun, Severity
from diagnose.model.course import FEWEST, last_part, slope

QUARTER = 0.25
INFO, WARNING = 0.01, 0.03  # of accuracy, over the last quarter
ENDED = 0.1  # of the largest learning rate: a schedule at or below it has done its work
ANNEALED = ("cosine", "onecycle", "one_cycle", "linear", "polynomial", "warmup_cosine")


def judge(evidence: Evidence) -> Iterator[Finding]:
    for run in evidence.history.runs:
        curve = run.held(ACCURACY)
        if curve is None or _annealed(evidence, run):
            continue
        points = last_part(curve.finite, QUARTER)
        points = points if len(points) >= FEWEST else list(curve.finite[-FEWEST:])
        found = slope(points)
        if found is None:
            continue
        gain, error = found
        if gain < INFO or gain < 3 * error or run.last < 1:
            continue
        running = run.planned is not None and run.last < run.planned and not run.marks
        yield Finding(
            Severity.WARNING if gain >= WARNING and not running else Severity.INFO,
            summary=f"{run.name}: validation accuracy still rises at the end: by {100 * gain:.1f} ± {200 * error:.1f} "
            f"points over the last {len(points)} evaluations, to {points[-1].value:.1%} at {run.at(points[-1].x)}.",
            fix="Let it run to its end." if running else "Train for more epochs, and stretch the schedule with them.",
            measured={"gain": gain, "error": error, "evaluations": len(points), "last": points[-1].value},
            files=(run.file,),
            confidence=Confidence.LIKELY,
            subject=run.name,
        )


def _annealed(evidence: Evidence, run: LoggedRun) -> bool:
    """Whether the learning rate was taken down to its end, by the log or the configuration."""
    rate = run.curve(RATE)
    if rate is not None and len(rate.finite) > 1:
        values = [point.value for point in rate.finite]
        return values[-1] <= ENDED * max(values)
    schedule = evidence.configuration.schedule.value if evidence.configuration else None
    return schedule in ANNEALED


CHECK = Check("L806", "still-improving", needs=("history",), judge=judge)
