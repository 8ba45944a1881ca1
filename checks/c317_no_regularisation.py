"""Training from scratch with nothing that prevents memorising.

What it looks for: random initial weights, no weight decay, no augmentation, and no dropout, label smoothing, mixing or
early stopping in the program.

Why it matters: a ResNet50 has 25 million parameters and memorises a small set within some epochs; the validation
accuracy then stops rising while the training loss falls.

Example: Adam without weight decay on images that are only resized.

Fix: weight decay (1e-4 for SGD, 0.05 for AdamW) and augmentation.

Source: Zhang et al. 2017: networks of this size fit random labels; every recipe from scratch in torchvision's
references has weight decay and augmentation."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Location, Regularisers, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    trainings = evidence.program.facts(Regularisers)
    if len(trainings) > 1:
        yield from _each(trainings, evidence)
        return
    config = evidence.config
    if not config.from_scratch or config.weight_decay.get() > 0 or config.train_augmentations.get():
        return
    if any(seen.names for seen in trainings):
        return
    evidence.program.require_complete("regularisation")
    yield _finding("Training from scratch", config.weight_decay.value, config.weight_decay.location)


def _each(trainings: tuple[Regularisers, ...], evidence: Evidence) -> Iterator[Finding]:
    """Several trainings in one program: those in which all of it is known to be absent."""
    config, program = evidence.config, evidence.program
    found = False
    for number, seen in enumerate(trainings):
        scratch = seen.weights == "none"
        plain = seen.train_augmentations == () and seen.weight_decay == 0
        if scratch and plain and not seen.names:
            program.require_complete("regularisation")
            found = True
            place = f"The training at line {seen.location.line}, from scratch,"
            yield _finding(place, 0.0, seen.location, f"training {number}")
    if not found:
        for setting in (config.weights, config.weight_decay, config.train_augmentations):
            setting.get()


def _finding(what: str, weight_decay: float | None, location: Location | None, subject: str = "") -> Finding:
    return Finding(
        Severity.WARNING,
        summary=f"{what} has no weight decay, no augmentation and no dropout: nothing stops it from memorising.",
        fix="Set a weight decay (1e-4 with SGD, 0.05 with AdamW) and augment the training images.",
        measured={"weight_decay": weight_decay, "train_augmentations": []},
        location=location,
        confidence=Confidence.LIKELY,
        subject=subject,
    )


CHECK = Check(
    "C317",
    "no-regularisation",
    needs=("program", "config"),
    judge=judge,
)
