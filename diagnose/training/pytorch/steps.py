"""The combined effect of the preprocessing steps, and the fields of the configuration that they fill."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from diagnose.interpreter.values import Ref, Value, plain
from diagnose.model import IMAGENET_MEAN, IMAGENET_STD, UNIT_STEP, Crop, Location, Step
from diagnose.training.fields import TRAIN_FIELDS, VAL_FIELDS, Fields, snake
from diagnose.training.given import options
from diagnose.training.pytorch.extent import Extent

NAMED_MEANS = {"IMAGENET_DEFAULT_MEAN": IMAGENET_MEAN, "IMAGENET_DEFAULT_STD": IMAGENET_STD,
              "IMAGENET_INCEPTION_MEAN": (0.5,) * 3, "IMAGENET_INCEPTION_STD": (0.5,) * 3,
              "IMAGENET_STANDARD_MEAN": (0.5,) * 3, "IMAGENET_STANDARD_STD": (0.5,) * 3,
              "OPENAI_CLIP_MEAN": (0.48145466, 0.4578275, 0.40821073),
              "OPENAI_CLIP_STD": (0.26862954, 0.26130258, 0.27577711)}  # fmt: skip

CHOSEN = "a condition that is known at run time only chooses the transforms"
Numbers = tuple[float, ...]


@dataclass
class Pipeline:
    """The combined effect of a sequence of transforms.

    mean, std: (the numbers, None where they are computed at run time; their place). unsure: why a part of the way is
    unknown; steps that were seen stay known, and those not seen are unknown rather than absent. unsure_values,
    unsure_random: the same for only the images' values, or only the augmentations. strengths: the strength arguments
    of augmentations, by the catalogue's names. floats: whether the images are floats by now, which no step divides by
    255 automatically, and since where; None where no step shows it. kept: the same for images that a ToTensor got as
    floats.
    """

    steps: list[Step] = field(default_factory=list)
    scaling: list[tuple[str, Location]] = field(default_factory=list)
    mean: tuple[Numbers | None, Location] | None = None
    std: tuple[Numbers | None, Location] | None = None
    size: tuple[int, Location] | None = None
    random: list[tuple[str, Location]] = field(default_factory=list)
    strengths: dict[str, Any] = field(default_factory=dict)
    at: Location | None = None
    unsure: str = ""
    unsure_values: str = ""
    unsure_random: str = ""
    extent: Extent = field(default_factory=Extent)
    floats: tuple[bool, Location] | None = None
    kept: Location | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing was seen, known or not."""
        return not (self.steps or self.scaling or self.mean or self.std or self.unsure or self.unsure_values)

    def go_on(self, after: Pipeline) -> None:
        """Add the steps that follow; later statistics replace earlier ones."""
        self.steps += after.steps
        self.scaling += after.scaling
        self.random += after.random
        self.strengths |= after.strengths
        self.mean, self.std = after.mean or self.mean, after.std or self.std
        self.size = after.size or self.size
        self.unsure = self.unsure or after.unsure
        self.unsure_values = self.unsure_values or after.unsure_values
        self.unsure_random = self.unsure_random or after.unsure_random
        self.floats = after.floats or self.floats
        self.kept = self.kept or after.kept

    def or_else(self, other: Pipeline) -> None:
        """Add another way that the images may go, by a condition at run time: what differs becomes unknown."""
        if self._values() != other._values():
            self.unsure = self.unsure or CHOSEN
        elif [name for name, _ in self.random] != [name for name, _ in other.random]:
            self.unsure_random = self.unsure_random or CHOSEN

    def _values(self) -> tuple[Any, ...]:
        """The effect on the images' values and size, without the places."""
        ends = (self.mean, self.std, self.size)
        return [step for step, _ in self.scaling], *(end[0] if end else None for end in ends)

    def put(self, name: str, kind: str, at: Location, crop: Crop | None = None, side: int | None = None) -> None:
        """Add a step to `steps`. kind: one of those of `diagnose.model.Step`.

        crop: its crop. side: the size of the images after it, in px.
        """
        self.steps.append(Step(snake(name), kind, at, crop, side))

    def scale(self, step: str, name: str, at: Location) -> None:
        """Add a scaling, `step` such as 1/255, as a step called `name`."""
        self.scaling.append((step, at))
        self.put(name, "scale", at)

    def subtract(self, mean: Numbers | None, at: Location) -> None:
        """Subtract a mean per channel, in units of the pixels at this point; None where it is computed."""
        self.mean = (mean, at)
        if self.std is None:
            self.std = (None, at) if mean is None else None
        self.put("subtract_mean", "normalize", at)

    def divide(self, std: Numbers | None, at: Location) -> None:
        """Divide by a standard deviation per channel, in units of the pixels at this point; None where computed."""
        self.std = (std, at)
        self.put("divide_by_std", "normalize", at)

    def convert(self, name: str, kind: str, at: Location) -> None:
        """Add a step that converts integers to floats in 0..1, and keeps floats unchanged."""
        if self.floats is not None and self.floats[0]:
            self.put(name, kind if kind == "tensor" else "other", at)
            self.kept = self.floats[1] if kind == "tensor" else self.kept
        else:
            self.put(name, kind, at)
            self.scaling.append((UNIT_STEP, at))
        self.floats = (True, at)

    def restart(self) -> None:
        """Undo the scaling, since a tensor is converted back to an image in 0..255; random steps stay."""
        self.scaling, self.floats = [], None
        self.steps = [step for step in self.steps if step.kind not in ("tensor", "scale")]

    def doubt(self, why: str) -> None:
        """Record why the images' values are unknown; the first reason stays."""
        self.unsure_values = self.unsure_values or why


def numbers(value: Value | None) -> Numbers | None:
    """Three numbers, a single one repeated; all of them where there are more. None where unknown."""
    if isinstance(value, Ref) and value.name.rpartition(".")[2] in NAMED_MEANS:
        return NAMED_MEANS[value.name.rpartition(".")[2]]
    data = plain(value)
    data = [data] if isinstance(data, int | float) else data
    if isinstance(data, list | tuple) and data and all(isinstance(n, int | float) for n in data):
        row = tuple(float(n) for n in data)
        return row * 3 if len(row) == 1 else row
    return None


def settle(way: Pipeline | None, fields: Fields, val: bool = False) -> None:
    """Write one split's augmentations, input size (px), scaling, mean and std into `fields`.

    val: use the fields with `val_` instead of the training ones. Writes nothing without a way.
    """
    augmentations, size, scaling, mean, std = VAL_FIELDS if val else TRAIN_FIELDS
    if way is None or way.at is None:
        return
    if doubt := way.unsure or way.unsure_random:
        fields.unknown(augmentations, doubt)
        if not val:
            fields.unknown("augmentation_options", doubt)
    else:
        first = way.random[0][1] if way.random else way.at
        fields.know(augmentations, tuple(name for name, _ in way.random), first)
        if not val:
            fields.know("augmentation_options", options(way.strengths), first)
    doubt = way.unsure or way.unsure_values
    if way.scaling or not doubt:
        fields.know(scaling, tuple(step for step, _ in way.scaling), way.scaling[-1][1] if way.scaling else way.at)
    else:
        fields.unknown(scaling, doubt)
    if way.size:
        fields.know(size, *way.size)
    elif way.unsure:
        fields.unknown(size, way.unsure)
    for name, statistic in ((mean, way.mean), (std, way.std)):
        if statistic is not None and statistic[0] is not None:
            fields.know(name, *statistic)
        elif statistic is not None or doubt:
            fields.unknown(name, doubt or "its numbers are computed at run time")
        else:
            fields.know(name, (), way.at)
