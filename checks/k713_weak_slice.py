"""Images of one kind on which the model is clearly worse.

What it looks for: of the validation images by size, brightness, sharpness, shape, format and size of their class,
the group whose accuracy is farthest below that of all others: at least 10 points, with an interval that excludes
zero, corrected for the number of groups.

Why it matters: the average hides it; if the images of use are of that kind, the score there is the lower one.

Example: 91% on all images, 64% on the darkest third.

Fix: more training images of the kind, or an augmentation that makes them.

When it is wrong: the kind stands for a class that is hard in itself.

Source: Bonferroni's correction over the groups; a group has 20 images or more."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity

LEAST = 0.10  # of accuracy


def judge(evidence: Evidence) -> Iterator[Finding]:
    checkpoint = evidence.checkpoint
    model = checkpoint.character
    if model is None or not model.slices:
        return
    worst = min(model.slices, key=lambda one: one.gap.difference)
    if worst.gap.difference > -LEAST or worst.gap.interval.high >= 0:
        return
    yield Finding(
        Severity.INFO,
        summary=f"By {worst.attribute}, the model is weakest on the {worst.group}: {worst.accuracy:.1%} of "
        f"{worst.images} images, {-100 * worst.gap.difference:.0f} points below the others.",
        fix="Add training images of this kind, or an augmentation that makes them.",
        measured={
            "attribute": worst.attribute,
            "group": worst.group,
            "accuracy": worst.accuracy,
            "gap": worst.gap.difference,
            "interval": [worst.gap.interval.low, worst.gap.interval.high],
        },
        location=checkpoint.location,
        confidence=Confidence.INDICATED,
        subject=worst.attribute,
    )


CHECK = Check("K713", "weak-slice", needs=("checkpoint.character",), judge=judge)
