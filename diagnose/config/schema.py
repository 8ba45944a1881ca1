"""What a configuration may say, in the words people use, and its canonical form.

Every field is optional: one that is missing stays unknown. `none` (or null) is an answer, not a gap.
"""

from __future__ import annotations

import difflib
import math
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from diagnose.catalogue import optimizers, schedules
from diagnose.catalogue.options import OPTIONS
from diagnose.model import SYMMETRIC_STEP, UNIT_STEP

NONE_WORDS = ("none", "false", "no", "random", "scratch")

# Other spellings of a field; nested sections are written with a dot.
ALIASES = {
    "title": "name",
    "description": "name",
    "approach": "method",
    "arch": "model",
    "architecture": "model",
    "model.name": "model",
    "model.weights": "weights",
    "pretrained": "weights",
    "lr": "learning_rate",
    "optimizer.name": "optimizer",
    "optimizer.lr": "learning_rate",
    "optimizer.learning_rate": "learning_rate",
    "optimizer.momentum": "momentum",
    "optimizer.weight_decay": "weight_decay",
    "batch": "batch_size",
    "num_epochs": "epochs",
    "scheduler": "schedule",
    "schedule.name": "schedule",
    "scheduler.name": "schedule",
    "loss.name": "loss",
    "image_size": "input_size",
    "img_size": "input_size",
    "rescale": "scaling",
    "normalization.mean": "mean",
    "normalization.std": "std",
    "normalisation.mean": "mean",
    "normalisation.std": "std",
    "augmentations.train": "train_augmentations",
    "augmentations.val": "val_augmentations",
    "augmentation.train": "train_augmentations",
    "augmentation.val": "val_augmentations",
    "num_classes": "head",
    "head.outputs": "head",
    "head.classes": "head",
    "frozen_layers": "frozen",
    "freeze": "frozen",
    "target": "target_accuracy",
}

# A step that divides 0..255 pixels by 255, or maps them to -1..1, in the words of the frameworks.
SCALING_WORDS = {
    "1/255": UNIT_STEP,
    "0..1": UNIT_STEP,
    "0-1": UNIT_STEP,
    "unit": UNIT_STEP,
    "to_tensor": UNIT_STEP,
    "totensor": UNIT_STEP,
    "to_dtype": UNIT_STEP,
    "rescale": UNIT_STEP,
    "divide_by_255": UNIT_STEP,
    "/255": UNIT_STEP,
    "-1..1": SYMMETRIC_STEP,
    "symmetric": SYMMETRIC_STEP,
}
USUAL_OPTIMIZERS = ("sgd", "adam", "adamw", "rmsprop")  # that a message names
RAW_WORDS = (*NONE_WORDS, "raw", "0..255", "0-255", "identity")


def _list(value: Any) -> list[Any]:
    """A value, a list of values, or a word for none, as a list."""
    if value is None or value is False or (isinstance(value, str) and value.lower() in NONE_WORDS):
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _scaling(value: Any) -> list[str]:
    if isinstance(value, str) and value.lower() in RAW_WORDS:
        return []
    return [_scaling_step(step) for step in _list(value)]


def _scaling_step(step: Any) -> str:
    if isinstance(step, int | float) and not isinstance(step, bool):
        if math.isclose(step, 255) or math.isclose(step, 1 / 255, rel_tol=0.01):
            return UNIT_STEP
        raise ValueError(f"{step:g} isn't a known scaling; write 1/255, -1..1 or none")
    word = str(step).lower().replace(" ", "")
    if word not in SCALING_WORDS:
        raise ValueError(f"'{step}' isn't a known scaling; write 1/255, -1..1 or none")
    return SCALING_WORDS[word]


def _weights(value: Any) -> Any:
    if value is True:
        return "imagenet"
    if value is None or value is False or (isinstance(value, str) and value.lower() in NONE_WORDS):
        return "none"
    return value


def _architecture(value: Any) -> Any:
    """A word, or the package.module:factory of a network of one's own, as it is."""
    return value if isinstance(value, str) and ":" in value else _word(value)


def _word(value: Any) -> Any:
    return value.strip().lower().replace("-", "_").replace(" ", "_") if isinstance(value, str) else value


def _one_of(*words: str) -> AfterValidator:
    def check(value: str) -> str:
        if value not in words:
            raise ValueError(f"'{value}' is not one of {', '.join(words)}")
        return value

    return AfterValidator(check)


def _optimizer(value: str) -> str:
    """The catalogue's name. Raises ValueError for an optimizer that is not in it, with the nearest that is."""
    entry = optimizers.find(value)
    if entry is None:
        near = difflib.get_close_matches(value, [one.name for one in optimizers.OPTIMIZERS], n=1)
        hint = f"did you mean {near[0]}?" if near else f"such as {', '.join(USUAL_OPTIMIZERS)}"
        raise ValueError(f"'{value}' isn't a known optimizer; {hint}")
    return entry.name


def _schedule(value: str) -> str:
    """The catalogue's name where it has one, else the word as it is."""
    return schedules.canonical(value)


def _method(value: Any) -> Any:
    word = _word(value)
    return {"from_scratch": "scratch", "transfer_learning": "transfer", "fine_tune": "transfer",
            "fine_tuning": "transfer", "finetune": "transfer", "finetuning": "transfer",
            "feature_extraction": "linear_probe"}.get(word, word)  # fmt: skip


def _three(value: list[float]) -> list[float]:
    if len(value) not in (0, 1, 3):
        raise ValueError(f"{len(value)} values given; write one, or three for red, green and blue")
    return value * 3 if len(value) == 1 else value


def _options(field: str) -> AfterValidator:
    """Holds the field's options to numbers, words, truth values and lists of those; lists become tuples."""

    def check(value: dict[str, Any]) -> dict[str, Any]:
        for name, given in value.items():
            if name not in OPTIONS[field]:
                raise ValueError(f"'{name}' isn't an option; known are {', '.join(sorted(OPTIONS[field]))}")
            items = given if isinstance(given, list | tuple) else [given]
            if not all(isinstance(item, bool | int | float | str) for item in items):
                raise ValueError(f"'{name}' is neither a number, a word nor a list of them")
            if any(isinstance(item, float) and not math.isfinite(item) for item in items):
                raise ValueError(f"'{name}' is not finite")
        return {name: tuple(given) if isinstance(given, list) else given for name, given in value.items()}

    return AfterValidator(check)


def _no_options(value: Any) -> Any:
    return {} if isinstance(value, str) and value.lower() in NONE_WORDS else value


Word = Annotated[str, BeforeValidator(_word)]
Words = Annotated[list[Word], BeforeValidator(_list)]
Channels = Annotated[list[Annotated[float, Field(strict=True)]], BeforeValidator(_list), AfterValidator(_three)]
Real = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Named = Annotated[dict[str, Any], BeforeValidator(_no_options)]
Whole = Annotated[int, Field(strict=True)]


class ConfigFile(BaseModel):
    """The fields of a configuration file; names and canonical values are those of `diagnose.model.Config`."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = None
    method: Annotated[str, BeforeValidator(_method), _one_of("scratch", "transfer", "linear_probe")] | None = None
    model: Annotated[str, BeforeValidator(_architecture)] | None = None
    weights: Annotated[str, BeforeValidator(_weights)] | None = None
    optimizer: Annotated[Word, AfterValidator(_optimizer)] | None = None
    learning_rate: Annotated[Real, Field(gt=0)] | None = None
    momentum: Annotated[Real, Field(ge=0, lt=1)] | None = None
    weight_decay: Annotated[Real, Field(ge=0)] | None = None
    batch_size: Annotated[Whole, Field(gt=0)] | None = None
    drop_last: Annotated[bool, Field(strict=True)] | None = None
    epochs: Annotated[Whole, Field(gt=0)] | None = None
    schedule: Annotated[Word, AfterValidator(_schedule)] | None = None
    input_size: Annotated[Whole, Field(gt=0)] | None = None
    scaling: Annotated[list[str], BeforeValidator(_scaling)] | None = None
    mean: Channels | None = None
    std: Channels | None = None
    train_augmentations: Words | None = None
    val_augmentations: Words | None = None
    loss: Word | None = None
    head: Annotated[Whole, Field(gt=0)] | None = None
    frozen: Words | None = None
    seed: Whole | None = None
    shuffle: Annotated[bool, Field(strict=True)] | None = None
    output_activation: Word | None = None
    optimizer_options: Annotated[Named, _options("optimizer_options")] | None = None
    schedule_options: Annotated[Named, _options("schedule_options")] | None = None
    loss_options: Annotated[Named, _options("loss_options")] | None = None
    augmentation_options: Annotated[Named, _options("augmentation_options")] | None = None
    head_options: Annotated[Named, _options("head_options")] | None = None
    preprocessing: Word | None = None
    val_input_size: Annotated[Whole, Field(gt=0)] | None = None
    val_scaling: Annotated[list[str], BeforeValidator(_scaling)] | None = None
    val_mean: Channels | None = None
    val_std: Channels | None = None
    target_accuracy: Annotated[Real, Field(gt=0, le=1)] | None = None
    price_per_hour: Annotated[Real, Field(ge=0)] | None = None
    gpu_memory: Annotated[Real, Field(gt=0)] | None = None


# Where null is an answer ("no weights", "no normalisation") and not a gap.
NULL_MEANS_NONE = (
    "weights", "scaling", "mean", "std", "train_augmentations", "val_augmentations", "frozen", "output_activation",
    "val_scaling", "val_mean", "val_std", *OPTIONS,
)  # fmt: skip
