"""Validation images are augmented at random.

What it looks for: random transforms of the validation images, and a split of one dataset whose transform augments.

Why it matters: the measured accuracy is that of distorted images, lower and different each time; the best epoch is
chosen by luck.

Example: random_split of an ImageFolder with RandomResizedCrop; the training ImageDataGenerator with
subset="validation".

Fix: a dataset (or generator) of its own for the validation images, without random steps.

Source: torchvision's references: resize and centre crop alone for evaluation.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import DETERMINISTIC_STEPS, Check, Evidence, Finding, RandomValidation, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    names = [name for name in evidence.config.val_augmentations.get() if name not in DETERMINISTIC_STEPS]
    seen = evidence.code.facts(RandomValidation) if evidence.code else ()
    if not names:
        return
    shared = bool(seen) and bool(seen[0].shared)
    yield Finding(
        Severity.WARNING,
        summary=f"Validation images are augmented at random ({', '.join(names[:3])})"
        + (", since they share the training images' transform." if shared else "."),
        fix="Give the validation images a transform of their own without random steps.",
        measured={"val_augmentations": list(names), "shared": shared},
        location=evidence.config.val_augmentations.location,
    )


CHECK = Check("N209", "random-augmentation-in-validation", needs=("config.val_augmentations",), judge=judge)
