"""The logged run ended while it still improved.

What it looks for: a validation accuracy that rises by 0.75 points or more over the last quarter of the log (of a short
one the last half), by three standard errors, or by half as many where the last value is also the best; and that does so
in the second half of that part, too. Without an accuracy, a validation loss that falls by 4%. Of three or four
evaluations, each has to be better than the one before, and the last step a quarter of the largest or more. Silent where
a schedule took the learning rate down to its end, and where the validation loss rises meanwhile.

Why it matters: more epochs bring more accuracy at the same recipe.

Example: 10 epochs of a ResNet50 from scratch, the last of which still gain two points each.

Fix: train for more epochs; a schedule goes with them.

Source: slope by least squares against the curve's own noise (second differences, Gasser et al. 1986); steps that shrink
to a quarter each time sum to another third of the last one, and aren't worth an epoch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from diagnose.model import ACCURACY, LOSS, RATE, Check, Confidence, Curve, Evidence, Finding, LoggedRun, Point, Severity
from diagnose.model.course import FEWEST, jitter, last_part, level, slope

PART, SHORT_PART, SHORT = 0.25, 0.5, 16  # the share looked at, and that of a log with fewer evaluations than SHORT
POINTS = 0.0075  # of accuracy over that part: about what a run gains by chance between two seeds
RELATIVE = 0.04  # of the loss over that part
STEADY = 0.015  # likewise, where the training loss falls as well
NEARLY_ALL = 0.98  # of accuracy, above which losses fall without use
LEARNED = 0.08  # of the training loss over half of a short log
MOVING = 1 / 3  # of that gain, in the second half of the part, within an error: a straight line has half of it there
SURE = 3.0  # standard errors; half as many where the last value is the best
LAST_STEP = 0.25  # of the largest step
ENDED = 0.035  # of the largest learning rate: a schedule at or below it has done its work
ANNEALED = ("cosine", "onecycle", "one_cycle", "linear", "polynomial", "warmup_cosine")


def judge(evidence: Evidence) -> Iterator[Finding]:
    for run in evidence.history.runs:
        loss, accuracy = run.held(LOSS), run.held(ACCURACY)
        curve = accuracy or loss
        if curve is None or len(curve.finite) < 3 or _annealed(evidence, run):
            continue
        rising = [Point(p.x, p.value if curve is accuracy else -p.value, p.line) for p in curve.finite]
        count = _gaining(rising, accuracy is not None)
        if count is None and loss is not None and curve is accuracy:
            count = _falling(run, loss)
            curve = loss if count is not None else accuracy
        if count is None and curve is accuracy:
            count = _best_lately(run, rising)
        if count is None or (loss is not None and curve is accuracy and _rises(loss.finite)):
            continue
        first, last = curve.finite[-count], curve.finite[-1]
        shown = ".1%" if curve is accuracy else ".3g"
        running = run.planned is not None and run.last < run.planned
        yield Finding(
            Severity.INFO,
            summary=f"{run.name}: validation {curve.metric} still improves at the end: from {first.value:{shown}} to "
            f"{last.value:{shown}} over the last {count} evaluations, at {run.at(last.x)}"
            f"{f' of {run.planned} planned' if running else ''}.",
            fix="Let it run to its end." if running else "Train for more epochs, and stretch the schedule with them.",
            measured={"first": first.value, "last": last.value, "evaluations": count, "planned": run.planned},
            files=(run.file,),
            confidence=Confidence.LIKELY,
            subject=run.name,
        )


def _gaining(points: Sequence[Point], shares: bool, relative: float = RELATIVE) -> int | None:
    """Over how many of its last values a curve clearly rises; None where it doesn't. shares: of accuracies; relative:
    of a loss, by which it has to."""
    if len(points) < FEWEST:
        steps = [b.value - a.value for a, b in pairwise(points)]
        return len(points) if min(steps) > 0 and steps[-1] >= LAST_STEP * max(steps) else None
    late = last_part(points, PART if len(points) >= SHORT else SHORT_PART)
    noise = jitter([point.value for point in last_part(points, 2 * PART)]) or jitter([p.value for p in points])
    whole, half = slope(late, noise), slope(late[len(late) // 2 :], noise)
    if whole is None or half is None or whole[0] < (POINTS if shares else relative * abs(level(late))):
        return None
    best = points[-1].value >= max(point.value for point in points)
    clear = whole[0] >= (SURE / 2 if best else SURE) * whole[1] and half[0] + half[1] >= MOVING * whole[0]
    return len(late) if clear else None


def _falling(run: LoggedRun, loss: Curve) -> int | None:
    """Over how many of its last values the validation loss clearly falls beside that of training, by little but
    steadily; None where it doesn't."""
    accuracy, train = run.held(ACCURACY), run.train(LOSS)
    if len(loss.finite) < FEWEST or (accuracy is not None and level(accuracy.finite[-3:]) > NEARLY_ALL):
        return None
    count = _gaining([Point(p.x, -p.value, p.line) for p in loss.finite], False, STEADY)
    moved = slope(last_part(train.finite, PART)) if train and count else None
    return count if moved is not None and moved[0] < -SURE * moved[1] else None


def _best_lately(run: LoggedRun, rising: Sequence[Point]) -> int | None:
    """Of a short log, whose validation accuracy jumps: over how many of its last values it came to its best while the
    training loss fell; None where it didn't."""
    train = run.train(LOSS)
    count = len(rising) // 2
    if train is None or not FEWEST <= len(rising) < SHORT or len(train.finite) < len(rising):
        return None
    before, late = max(p.value for p in rising[:count]), max(p.value for p in rising[-2:])
    losses = last_part(train.finite, SHORT_PART)
    falls = losses[-1].value < (1 - LEARNED) * losses[0].value
    return len(rising) - count if falls and late >= before + POINTS and late >= max(p.value for p in rising) else None


def _rises(losses: Sequence[Point]) -> bool:
    """Whether a loss rises over the part that is looked at."""
    late = last_part(losses, PART if len(losses) >= SHORT else SHORT_PART)
    found = slope(late, jitter([point.value for point in losses]) or 0.0)
    return found is not None and found[0] > max(0.0, found[1])


def _annealed(evidence: Evidence, run: LoggedRun) -> bool:
    """Whether the learning rate was taken down to its end, by the log or the configuration."""
    rate = run.curve(RATE)
    if rate is not None and len(rate.finite) > 1:
        values = [point.value for point in rate.finite]
        settled = values[len(values) // 5 :]  # after a warm-up, whose rates for biases may be far above the others
        return settled[-1] <= ENDED * max(settled)
    schedule = evidence.configuration.schedule.value if evidence.configuration else None
    return schedule in ANNEALED


CHECK = Check("L806", "still-improving", needs=("history",), judge=judge)
