"""Images much smaller than what the pretrained weights were trained on.

What it looks for: ImageNet weights (trained at 224 pixels or more) and an input of less than a third of that.

Why it matters: ResNet50 shrinks its input 32 times; of 32 pixels one is left at the last stage, and the filters
meet objects at scales they have never seen.

Example: CIFAR's 32 pixels into resnet50(weights="DEFAULT").

Fix: resize to 224 (128 costs a third of the time and keeps most of the gain), or change the first stride.

Source: Touvron et al. 2019, "Fixing the train-test resolution discrepancy"; Kornblith et al. 2019 resize CIFAR to 224.
The limit is ours, below sizes that are known to work.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity

TRAINED_AT = 224
SMALLEST = TRAINED_AT // 3


def judge(evidence: Evidence) -> Iterator[Finding]:
    config = evidence.config
    size = config.input_size.get()
    if config.from_scratch or size >= SMALLEST or (evidence.code and evidence.code.own_model):
        return
    sizes_known = config.val_input_size.known  # else training images would grow and validation images stay as they are
    yield Finding(
        Severity.WARNING,
        summary=f"The pretrained weights saw images of {TRAINED_AT} pixels, and get {size}.",
        fix=f"Resize the images to {TRAINED_AT}, or to 128 at least.",
        measured={"input_size": size, "trained_at": TRAINED_AT, "limit": SMALLEST},
        location=config.input_size.location,
        changes=config.also_held_out(input_size=TRAINED_AT) if evidence.code is None or sizes_known else {},
        confidence=Confidence.LIKELY,
    )


CHECK = Check("C318", "input-size-differs", needs=("config.weights", "config.input_size"), judge=judge)
