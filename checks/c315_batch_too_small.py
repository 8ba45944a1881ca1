"""A batch that batch norm cannot estimate its statistics from.

What it looks for: a batch size of 4 or less, and a last batch of one image that is not dropped.

Why it matters: batch norm normalises each batch by its own mean and deviation; from a handful of images these are
noise, and with a single image its own content is normalised away.

Example: batch 2, because the memory was full; 641 images in batches of 32.

Fix: a larger batch at a smaller image size, or frozen batch norm, or group norm; drop_last for the last batch.

Source: Wu and He 2018, "Group normalization", ResNet50's ImageNet error by batch: 32 23.6%, 16 23.7, 8 24.8,
4 27.3, 2 34.7.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, NotExamined, Severity, architecture_of

SMALL = 4


def judge(evidence: Evidence) -> Iterator[Finding]:
    config = evidence.config
    batch = config.batch_size.get()
    if evidence.code and evidence.code.batch_norm is not True:
        known = evidence.code.batch_norm is False
        raise NotExamined("the network has no batch norm" if known else "whether the network has batch norm is unknown")
    family = architecture_of(config.model.value)
    if evidence.code is None and family is not None and family.batch_norm is False:
        raise NotExamined("the network has no batch norm")
    steps = (evidence.code.train_steps if evidence.code else None) or ()
    if any(step.name in ("five_crop", "ten_crop") for step in steps):
        raise NotExamined("several crops of each image make its batches larger")
    if batch <= SMALL:
        yield Finding(
            Severity.ERROR if batch == 1 else Severity.WARNING,
            summary=f"Batches of {batch} are too small for batch norm.",
            fix="Use 16 or more (smaller images if memory is short), or freeze batch norm's statistics.",
            measured={"batch_size": batch, "limit": SMALL},
            location=config.batch_size.location,
            confidence=Confidence.LIKELY,
            subject="batch",
        )
    elif evidence.dataset and evidence.training_images % batch == 1 and config.drop_last.value is not True:
        known = config.drop_last.known
        yield Finding(
            Severity.WARNING if known else Severity.INFO,
            summary=f"{evidence.training_images} images in batches of {batch} leave a last batch of one image"
            + ("." if known else ", unless the loader drops it."),
            fix="Set drop_last: true, or take a batch size that leaves no single image over.",
            measured={"images": evidence.training_images, "batch_size": batch},
            location=config.batch_size.location,
            subject="last batch",
            changes={"drop_last": True} if evidence.training_images > batch else {},  # else no batch is left
        )


CHECK = Check("C315", "batch-too-small", needs=("config.batch_size",), judge=judge)
