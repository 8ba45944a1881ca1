"""Pixels fed as 0..255.

What it looks for: a configuration that scales nothing and whose mean and standard deviation, if any, are not
written for 0..255 pixels either.

Why it matters: the first layer sees values a hundred times larger than it was initialised, or pretrained, for.
Pretrained features turn to noise, and from random weights the first steps are wild.

Example: `scaling: none` with `mean: none`.

What another check names: ToTensor and convert_image_dtype divide by 255 only whole numbers; where they get floats, it
is C337.

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
    UnscaledFloats,
)


def judge(evidence: Evidence) -> Iterator[Finding]:
    config = evidence.config
    if not evidence.raw_pixels_by_mistake or evidence.saw_usual_input:
        return  # N203 and N204 look after the preprocessing of a network that takes them
    if evidence.code and evidence.code.facts(UnscaledFloats):
        return  # C337 names the step that was meant to scale them
    known = config.mean.known and config.std.known
    units = ", and mean and std are of pixels of 0..1" if known and config.mean.value else ""
    normalised = {"mean": IMAGENET_MEAN, "std": IMAGENET_STD} if config.mean.value == () else {}
    yield Finding(
        Severity.ERROR if known else Severity.WARNING,
        summary=f"The network is fed pixels of 0..255: nothing scales them{units}.",
        fix="Divide by 255 first (ToTensor does), then normalise: scaling: 1/255.",
        measured={"scaling": [], "mean": config.mean.value, "std": config.std.value},
        location=config.scaling.location,
        changes=config.also_held_out(scaling=(UNIT_STEP,), **normalised),
        confidence=Confidence.CERTAIN if known else Confidence.LIKELY,
    )


CHECK = Check("N201", "unscaled-input", needs=("config.scaling",), judge=judge)
