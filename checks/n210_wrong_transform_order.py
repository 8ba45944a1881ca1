"""Transforms in an order that does not work.

What it looks for: Normalize before the step that scales to 0..1; RandomErasing before the image is a tensor; colour
jitter after Normalize; ToTensor twice; a resize after the centre crop.

Why it matters: Normalize and RandomErasing want tensors and stop the run otherwise, or normalise 0..255 pixels by the
statistics of 0..1; colour jitter clips what is no longer in 0..1.

Example: Compose([Normalize(mean, std), ToTensor()]).

Fix: resize, crop, flips and colours, ToTensor, Normalize, RandomErasing.

Source: torchvision.transforms' documentation, "Transforms on torch.*Tensor only".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from diagnose.model import Check, Evidence, Finding, NotExamined, Severity, Step

SCALES = ("to_tensor", "convert_image_dtype", "convert_dtype", "to_dtype", "rescale", "divide_by_255", "to_float")
COLOURS = (
    "color_jitter",
    "auto_augment",
    "rand_augment",
    "trivial_augment_wide",
    "random_posterize",
    "random_equalize",
)


def judge(evidence: Evidence) -> Iterator[Finding]:
    program = evidence.program
    ways = [("training", program.train_steps), ("validation", program.val_steps)]
    if all(steps is None for _, steps in ways):
        raise NotExamined("the order of the transforms is not known")
    reported = set()
    for side, steps in ways:
        for step, severity, why in _wrong(steps or ()):
            if step.location not in reported:
                reported.add(step.location)
                yield Finding(
                    severity,
                    summary=f"{step.name} stands in the wrong place for {side} images: {why}.",
                    fix="Order them: resize and crop, flips and colours, ToTensor, Normalize, RandomErasing.",
                    measured={"order": [one.name for one in steps or ()]},
                    location=step.location,
                    subject=f"{side} {step.name}",
                    rewrites=("order-transforms",),
                )


def _wrong(steps: Sequence[Step]) -> Iterator[tuple[Step, Severity, str]]:
    for place, step in enumerate(steps):
        before, after = steps[:place], steps[place + 1 :]
        if step.kind == "normalize" and step.name == "normalize" and any(s.name in SCALES for s in after):
            yield step, Severity.ERROR, "it comes before the pixels are scaled to 0..1"
        elif (
            step.kind == "erase"
            and any(s.kind == "tensor" for s in after)
            and not any(s.kind == "tensor" for s in before)
        ):
            yield step, Severity.ERROR, "it wants a tensor, and the image is none yet"
        elif step.name in COLOURS and any(s.kind == "normalize" for s in before):
            yield step, Severity.WARNING, "it wants colours in 0..1, and they are normalised already"
        elif step.name == "to_tensor" and any(s.name == "to_tensor" for s in before):
            yield step, Severity.ERROR, "the image is a tensor already"
        elif step.name == "resize" and any(s.name == "center_crop" and _smaller(s, step) for s in before):
            yield step, Severity.WARNING, "it blows the crop up again"


def _smaller(crop: Step, resize: Step) -> bool:
    """Whether a crop is smaller than what it is resized to, as far as both are known."""
    return crop.side is None or resize.side is None or crop.side < resize.side


CHECK = Check("N210", "wrong-transform-order", needs=("program",), judge=judge)
