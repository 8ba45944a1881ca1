"""Validation stays at chance in the log while training learns.

What it looks for: a validation accuracy whose last third lies within counting noise of 1/k or of the largest class, or
takes the same one or two values in the last half of eight evaluations or more, while the training accuracy is at least
30 points above it. Or one that never moves over eight evaluations, or moves between a value and its complement to
100%, as when every image gets the same class.

Why it matters: this isn't overfitting, which ends well above chance: validation images reach the network in another
form, their labels stand in another order, or the network is in another mode.

Example: 98% in training and 10% on ten classes: validation without the division by 255; a generator that shuffles the
images and not the labels; batch statistics that never settled.

Fix: evaluate the training images by the validation's path: where they are at chance too, its preprocessing, label order
or mode is at fault. --checkpoint tries these one by one.

Source: binomial counting noise; reports of this kind on forums end in these causes (EVIDENCE).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from statistics import fmean

from diagnose.model import ACCURACY, LOSS, Check, Confidence, Curve, Evidence, Finding, LoggedRun, Severity
from diagnose.model.course import counting, last_part

GAP = 0.3  # of accuracy: training is that far above
SLACK = 0.02  # of accuracy, beyond three standard deviations of counting
FEWEST, FEWEST_CONSTANT = 4, 8  # evaluations
LEARNED = 0.6  # of the first training loss, below which a network has learned its images
HIGHEST = 0.3  # of accuracy: what is more than one in four classes is not taken for guessing
OFTEN = 0.85  # of the evaluations have the one or two values
FIX = (
    "Evaluate the training images by the validation's path: if they are at chance too, its preprocessing, the order of "
    "its labels or the mode of the network is at fault; --checkpoint tries these one by one."
)


def judge(evidence: Evidence) -> Iterator[Finding]:
    for run in evidence.history.runs:
        held = run.held(ACCURACY)
        if held is None:
            continue
        found = _one_answer(run, held)
        if found is None and len(held.finite) >= FEWEST:
            found = _at_chance(evidence, run, held) or _below_any_chance(run, held)
        if found is not None:
            yield found


def _at_chance(evidence: Evidence, run: LoggedRun, held: Curve) -> Finding | None:
    """The run whose validation stays at the chance of so many classes, or at one value."""
    train = run.train(ACCURACY)
    if train is None or not train.finite:
        return None
    points = last_part(held.finite, 1 / 3)
    reached, trained = fmean(p.value for p in points), fmean(p.value for p in last_part(train.finite, 1 / 3))
    chance, name = _chance(evidence)
    at_chance = chance is not None and (
        reached <= chance + SLACK + 3 * counting(chance, evidence.held_images(run)) / len(points) ** 0.5
    )
    if trained - reached < GAP or not (at_chance or _constant(run)):
        return None
    where = f"at {name} ({chance:.0%})" if at_chance else "at the same value"
    return Finding(
        Severity.ERROR if at_chance else Severity.WARNING,
        summary=f"{run.name}: validation accuracy stays {where}, {reached:.1%} in the last evaluations, while "
        f"training reaches {trained:.1%}.",
        fix=FIX,
        measured={
            "validation": reached,
            "training": trained,
            "chance": chance,
            "images": evidence.held_images(run),
        },
        files=(run.file,),
        confidence=Confidence.LIKELY,
        subject=run.name,
    )


def _below_any_chance(run: LoggedRun, held: Curve) -> Finding | None:
    """The run whose validation is no better than guessing, however many classes there are: the first training loss is
    at most about ln(classes), so that chance is at most the exponential of minus it."""
    loss, accuracy = run.train(LOSS), run.train(ACCURACY)
    if loss is None or not loss.finite or loss.finite[0].value <= 0:
        return None
    first, last = loss.finite[0].value, fmean(p.value for p in last_part(loss.finite, 1 / 3))
    reached = fmean(p.value for p in last_part(held.finite, 1 / 3))
    trained = fmean(p.value for p in last_part(accuracy.finite, 1 / 3)) if accuracy and accuracy.finite else None
    learned = trained - reached >= GAP if trained is not None else last < LEARNED * first
    highest = math.exp(-first)
    if not learned or reached > highest + SLACK or reached > HIGHEST:
        return None
    reaches = f"training reaches {trained:.1%}" if trained is not None else f"the training loss falls to {last:.3g}"
    return Finding(
        Severity.WARNING,
        summary=f"{run.name}: validation accuracy is {reached:.1%} in the last evaluations, no better than guessing, "
        f"while {reaches}.",
        fix=FIX,
        measured={"validation": reached, "training": trained, "chance_at_most": highest},
        files=(run.file,),
        confidence=Confidence.LIKELY,
        subject=run.name,
    )


def _one_answer(run: LoggedRun, held: Curve) -> Finding | None:
    """The run whose validation accuracy shows that every image gets the same class."""
    values = [round(point.value, 4) for point in held.finite]
    often = Counter(values).most_common(2)
    train = run.train(ACCURACY)
    learned = [point.value for point in train.finite] if train else []
    if learned and max(learned) - min(learned) < SLACK:
        return None  # nothing was learned in training either: L802's
    if len(values) < FEWEST_CONSTANT or often[0][0] >= 1 - SLACK / 2 or sum(n for _, n in often) < OFTEN * len(values):
        return None
    both = len(often) == 2 and often[1][1] > 1 and abs(often[0][0] + often[1][0] - 1) < 1e-3
    if len(often) > 1 and not both:
        return None
    seen = " or ".join(f"{value:.1%}" for value, _ in often)
    return Finding(
        Severity.WARNING,
        summary=f"{run.name}: validation accuracy is {seen} at {sum(n for _, n in often)} of {len(values)} "
        "evaluations, as when every image gets the same class.",
        fix="Count the predictions by class on the validation images; evaluate the training images by the validation's "
        "path, and check its preprocessing and the network's mode.",
        measured={"values": [value for value, _ in often], "evaluations": len(values)},
        files=(run.file,),
        confidence=Confidence.LIKELY,
        subject=run.name,
    )


def _chance(evidence: Evidence) -> tuple[float | None, str]:
    """The larger of one by the classes and the largest class, with its name."""
    classes, majority = evidence.class_count, evidence.majority
    if not classes:
        return None, ""
    if majority is not None and majority > 1 / classes + SLACK:
        return majority, "the share of the largest class"
    return 1 / classes, "chance"


def _constant(run: LoggedRun) -> bool:
    held = run.held(ACCURACY)
    values = [round(point.value, 6) for point in held.finite] if held else []
    return len(values) >= FEWEST_CONSTANT and len(set(values[len(values) // 2 :])) <= 2


CHECK = Check("L803", "validation-at-chance", needs=("history",), judge=judge)
