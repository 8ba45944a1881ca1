"""The strength of torchvision's augmentations, where a program gives plain numbers."""

from __future__ import annotations

from typing import Any

from diagnose.catalogue import augmentations
from diagnose.interpreter.values import Thing
from diagnose.training.given import COMPUTED, given

# The arguments for a transform's strength: position, name, and the default where only others are given.
ARGUMENTS: dict[str, tuple[tuple[int, str, float | None], ...]] = {
    "RandomHorizontalFlip": ((0, "p", None),),
    "RandomVerticalFlip": ((0, "p", None),),
    "RandomResizedCrop": ((1, "scale", None),),
    "RandomCrop": ((1, "padding", None),),
    "RandomRotation": ((0, "degrees", None),),
    "RandomAffine": ((0, "degrees", None),),
    "RandomPerspective": ((0, "distortion_scale", None),),
    "RandomGrayscale": ((0, "p", None),),
    "GaussianBlur": ((0, "kernel_size", None),),
    "RandomErasing": ((0, "p", None),),
    "RandAugment": ((0, "num_ops", 2), (1, "magnitude", 9)),
    "ColorJitter": ((0, "brightness", 0), (1, "contrast", 0), (2, "saturation", 0), (3, "hue", 0)),
}


def strength_of(transform: Thing) -> tuple[str, Any] | None:
    """The catalogue's name of an augmentation and its strength; None where it is the default or not plain numbers."""
    arguments = ARGUMENTS.get(transform.short, ()) if transform.name.startswith("torchvision.") else ()
    values = [given(transform.arg(place, name)) for place, name, _ in arguments]
    if not arguments or all(one is None for one in values):
        return None
    if len(arguments) == 1:
        row = values[0]
    else:
        row = tuple(default if one is None else one for one, (*_, default) in zip(values, arguments, strict=True))
    plain = row if isinstance(row, tuple) else (row,)
    if COMPUTED in plain or not all(isinstance(one, int | float) for one in plain):
        return None
    return augmentations.named(transform.short), row
