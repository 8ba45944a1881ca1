"""Conversions of images that assume another type or range than the images have."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Items, Thing
from diagnose.model import ConvertedTwice, UnscaledFloats
from diagnose.training.pytorch.steps import Pipeline

TENSORS = ("ToTensor", "PILToTensor")
TO_PICTURE = ("ToPILImage",)


def converted_twice(reader: Reader) -> Iterator[ConvertedTwice]:
    """A ToTensor of torchvision's v1 transforms that gets a tensor, which it doesn't accept."""
    for event in reader.trace.calls():
        steps = event.args[0] if event.short == "Compose" and event.args else None
        made: Thing | None = None
        for step in steps.items if isinstance(steps, Items) else ():
            if not isinstance(step, Thing) or step.short in TO_PICTURE or step.short == "Lambda":
                made = None
            elif step.name == "torchvision.transforms.ToTensor" and made is not None:
                yield ConvertedTwice(step.at, first=made.at)
            elif step.name.startswith("torchvision.transforms.") and step.short in TENSORS:
                made = step


def tensors_of_floats(train: Pipeline | None, val: Pipeline | None) -> Iterator[UnscaledFloats]:
    """Where ToTensor gets floats, whose values it does not scale."""
    if kept := next((way.kept for way in (train, val) if way is not None and way.kept is not None), None):
        yield UnscaledFloats(kept, by="ToTensor")
