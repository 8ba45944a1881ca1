"""What can differ between two trainings: the one table of factors, for `--against` and for the attribution.

Each is a group of configuration fields that make one cause together, and the fields of a probe's recipe that it is
measured by. They stand in the order of what they are known to cost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isclose
from typing import Any

from diagnose.model.config import IMAGENET_WEIGHTS, Config

NEAR = 1.5  # a rate or batch within this factor seldom matters


@dataclass(frozen=True)
class Factor:
    """One cause.

    fields: of the configuration. recipe: of diagnose.probing.recipe.Recipe, or `weights` and `arch` of what it starts
    from; none where no probe can measure it by itself. effect: what a difference is expected to do. alike: whether two
    values of a field are the same setting.
    """

    name: str
    fields: tuple[str, ...]
    recipe: tuple[str, ...]
    effect: Callable[[Config, Config], str]
    alike: Callable[[Any, Any], bool] = lambda one, other: one == other


def _close(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return isclose(one, other, rel_tol=1e-6)
    if isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        return all(map(_close, one, other))
    return bool(one == other)


def _same_start(one: Any, other: Any) -> bool:
    return (one == "none") == (other == "none") and (one == other or {one, other} <= IMAGENET_WEIGHTS)


def _weights(a: Config, b: Config) -> str:
    if (a.weights.value == "none") != (b.weights.value == "none"):
        return ("the greatest difference there is on small data: with 1,000 images ResNet50 reaches 43% from scratch "
                "and 66% from ImageNet weights (mean of 19 tasks), on full sets 75% and 90%")  # fmt: skip
    return "other pretrained weights; torchvision's second set is 4.7 points better on ImageNet (80.9 against 76.1)"


def _rate(a: Config, b: Config) -> str:
    one, other = a.learning_rate.value, b.learning_rate.value
    if one and other:
        ratio = max(one, other) / min(one, other)
        if ratio <= NEAR:
            return "so near that it seldom matters"
        if ratio < 5:
            return f"a factor of {ratio:.2g}: some points at most, either way"
        return f"a factor of {ratio:.3g}: it can decide between learning and not"
    return "the setting that matters most after the weights"


def _epochs(a: Config, b: Config) -> str:
    scratch = a.weights.value == "none" and b.weights.value == "none"
    return (
        "from random weights the longer run still learns where the shorter one stops"
        if scratch
        else "with pretrained weights the first few epochs bring most of it"
    )


def _text(text: str) -> Callable[[Config, Config], str]:
    return lambda a, b: text


FACTORS = (
    Factor("weights", ("weights",), ("weights",), _weights, _same_start),
    Factor(
        "loss",
        ("loss", "output_activation", "loss_options"),
        ("loss", "output_activation", "loss_options", "outputs"),
        _text("a loss that does not fit the outputs stops learning"),
    ),
    Factor(
        "frozen layers",
        ("frozen",),
        ("frozen",),
        _text("frozen pretrained features suffice for a few hundred images; more want tuning"),
    ),
    Factor(
        "preprocessing",
        ("preprocessing", "scaling", "mean", "std"),
        ("scaling", "mean", "std"),
        _text("pretrained features want their own: a frozen ResNet50 fed x/255 reached 50% in place of 98%"),
        _close,
    ),
    Factor(
        "architecture",
        ("model",),
        ("arch",),
        _text("several points between generations of networks, at equal training"),
    ),
    Factor("learning rate", ("learning_rate",), ("learning_rate", "batch_size"), _rate, _close),
    Factor(
        "optimizer",
        ("optimizer", "optimizer_options"),
        ("optimizer", "momentum", "optimizer_options"),
        _text("a few points where each has its own best rate; the same rate never fits both"),
    ),
    Factor("epochs", ("epochs",), ("steps",), _epochs),
    Factor(
        "augmentation",
        ("train_augmentations", "augmentation_options"),
        ("augmentations", "augmentation_options"),
        _text("augmentation delays memorising: worth points on small data, and nothing in a run too short to memorise"),
    ),
    Factor(
        "input size",
        ("input_size",),
        ("input_size",),
        _text("a point or two for each step from 128 to 224 pixels, more on fine detail"),
    ),
    Factor(
        "schedule",
        ("schedule", "schedule_options"),
        ("schedule", "schedule_options"),
        _text("a decay to small rates at the end is worth a point or more"),
    ),
    Factor(
        "shuffling",
        ("shuffle",),
        ("shuffle",),
        _text("an unshuffled folder shows one class after the other: it hardly learns"),
    ),
    Factor(
        "weight decay",
        ("weight_decay",),
        ("weight_decay",),
        _text("a point or two from scratch, little in fine-tuning"),
        _close,
    ),
    Factor("head", ("head_options",), ("head_options",), _text("little: a hidden layer helps frozen features at most")),
    Factor("batch size", ("batch_size",), (), _text("little, if the rate goes with it; below 8 batch norm suffers")),
    Factor("momentum", ("momentum",), (), _text("little between 0.8 and 0.95; none at all slows SGD down"), _close),
)
