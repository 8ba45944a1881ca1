"""Training and validation images that reach the network in different form.

What it looks for: the scale and offset of pixels, as the network's first layer got them in training and in validation;
where they can't be told, a spread or mean that differs far beyond what other images explain; another number of channels
or type.

Why it matters: validation then measures how the network copes with images it never saw the like of. Accuracy there
stays near chance, or is worth nothing as a guide.

Example: Normalize in the training transform and not in the validation one; / 255 in one loader alone.

Fix: prepare both alike: everything but random augmentation is shared.

Source: the values of both splits at the same layer of the same network; an augmentation changes contrast by a factor,
not by three.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, NotExamined, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    train, held_out = evidence.run.training, evidence.run.held_out
    one, other = train.pixels, held_out.pixels
    if one is None or other is None:
        raise NotExamined("the run did not see images of both splits reach the network")
    how = one.differs_from(other)
    if how:
        yield Finding(
            Severity.ERROR,
            summary=f"Validation images reach the network in another form than training images: {how}.",
            fix="Prepare both alike: everything but random augmentation is shared.",
            measured={
                "training": {"low": one.low, "high": one.high, "mean": one.mean, "std": one.std},
                "validation": {"low": other.low, "high": other.high, "mean": other.mean, "std": other.std},
            },
            location=held_out.location or train.location,
            confidence=Confidence.CERTAIN,
        )


CHECK = Check("R602", "splits-prepared-differently", needs=("run.training", "run.held_out"), judge=judge)
