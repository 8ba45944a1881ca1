"""The logged training loss breaks, and what caused it.

What it looks for: the largest step of the training loss from one epoch to the next after the second one, if it exceeds
eight times the curve's own noise and a tenth of its range. Beside it: a resume, an unfreezing or a change of the
learning rate in the log, and the milestone of the program's schedule at that epoch. A step down without a cause isn't
reported; a step up at a resume is a warning.

Why it matters: a step up after a resume means that something was not restored; one down shows that the decay came late
or that frozen layers held the run back.

Example: the loss jumps from 0.4 to 0.9 where the run was resumed: the optimizer's state was not loaded.

Fix: restore model, optimizer, schedule and epoch together; move a milestone to where the curve flattens.

Source: second differences as the curve's noise (Gasser et al. 1986).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from diagnose.model import LOSS, RATE, Check, Confidence, Evidence, Finding, Location, LoggedRun, Severity
from diagnose.model.course import jitter

OF_NOISE, OF_RANGE = 8.0, 0.1
FEWEST = 6  # values
UNEXPLAINED = ", for a reason that neither log nor program gives"
CHANGED = 1.5  # factor between two learning rates


def judge(evidence: Evidence) -> Iterator[Finding]:
    for run in evidence.history.runs:
        curve = run.train(LOSS)
        points = curve.finite[1:] if curve else ()  # from the second on: the first steps of any run are steep
        if len(points) < FEWEST:
            continue
        values = [point.value for point in points]
        noise = jitter(values) or 0.0
        before, after = max(pairwise(points), key=lambda pair: abs(pair[1].value - pair[0].value))
        step = after.value - before.value
        # The fall of a run's beginning is no break: a step down counts beside the one before it.
        steep = max((abs(b.value - a.value) for a, b in pairwise(points) if b.x <= before.x), default=0.0)
        if abs(step) < max(OF_NOISE * noise, OF_RANGE * (max(values) - min(values)), 2 * steep if step < 0 else 0.0):
            continue
        cause, location = _cause(evidence, run, before.x, after.x, step < 0)
        if not cause and step < 0:
            continue
        resumed = step > 0 and "resume" in cause
        yield Finding(
            Severity.WARNING if resumed else Severity.INFO,
            summary=f"{run.name}: the training loss steps {'up' if step > 0 else 'down'} from {before.value:.3g} to "
            f"{after.value:.3g} at {run.at(after.x)}{f': {cause}' if cause else UNEXPLAINED}.",
            fix="Restore model, optimizer, schedule and epoch together when a run is resumed."
            if resumed
            else "Move the change to where the curve flattens, or look at what happened there.",
            measured={"at": after.x, "before": before.value, "after": after.value, "noise": noise},
            files=(run.file,),
            location=location,
            confidence=Confidence.LIKELY,
            subject=run.name,
        )


def _cause(evidence: Evidence, run: LoggedRun, before: float, after: float, down: bool) -> tuple[str, Location | None]:
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
            # A rate that rises in a warm-up is no cause of a step down.
            if (1 / factor if down else max(factor, 1 / factor)) > CHANGED:
                return f"the learning rate changes from {one.value:.2g} to {other.value:.2g} there", None
    return "", None


CHECK = Check("L808", "curve-breaks", needs=("history",), judge=judge)
