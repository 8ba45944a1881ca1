"""Little data and no augmentation.

What it looks for: a configuration that says it does not augment the training images, with fewer images per class than
random weights (1,000) or pretrained ones (100) want.

Why it matters: a ResNet50 has memorised a few thousand images after some epochs; from then on only the training
loss falls.

Example: `train_augmentations: none` with 50 images per class.

Fix: random_resized_crop and random_horizontal_flip, where a mirrored image keeps its class.

Source: Shorten and Khoshgoftaar 2019, a survey; every published recipe for CIFAR-10 (5,000 per class) still
augments. The limits are ours, below those sizes.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from diagnose.model import DETERMINISTIC_STEPS, Check, Confidence, Evidence, Finding, Severity

SCRATCH_LIMIT, PRETRAINED_LIMIT = 1000, 100


def judge(evidence: Evidence) -> Iterator[Finding]:
    config = evidence.config
    counts = [count for count in evidence.data.per_class.values() if count]
    if not counts or set(config.train_augmentations.get()) - DETERMINISTIC_STEPS:
        return
    scratch = config.weights.value == "none"
    typical, limit = int(median(counts)), SCRATCH_LIMIT if scratch else PRETRAINED_LIMIT
    if typical < limit:
        yield Finding(
            Severity.WARNING,
            summary=f"{typical} training images per class and no augmentation.",
            fix="Add random_resized_crop, and random_horizontal_flip where a mirrored image keeps its class.",
            measured={"images_per_class": typical, "limit": limit},
            location=config.train_augmentations.location,
            changes={"train_augmentations": ("random_resized_crop", "random_horizontal_flip")},
            confidence=Confidence.LIKELY,
        )


CHECK = Check("C305", "no-augmentation", needs=("data", "config.train_augmentations"), judge=judge)
