"""Training from scratch with nothing against memorising.

What it looks for: random initial weights, no weight decay, no augmentation, and no dropout, label smoothing, mixing or
early stopping in the program.

Why it matters: a ResNet50 has 25 million parameters and memorises a small set within some epochs; the held-out accuracy
then stands still while the training loss falls.

Example: Adam without weight decay on images that are only resized.

Fix: weight decay (1e-4 for SGD, 0.05 for AdamW) and augmentation.

Source: Zhang et al. 2017: networks of this size fit random labels; every recipe from scratch in torchvision's
references has weight decay and augmentation."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    config = evidence.config
    if not config.from_scratch or config.weight_decay.get() > 0 or config.train_augmentations.get():
        return
    used = [name for seen in evidence.program.observed("regularisers") for name in seen.detail["names"]]
    if used:
        return
    evidence.program.require_complete("regularisation")
    yield Finding(
        Severity.WARNING,
        summary="Training from scratch has no weight decay, no augmentation and no dropout: nothing stops it "
        "from memorising.",
        fix="Set a weight decay (1e-4 with SGD, 0.05 with AdamW) and augment the training images.",
        measured={"weight_decay": config.weight_decay.value, "train_augmentations": []},
        location=config.weight_decay.location,
        confidence=Confidence.LIKELY,
    )


CHECK = Check(
    "C317",
    "no-regularisation",
    needs=("program", "config.weights", "config.weight_decay", "config.train_augmentations"),
    judge=judge,
)
