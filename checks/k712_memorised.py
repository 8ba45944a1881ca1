"""A checkpoint that is far better on its training images than on validation images.

What it looks for: an accuracy on a sample of the training images that is 20 points or more above that on the
validation images, at the lower end of the gap's interval; and a score that falls by 5 points once validation images
with a near copy in train are left out.

Why it matters: the first is what more data, augmentation or regularisation could give; the second means that the
score is in part that of images which the network has seen.

Example: 99% on training images and 62% on validation images.

Fix: more or augmented training images; remove the copies from the validation images.

When it is wrong: the checkpoint was trained on another part of DATA than its training split.

Source: the interval of the gap is Newcombe's method 10 (1998)."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity

GAP, LEAK = 0.20, 0.05  # of accuracy


def judge(evidence: Evidence) -> Iterator[Finding]:
    checkpoint = evidence.checkpoint
    model = checkpoint.character
    if model is None:
        return
    if model.train is not None and model.train_gap is not None and model.train_gap.low >= GAP:
        yield Finding(
            Severity.INFO,
            summary=f"The model scores {model.train:.1%} on {model.train_images} training images and "
            f"{model.accuracy:.1%} on validation images: a gap of "
            f"[{100 * model.train_gap.low:.0f}, {100 * model.train_gap.high:.0f}] points.",
            fix="More or augmented training images, or more regularisation, can close a part of it.",
            measured={"train": model.train, "validation": model.accuracy},
            location=checkpoint.location,
            confidence=Confidence.INDICATED,
            subject="gap",
        )
    if model.without_copies is not None and model.accuracy - model.without_copies >= LEAK:
        yield Finding(
            Severity.WARNING,
            summary=f"The model scores {model.accuracy:.1%}, and {model.without_copies:.1%} without the "
            f"{model.copies} of {model.images} validation images that have a near copy in train.",
            fix="Remove the copies from the validation images (D106 names them), and compare models without them.",
            measured={"accuracy": model.accuracy, "without_copies": model.without_copies, "copies": model.copies},
            location=checkpoint.location,
            confidence=Confidence.INDICATED,
            subject="copies",
        )


CHECK = Check("K712", "memorised", needs=("checkpoint.character",), judge=judge)
