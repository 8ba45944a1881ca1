"""A crop that is larger than the images it is cut from.

What it looks for: the size of a RandomCrop or CenterCrop against the images that reach it: as an earlier Resize makes
them, or as they are stored, with the padding added. Crops that pad where it is needed are left alone, and so is what
comes after a step whose effect on the size is not known.

Why it matters: RandomCrop raises at the first image that is too small, which may be hours into the run; CenterCrop
fills what is missing with black, so the network sees a small picture in a black frame.

Example: RandomCrop(224, padding=8) on images of 64 pixels.

Fix: resize to at least the size of the crop before it.

Source: torchvision.transforms.RandomCrop.get_params raises "Required crop size is larger than input image size";
torchvision.transforms.functional.center_crop pads with zeros.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, NotExamined, Severity, Step


def judge(evidence: Evidence) -> Iterator[Finding]:
    program = evidence.program
    ways = [("training", program.train_steps), ("validation", program.val_steps)]
    if all(steps is None for _, steps in ways):
        raise NotExamined("the order of the transforms is not known")
    reported = set()
    for side, steps in ways:
        for step in steps or ():
            if step.crop and step.location not in reported and (found := _too_large(evidence, side, step)):
                reported.add(step.location)
                yield found


def _too_large(evidence: Evidence, side: str, step: Step) -> Finding | None:
    crop = step.crop
    assert crop is not None
    needed = crop.size - 2 * crop.padding
    if crop.side is not None:
        share, given = float(crop.side < needed), f"{crop.side} px"
    elif evidence.dataset is not None and evidence.dataset.shorter_side:
        share = evidence.dataset.smaller_than(needed)
        smallest, largest = evidence.dataset.shorter_side[0], evidence.dataset.shorter_side[-1]
        given = f"{smallest} px" if smallest == largest else f"{smallest} to {largest} px"
    else:
        return None
    if not share:
        return None
    raises = step.name == "random_crop"
    does = "it raises on them" if raises else "it fills the rest with black"
    which = f"{side} images" if share == 1 else f"about {share:.0%} of the images, which may be {side} ones"
    return Finding(
        # Of images as they are stored some may be too small in another split alone.
        Severity.ERROR if raises and share == 1 else Severity.WARNING,
        summary=f"A crop of {crop.size} px is larger than {which} ({given}"
        + (f", padded by {crop.padding} px" if crop.padding else "")
        + f"): {does}.",
        fix=f"Resize to {needed} px or more before the crop, or crop less.",
        measured={"crop": crop.size, "padding": crop.padding, "share": share},
        location=step.location,
        subject=f"{side} {step.name}",
    )


CHECK = Check("N212", "crop-larger-than-image", needs=("program",), judge=judge)
