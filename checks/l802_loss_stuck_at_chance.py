"""The logged training learned nothing: its loss stayed at that of equal guesses.

What it looks for: a training loss that begins within 3% of ln(k), for k classes, and falls by less than 2% over five
evaluations or more. k is that of the images or of the head; where neither is known, the one whose 1/k the training
accuracy also stays at. Or a validation accuracy, below 90%, that over five evaluations or more keeps within a point,
while no loss falls by 6%.

Why it matters: the network gives every image the same answer; more epochs of the same do not change it.

Example: a loss of 2.303 for ten classes in every epoch: no gradient arrives, the learning rate is far too high or low,
or the labels do not belong to the images.

Fix: overfit one batch first; check that the optimizer has the parameters, that labels and images are paired, and the
learning rate.

Source: the cross-entropy of a uniform prediction over k classes is ln(k).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from diagnose.model import ACCURACY, LOSS, Check, Confidence, Evidence, Finding, LoggedRun, Severity

NEAR = 0.03  # of ln(k): the first epoch's mean of a network that starts from small outputs
FALLEN = 0.02  # of the loss: less is no learning
FEWEST = 5  # evaluations
KEPT, HIGH = 0.01, 0.9  # of accuracy: its range, and a level at which little is left to learn
HARDLY = 0.06  # of each loss over the log
CLOSE = 0.25  # of 1/k, for the accuracy to be that of chance


def judge(evidence: Evidence) -> Iterator[Finding]:
    for run in evidence.history.runs:
        if still := _still(run):
            yield still
            continue
        curve = run.train(LOSS)
        values = [point.value for point in curve.finite] if curve else []
        if len(values) < FEWEST or min(values) <= 0:
            continue
        classes, known = _classes(evidence, run, values)
        if classes is None or classes < 2:
            continue
        chance = math.log(classes)
        if abs(values[0] - chance) > NEAR * chance or abs(values[-1] - chance) > NEAR * chance:
            continue
        if values[0] - min(values) > FALLEN * chance:
            continue
        yield Finding(
            Severity.ERROR if known else Severity.WARNING,
            summary=f"{run.name}: the training loss stays at {values[-1]:.3f}, which is ln({classes}): in "
            f"{len(values)} evaluations the network learned nothing.",
            fix="Overfit one batch first; check that the optimizer has the parameters, that images and labels are "
            "paired, and the learning rate.",
            measured={"classes": classes, "chance": chance, "first": values[0], "last": values[-1]},
            files=(run.file,),
            confidence=Confidence.CERTAIN if known else Confidence.LIKELY,
            subject=run.name,
        )


def _still(run: LoggedRun) -> Finding | None:
    """The run whose validation accuracy never moved, and whose losses hardly did."""
    held, losses = run.held(ACCURACY), [curve.finite for curve in (run.train(LOSS), run.held(LOSS)) if curve]
    values = [point.value for point in held.finite] if held else []
    if len(values) < FEWEST or not losses or max(values) - min(values) > KEPT or max(values) > HIGH:
        return None
    if any(
        not points or points[0].value - min(p.value for p in points) > HARDLY * points[0].value for points in losses
    ):
        return None
    return Finding(
        Severity.WARNING,
        summary=f"{run.name}: validation accuracy stays at {values[-1]:.1%} over {len(values)} evaluations, and the "
        "loss hardly falls: the network learns next to nothing.",
        fix="Overfit one batch first; check the learning rate, and that the layers that should learn do.",
        measured={"accuracy": values[-1], "range": max(values) - min(values), "evaluations": len(values)},
        files=(run.file,),
        confidence=Confidence.LIKELY,
        subject=run.name,
    )


def _classes(evidence: Evidence, run: LoggedRun, values: list[float]) -> tuple[int | None, bool]:
    """How many classes, and whether images or head say so."""
    if evidence.class_count is not None:
        return evidence.class_count, True
    accuracy = run.train(ACCURACY) or run.held(ACCURACY)
    guess = round(math.exp(min(values[-1], 12.0)))
    if accuracy is None or guess < 2:
        return None, False
    fits = all(abs(point.value - 1 / guess) <= CLOSE / guess for point in accuracy.finite)
    return (guess if fits and accuracy.finite else None), False


CHECK = Check("L802", "loss-stuck-at-chance", needs=("history",), judge=judge)
