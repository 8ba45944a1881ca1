"""The training configuration as evidence: every field known with its line, or unknown and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

from diagnose.catalogue import augmentations
from diagnose.model.basics import Location, NotExamined

T = TypeVar("T")
# A group of named settings, such as (("nesterov", True), ("betas", (0.9, 0.95))); empty: nothing beyond the defaults.
Options = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Setting(Generic[T]):
    """One field of the configuration: its value and where it was read, or why it is unknown.

    cell: of a notebook; the line is then the line in the cell. observed: seen as the program ran (--run), rather than
    read from its text.
    """

    value: T | None = None
    known: bool = False
    file: str | None = None
    line: int | None = None
    cell: int | None = None
    why: str = "the config does not say"  # completed with the field's name by the reader
    observed: bool = False

    def get(self) -> T:
        """The value; raises NotExamined, with the reason `why`, where it is unknown."""
        if not self.known or self.value is None:
            raise NotExamined(self.why)
        return self.value

    @property
    def location(self) -> Location | None:
        """Where the value was read; None where the field has no file."""
        return Location(self.file, self.line, self.cell) if self.file else None


UNKNOWN: Setting[Any] = Setting()

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of 0..1, as torchvision normalises

# Words for torchvision's weights, the usual of which a library takes where a program says no more.
IMAGENET_WEIGHTS = frozenset(("imagenet", "DEFAULT", "IMAGENET1K_V1", "IMAGENET1K_V2"))

LOADED = "loaded as the program ran"  # what a run saw, of weights whose file it does not know

UNIT_STEP = "1/255"  # 0..255 becomes 0..1
SYMMETRIC_STEP = "-1..1"  # 0..255 becomes -1..1
DETERMINISTIC_STEPS = augmentations.DETERMINISTIC  # the same to an image every time
WOULD_SEE = " (--run would see it)"
# Fields that a run of the program shows (diagnose/running/observed.py).
OBSERVABLE = frozenset((
    "batch_size", "drop_last", "head", "input_size", "learning_rate", "loss", "mean", "model", "momentum", "optimizer",
    "output_activation", "scaling", "seed", "shuffle", "std", "val_input_size", "weight_decay", "weights",
))  # fmt: skip
swapped_by = augmentations.mirrors  # the words of class names that an augmentation turns into each other
RAW_LIMIT = 2.0  # a mean or standard deviation above this can only be meant for 0..255 pixels


@dataclass(frozen=True)
class Config:
    """The training configuration in canonical form. A tuple that is known and empty means "none"."""

    name: Setting[str] = UNKNOWN
    method: Setting[str] = UNKNOWN  # scratch | transfer | linear_probe
    model: Setting[str] = UNKNOWN
    weights: Setting[str] = UNKNOWN  # "none", a torchvision weights name, or a file
    optimizer: Setting[str] = UNKNOWN  # a name of the catalogue, such as adamw
    learning_rate: Setting[float] = UNKNOWN
    momentum: Setting[float] = UNKNOWN
    weight_decay: Setting[float] = UNKNOWN
    batch_size: Setting[int] = UNKNOWN
    drop_last: Setting[bool] = UNKNOWN
    epochs: Setting[int] = UNKNOWN
    schedule: Setting[str] = UNKNOWN
    input_size: Setting[int] = UNKNOWN  # pixels, the square side fed to the network
    scaling: Setting[tuple[str, ...]] = UNKNOWN  # steps applied to 0..255 pixels, in order
    mean: Setting[tuple[float, ...]] = UNKNOWN
    std: Setting[tuple[float, ...]] = UNKNOWN
    train_augmentations: Setting[tuple[str, ...]] = UNKNOWN
    val_augmentations: Setting[tuple[str, ...]] = UNKNOWN
    loss: Setting[str] = UNKNOWN
    head: Setting[int] = UNKNOWN  # outputs of the last layer
    frozen: Setting[tuple[str, ...]] = UNKNOWN
    seed: Setting[int] = UNKNOWN
    shuffle: Setting[bool] = UNKNOWN  # of the training images
    output_activation: Setting[str] = UNKNOWN  # what the network's outputs have been through: none, softmax, …
    # Options of optimizer, schedule, loss, augmentations and head beyond the fields above, by the names of the
    # catalogue; what the program computes at run time has the value "computed".
    optimizer_options: Setting[Options] = UNKNOWN
    schedule_options: Setting[Options] = UNKNOWN
    loss_options: Setting[Options] = UNKNOWN
    augmentation_options: Setting[Options] = UNKNOWN
    head_options: Setting[Options] = UNKNOWN
    preprocessing: Setting[str] = UNKNOWN  # the framework's own for an architecture, such as keras.resnet50
    val_input_size: Setting[int] = UNKNOWN
    val_scaling: Setting[tuple[str, ...]] = UNKNOWN
    val_mean: Setting[tuple[float, ...]] = UNKNOWN
    val_std: Setting[tuple[float, ...]] = UNKNOWN
    target_accuracy: Setting[float] = UNKNOWN  # 0..1
    price_per_hour: Setting[float] = UNKNOWN  # of the machine that the full training run is for, in any currency
    gpu_memory: Setting[float] = UNKNOWN  # GiB of the card that the full training run is for

    def settings(self) -> Iterator[tuple[str, Setting[Any]]]:
        """Every field with its name, in the order above."""
        for item in fields(self):
            yield item.name, getattr(self, item.name)

    def also_held_out(self, **changes: Any) -> dict[str, Any]:
        """The changes, with the same ones to `val_` fields that equal the training fields now.

        Each name needs a `val_` twin: input_size, scaling, mean, std.
        """
        alike = {}
        for name, value in changes.items():
            held_out = getattr(self, f"val_{name}")
            if held_out.known and held_out.value == getattr(self, name).value:
                alike[f"val_{name}"] = value
        return {**changes, **alike}

    @property
    def from_scratch(self) -> bool:
        """Whether training starts from random weights; raises NotExamined where `weights` is unknown."""
        return self.weights.get() == "none"

    @property
    def published_weights(self) -> bool:
        """Whether the weights are ImageNet's as a library publishes them, by name or by its file's; those of another
        file may want any input. Raises NotExamined where `weights` is unknown."""
        weights = self.weights.get()
        is_file = (
            weights == LOADED
            or "/" in weights
            or "\\" in weights
            or re.search(r"\.(pth?|ckpt|tar|bin|safetensors|h5|keras)$", weights)
        )
        return weights != "none" and (not is_file or re.search(r"-[0-9a-f]{8}\.pth$", weights) is not None)

    @property
    def raw_pixels(self) -> bool:
        """Whether pixels stay 0..255 up to normalisation; raises NotExamined where `scaling` is unknown."""
        return self.scaling.get() == ()

    @property
    def statistics_in_raw_units(self) -> bool:
        """Whether mean/std are written for 0..255 pixels; raises NotExamined where they are unknown."""
        return max((*self.mean.get(), *self.std.get()), default=0.0) > RAW_LIMIT
