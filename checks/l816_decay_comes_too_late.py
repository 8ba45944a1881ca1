"""The last step of the logged learning rate comes too late to be of use.

What it looks for: a learning rate that falls in steps, the last of them to a half or less, with no more than a
twentieth of the run's epochs after it (and one at least), where no evaluation after it is better than the best before
by half a point of accuracy (without an accuracy: 2% of the loss) and by more than noise.

Why it matters: most of what a step gains comes in the epochs after it. One at the very end has cost its place in the
schedule and brought nothing.

Example: milestones [60, 120, 195] in a run of 200 epochs.

Fix: place the last step at about three quarters to nine tenths of the run, or take a cosine schedule, which has no step
to place.

Source: He et al. 2016 and Goyal et al. 2017 divide the rate at 1/3, 2/3 and 8/9 of the run.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from diagnose.model import ACCURACY, LOSS, RATE, Check, Confidence, Evidence, Finding, LoggedRun, Severity
from diagnose.model.course import jitter

HALF = 0.5  # of the rate before: smaller changes are those of a smooth schedule
STEPS = 0.25  # of the evaluations of the rate, at most, change it: else it is a smooth schedule
LATE = 0.05  # of the run
FEWEST = 10  # values of the rate
GAIN, OF_LOSS = 0.005, 0.02  # of accuracy; of the loss


def judge(evidence: Evidence) -> Iterator[Finding]:
    for run in evidence.history.runs:
        rate = run.curve(RATE)
        points = rate.finite if rate else ()
        steps = [(a, b) for a, b in pairwise(points) if a.value != b.value]
        if len(points) < FEWEST or not steps or len(steps) > STEPS * len(points):
            continue
        before, after = steps[-1]
        remaining = run.last - after.x + 1
        if not 0 < after.value <= HALF * before.value or remaining > max(1.0, LATE * run.last) or _gained(run, after.x):
            continue
        yield Finding(
            Severity.INFO,
            summary=f"{run.name}: the learning rate falls from {before.value:.2g} to {after.value:.2g} at "
            f"{run.at(after.x)} of {run.last:,.0f}, too late for the run to gain from it.",
            fix="Place the last step at three quarters to nine tenths of the run, or take a cosine schedule.",
            measured={"at": after.x, "last": run.last, "before": before.value, "after": after.value},
            files=(run.file,),
            location=evidence.code.schedulers[0].location if evidence.code and evidence.code.schedulers else None,
            confidence=Confidence.LIKELY,
            subject=run.name,
        )


def _gained(run: LoggedRun, since: float) -> bool:
    """Whether an evaluation from there on is clearly better than all before, or none says."""
    curve = run.held(ACCURACY) or run.held(LOSS)
    if curve is None:
        return True
    sign = 1 if curve.metric == ACCURACY else -1
    before = [sign * point.value for point in curve.finite if point.x < since]
    after = [sign * point.value for point in curve.finite if point.x >= since]
    if not before or not after:
        return True
    least = GAIN if curve.metric == ACCURACY else OF_LOSS * abs(max(before))
    return max(after) - max(before) > max(least, 2 * (jitter(before) or 0.0))


CHECK = Check("L816", "decay-comes-too-late", needs=("history",), judge=judge)
