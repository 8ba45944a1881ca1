"""Pixels fed as 0..255.

What it looks for: a configuration that scales nothing and whose mean and standard deviation, if any, are not
written for 0..255 pixels either.

Why it matters: the first layer sees values a hundred times larger than it was initialised, or pretrained, for.
Pretrained features turn to noise, and from random weights the first steps are wild.

Example: `scaling: none` with `mean: none`.

ToTensor divides by 255 only arrays of whole numbers: behind astype(np.float32) it scales nothing.

Fix: divide by 255 before anything else (ToTensor, or v2.ToDtype(torch.float32, scale=True)), then normalise.

Source: torchvision's weights document inputs "rescaled to [0.0, 1.0] and then normalized".
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    UNIT_STEP,
    Check,
    Confidence,
    Evidence,
    Finding,
    Severity,
    ToTensorOfFloats,
)


def judge(evidence: Evidence) -> Iterator[Finding]:
    config = evidence.config
    if not config.raw_pixels:
        return
    if evidence.takes_raw_pixels:
        return  # N203 and N204 look after its preprocessing
    told = config.mean.known and config.std.known
    if told and config.statistics_in_raw_units:
        return  # normalised in 0..255 units: unusual, and right
    floats = next(iter(evidence.code.facts(ToTensorOfFloats)), None) if evidence.code else None
    units = ", and mean and std are of pixels of 0..1" if told and config.mean.value else ""
    normalised = {"mean": IMAGENET_MEAN, "std": IMAGENET_STD} if config.mean.value == () else {}
    yield Finding(
        Severity.ERROR if told else Severity.WARNING,
        summary="The network is fed pixels of 0..255: "
        + ("ToTensor does not divide arrays of floats by 255" if floats else "nothing scales them")
        + f"{units}.",
        fix="Divide by 255 here, or leave the array as whole numbers for ToTensor."
        if floats
        else "Divide by 255 first (ToTensor does), then normalise: scaling: 1/255.",
        measured={"scaling": [], "mean": config.mean.value, "std": config.std.value},
        location=floats.location if floats else config.scaling.location,
        changes=config.also_held_out(scaling=(UNIT_STEP,), **normalised),
        confidence=Confidence.CERTAIN if told else Confidence.LIKELY,
    )


CHECK = Check("N201", "unscaled-input", needs=("config.scaling",), judge=judge)
