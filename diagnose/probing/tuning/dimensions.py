"""What may be changed around a person's recipe: the dimensions of the search, one function each, or why there is none.

A short training always prefers a faster start: higher learning rates, less augmentation, no dropout. Where the
configured run is much longer than the trainings here, these are therefore left out, by name: a rate that is usual is
searched downwards only (Bjorck et al. 2024 measure that the best rate falls as runs grow), and what regularises is only
ever made stronger. A warm-up isn't searched either: every short training has one, whatever is configured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from diagnose.catalogue import augmentations, optimizers
from diagnose.catalogue.optimizers import Family
from diagnose.model import TunedValue, possible_band, usual_band
from diagnose.probing.attribution import DECAY_ELSEWHERE, SGD_DECAY, SGD_USUAL_DECAY
from diagnose.probing.recipe import Recipe
from diagnose.probing.schedule import USUAL

Value = float | str

MUCH_LONGER = 4  # times the steps of a training here, beyond which the configured run is a different case
DECADE = 10.0
RATE = "learning rate"
YOURS = "yours"  # a choice that is the person's own and not one of the usual ones
SCHEDULES = ("constant", "cosine", "step")
# Augmentations from weak to strong, as torchvision's reference recipes add them.
LADDER: dict[str, tuple[str, ...]] = {
    "none": (),
    "flip": ("random_horizontal_flip",),
    "flip and crop": ("random_resized_crop", "random_horizontal_flip"),
    "flip, crop and color jitter": ("random_resized_crop", "random_horizontal_flip", "color_jitter"),
}
MIXUP = (0.0, 0.2, 0.4)  # alpha; Zhang et al. 2018 use 0.1 to 0.4 on ImageNet
DROPOUT = (0.0, 0.2, 0.5)
SMOOTHING = (0.0, 0.1)  # Szegedy et al. 2016
SMOOTHED = ("cross_entropy", "categorical_crossentropy")


@dataclass(frozen=True)
class Dimension:
    """One thing to change. own: the person's value. low, high: of a number that is drawn evenly in its logarithm;
    choices: of anything else. recipe: the recipe's fields at a value; config: the configuration's."""

    name: str
    own: Value
    recipe: Callable[[Any], dict[str, Any]]
    config: Callable[[Any], dict[str, TunedValue]]
    low: float = 0.0
    high: float = 0.0
    choices: tuple[Value, ...] = ()
    words: Callable[[Any], str] = lambda value: f"{value:.3g}" if isinstance(value, float) else str(value)

    def within(self, value: Value) -> Value:
        """The nearest value that the search may draw: what a person has may lie outside."""
        return value if self.choices else min(self.high, max(self.low, float(value)))


@dataclass(frozen=True)
class Around:
    """What decides where to look.

    own: the person's recipe. pretrained: whether it starts from weights; dropout: whether the network's head takes
    one. short: whether the configured run is much longer than the trainings here, or of unknown length. fixed: fields
    of the recipe that stay, each with why.
    """

    own: Recipe
    classes: tuple[str, ...] = ()
    framework: str = ""
    pretrained: bool = False
    dropout: bool = True
    short: bool = True
    fixed: Mapping[str, str] = field(default_factory=dict)


def _rate(around: Around) -> Dimension | str:
    recipe = around.own
    own = recipe.learning_rate
    usual, possible = (band(recipe.optimizer, recipe.batch_size) for band in (usual_band, possible_band))
    low = max(possible[0], min(usual[0], own / DECADE))
    high = min(possible[1], max(usual[1], own * DECADE))
    if around.short:
        high = own if usual[0] <= own <= usual[1] else usual[1]
    if low >= high:
        return "nothing else is usual for the optimizer"
    return Dimension(
        RATE, own, lambda value: {"learning_rate": value}, lambda value: {"learning_rate": value}, low, high
    )


def _decay(around: Around) -> Dimension | str:
    entry, own = optimizers.find(around.own.optimizer), around.own.weight_decay
    if entry is None or not entry.decay:
        return "the optimizer takes none"
    usual = entry.defaults.decay or SGD_USUAL_DECAY
    low = min(usual, own or usual) / DECADE
    high = max(own, SGD_DECAY if entry.family is Family.SGD else DECAY_ELSEWHERE)
    return Dimension(
        "weight decay", own, lambda value: {"weight_decay": value}, lambda value: {"weight_decay": value}, low, high
    )


def _schedule(around: Around) -> Dimension | str:
    own = around.own
    warm = tuple(option for option in own.schedule_options if option[0] == "warmup")
    if own.schedule == "onecycle":
        return "its peak is the learning rate"

    def options(name: str) -> dict[str, Any]:
        return USUAL["step"] if name == "step" else {}

    return Dimension(
        "schedule",
        own.schedule,
        lambda name: {"schedule": name, "schedule_options": tuple(sorted((*options(name).items(), *warm)))},
        lambda name: {"schedule": name, **{f"schedule_options.{one}": value for one, value in options(name).items()}},
        choices=tuple(dict.fromkeys((own.schedule, *SCHEDULES))),
    )


def _augmentation(around: Around) -> Dimension | str:
    own = tuple(name for name in around.own.augmentations if not augmentations.mixes(name))
    mixed = tuple(filter(augmentations.mixes, around.own.augmentations))
    by_option = dict(around.own.augmentation_options)
    swapped = augmentations.mirrors("random_horizontal_flip") or ()
    mirrored = any(word in name.lower() for word in swapped for name in around.classes)
    choices: dict[str, tuple[str, ...]] = {next((k for k, v in LADDER.items() if set(v) == set(own)), YOURS): own}
    for key, names in LADDER.items():
        stronger = set(names) >= set(own)
        if key not in choices and not (mirrored and names) and (stronger or not around.short):
            choices[key] = names
    if len(choices) < 2:
        return "yours are none of the usual ones, and weaker ones are left out"
    return Dimension(
        "augmentation",
        next(iter(choices)),
        lambda key: {"augmentations": choices[key]},
        lambda key: {"train_augmentations": (*choices[key], *(name for name in mixed if name not in by_option))},
        choices=tuple(choices),
        words=lambda key: ", ".join(choices[key]) or "none",
    )


def _mixup(around: Around) -> Dimension | str:
    recipe = around.own
    kept = {name: value for name, value in recipe.augmentation_options if name != "mixup"}
    own = dict(recipe.augmentation_options).get("mixup", 0.0)
    others = [name for name in recipe.augmentations if augmentations.mixes(name) and (name != "mixup" or not own)]
    if around.framework == "keras" or recipe.loss not in SMOOTHED or recipe.outputs == 1:
        return "it needs labels as shares of classes"
    if others or not isinstance(own, int | float):
        return "images are mixed otherwise already"

    def options(alpha: float) -> tuple[tuple[str, Any], ...]:
        return tuple(sorted({**kept, **({"mixup": alpha} if alpha else {})}.items()))

    return Dimension(
        "mixup",
        float(own),
        lambda alpha: {"augmentation_options": options(alpha), "mixed": ("mixup",) if alpha else ()},
        lambda alpha: {"augmentation_options.mixup": alpha},
        choices=_from(float(own), MIXUP, around.short),
    )


def _frozen(around: Around) -> Dimension | str:
    if not around.pretrained:
        return "nothing may be frozen that starts from random weights"
    own = around.own.frozen
    choices: dict[str, tuple[str, ...]] = {"none": (), "backbone": ("backbone",)}
    name = next((key for key, layers in choices.items() if layers == own), YOURS)
    choices.setdefault(name, own)
    return Dimension(
        "frozen layers",
        name,
        lambda key: {"frozen": choices[key]},
        lambda key: {"frozen": choices[key]},
        choices=tuple(choices),
        words=lambda key: ", ".join(choices[key]) or "none",
    )


def _dropout(around: Around) -> Dimension | str:
    if not around.dropout:
        return "the network's head takes none"
    return _option(around, "dropout", "head_options", "dropout", DROPOUT)


def _smoothing(around: Around) -> Dimension | str:
    if around.own.loss not in SMOOTHED or around.own.outputs == 1:
        return f"the loss {around.own.loss} takes none"
    return _option(around, "label smoothing", "loss_options", "label_smoothing", SMOOTHING)


def _option(around: Around, name: str, group: str, option: str, usual: tuple[float, ...]) -> Dimension | str:
    """A share among the options of a group, 0 where it is not given."""
    held = dict(getattr(around.own, group))
    own = float(held.pop(option, 0.0))
    choices = _from(own, usual, around.short)
    if len(choices) < 2:
        return "yours is the strongest that is usual"
    return Dimension(
        name,
        own,
        lambda share: {group: tuple(sorted({**held, **({option: share} if share else {})}.items()))},
        lambda share: {f"{group}.{option}": share},
        choices=choices,
    )


def _from(own: float, usual: tuple[float, ...], short: bool) -> tuple[Value, ...]:
    """The person's own, then the usual ones; in short trainings those that are stronger."""
    return tuple(dict.fromkeys((own, *(one for one in usual if one > own or not short))))


# By name: the fields of the recipe that each needs as they are, and what makes it.
DIMENSIONS: dict[str, tuple[tuple[str, ...], Callable[[Around], Dimension | str]]] = {
    RATE: (("learning_rate",), _rate),
    "weight decay": (("weight_decay",), _decay),
    "schedule": (("schedule", "schedule_options"), _schedule),
    "augmentation": (("augmentations", "augmentation_options"), _augmentation),
    "mixup": (("augmentations", "augmentation_options"), _mixup),
    "frozen layers": (("frozen",), _frozen),
    "dropout": (("head_options",), _dropout),
    "label smoothing": (("loss", "loss_options"), _smoothing),
}
