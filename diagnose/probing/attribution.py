"""How much of a gap each factor explains: changed one at a time, first and last, with the remainder stated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from diagnose.catalogue import augmentations, losses, optimizers
from diagnose.catalogue.losses import Expects
from diagnose.catalogue.optimizers import Family
from diagnose.model import BEST_KNOWN, RECIPE, Attribution, Part, usual_band
from diagnose.probing.recipe import FACTORS, Recipe
from diagnose.probing.statistics import Array, confidences, crossed

# The activations that fit what a loss expects; a distance to one-hot labels learns by any that reaches 0 and 1.
FITTING = {
    Expects.LOGITS: ("none",),
    Expects.LOG_PROBABILITIES: ("log_softmax",),
    Expects.PROBABILITIES: ("softmax", "sigmoid"),
    Expects.VALUES: ("none", "softmax", "sigmoid"),
}
# A weight decay above it is a suspect; ten times the usual of torchvision's recipes, of which SGD's is the smaller.
SGD_DECAY, SGD_USUAL_DECAY, DECAY_ELSEWHERE = 1e-2, 1e-4, 0.1
OUTSIDE = frozenset(("weights", "arch"))  # of a recipe
WIDTHS, CENTRES = (1.5, 8.0), 0.75  # of what 0..255 becomes: ImageNet's is 4.4 wide about 0.2, -1..1 is 2 wide


@dataclass(frozen=True)
class Setup:
    """A recipe, what it starts from ("none" or the name of weights), and the architecture ("" for that of all arms)."""

    recipe: Recipe
    weights: str = "none"
    arch: str = ""

    def with_factor(self, factor: str, other: Setup) -> Setup:
        """This one with the factor as in `other`."""
        taken = {name: other.value(name) for name in fields_of(factor)}
        own = {name: taken.pop(name) for name in OUTSIDE & set(taken)}
        return replace(self, recipe=replace(self.recipe, **taken), **own)

    def value(self, name: str) -> Any:
        """The set-up's field, or the recipe's."""
        return getattr(self if name in OUTSIDE else self.recipe, name)


def fields_of(factor: str) -> tuple[str, ...]:
    """The recipe's fields; a factor of several joined by " and " has those of each."""
    return tuple(name for part in factor.split(" and ") for name in FACTORS[part])


def differing(one: Setup, other: Setup) -> tuple[str, ...]:
    """The factors in which two set-ups differ, in the order of FACTORS."""
    return joined([factor for factor in FACTORS if _differ(one, other, factor)])


def joined(factors: Sequence[str]) -> tuple[str, ...]:
    """The factors with the optimizer and its rate as one where both differ: the rate of one never fits the other."""
    if {"learning rate", "optimizer"} <= set(factors):
        both = "learning rate and optimizer"
        return tuple(both if factor == "learning rate" else factor for factor in factors if factor != "optimizer")
    return tuple(factors)


def _differ(one: Setup, other: Setup, factor: str) -> bool:
    """Whether the two train differently by this factor; what one of them does not reproduce isn't a difference."""
    if {*one.recipe.unlike, *other.recipe.unlike} & set(FACTORS[factor]):
        return False
    return any(one.value(name) != other.value(name) for name in FACTORS[factor] if name != "batch_size")


def best_known(own: Setup, pretrained: str | None, suggested: float | None) -> Setup:
    """The set-up with everything fixed that is known to be better, and the rest as the person has it.

    pretrained: weights that are available. suggested: the rate that the search found, at the recipe's batch size; it
    takes the place of a rate that is not usual.
    """
    reference, recipe = Recipe(), own.recipe
    weights = own.weights if own.weights != "none" or pretrained is None else pretrained
    sgd_like = _sgd_like(recipe.optimizer)
    values: dict[str, object] = {"shuffle": True, "input_size": None, "steps": None, "frozen": ()}
    if not fits_outputs(recipe):
        outputs = None if recipe.outputs == 1 else recipe.outputs
        values |= {"loss": "cross_entropy", "output_activation": "none", "loss_options": (), "outputs": outputs}
    if not well_centred(recipe):
        values |= {"scaling": reference.scaling, "mean": reference.mean, "std": reference.std}
    if not recipe.augmentations or not all(map(augmentations.steady, recipe.augmentations)):
        values |= {"augmentations": reference.augmentations, "augmentation_options": ()}
    if sgd_like and optimizers.takes_momentum(recipe.optimizer) and recipe.momentum < 0.5:
        values["momentum"] = reference.momentum
    if recipe.weight_decay > (SGD_DECAY if sgd_like else DECAY_ELSEWHERE):
        values["weight_decay"] = SGD_USUAL_DECAY if sgd_like else reference.weight_decay
    low, high = usual_band(recipe.optimizer, recipe.batch_size)
    if not low <= recipe.learning_rate <= high:  # short runs like higher rates than long ones: a usual rate stays
        values["learning_rate"] = suggested or (high / 10 if sgd_like else high)
    return Setup(replace(recipe, **values), weights, own.arch)  # type: ignore[arg-type]


def _sgd_like(optimizer: str) -> bool:
    entry = optimizers.find(optimizer)
    return entry is not None and entry.family is Family.SGD


def fits_outputs(recipe: Recipe) -> bool:
    """Whether the loss takes the outputs for what they are: raw ones, or probabilities where it expects such."""
    entry = losses.find(recipe.loss)
    wanted = FITTING.get(entry.expects, ("none",)) if entry else ("none",)
    return recipe.output_activation in wanted


def well_centred(recipe: Recipe) -> bool:
    """Whether pixels of 0..255 end up about as wide and as centred as networks are used to."""
    scale = 255.0
    low = 0.0
    for step in recipe.scaling:
        scale, low = (scale / 255, low / 255) if step == "1/255" else (scale / 127.5, low / 127.5 - 1)
    for mean, std in zip(recipe.mean, recipe.std, strict=False):
        if std <= 0:
            return False
        width, centre = scale / std, (low + scale / 2 - mean) / std
        if not WIDTHS[0] <= width <= WIDTHS[1] or abs(centre) > CENTRES:
            return False
    return True


def described(setup: Setup, factor: str) -> str:
    """The factor's value in a few characters."""
    phrases = []
    for name in fields_of(factor):
        value = setup.value(name)
        if name == "batch_size" or (name == "momentum" and not optimizers.takes_momentum(setup.recipe.optimizer)):
            continue
        if name in ("mean", "std"):
            phrases.append(f"{name} {_short(value)}")
        elif name in ("steps", "input_size"):
            unit = "steps" if name == "steps" else "px"
            phrases.append(f"{value} {unit}" if value else f"the probe's {unit}")
        else:
            phrases.append(_short(value))
    return ", ".join(phrases)


def _short(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_short, value)) + "]" if value else "none"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def arms(own: Setup, goal: Setup, factors: Sequence[str], both_orders: bool) -> dict[str, Setup]:
    """Every set-up that has to be trained, by a name: the two ends, each factor first and, of both orders, last."""
    wanted = {"configured": own, "goal": goal}
    if len(factors) > 1:
        wanted |= {f"with {factor}": own.with_factor(factor, goal) for factor in factors}
        if both_orders:
            wanted |= {f"without {factor}": goal.with_factor(factor, own) for factor in factors}
    return wanted


@dataclass(frozen=True)
class Beyond:
    """Something that is better than the repaired set-up: what it is, instead of what, and its hits of each seed."""

    before: str
    after: str
    hits: Sequence[Array]


def attribution(
    own: Setup,
    goal: Setup,
    factors: Sequence[str],
    hits: Mapping[str, Sequence[Array]],
    both_orders: bool,
    arch: str,
    towards: str = BEST_KNOWN,
    beyond: Beyond | None = None,
) -> Attribution | None:
    """The waterfall from the hits of `arms`, each of the same seeds and images; None with fewer than two seeds.

    A factor's part is the mean of what it gains alone and of what is lost without it: the Shapley value (1953) for
    two factors, and for more its first and last terms. The remainder, what the factors do together, makes up the sum.
    beyond: what is better still than the goal; the step from there is the part of the recipe, and comes last.
    """
    seeds = min(map(len, hits.values()))
    whole = [goal_hit - own_hit for goal_hit, own_hit in zip(hits["goal"], hits["configured"], strict=False)][:seeds]
    parts = {factor: _part(factor, factors, hits, both_orders, seeds) for factor in factors}
    rest = [whole[seed] - sum(part[seed] for part in parts.values()) for seed in range(seeds)]
    words = {factor: (described(own, factor), described(goal, factor)) for factor in factors}
    reached = hits["goal"][:seeds]
    if beyond is not None:
        parts[RECIPE] = [one - other for one, other in zip(beyond.hits, reached, strict=False)]
        words[RECIPE] = (beyond.before, beyond.after)
        whole = [one + other for one, other in zip(whole, parts[RECIPE], strict=True)]
        reached = beyond.hits[:seeds]
    total, remainder = crossed(whole), crossed(rest)
    effects = [crossed(part) for part in parts.values()]
    if total is None or remainder is None:
        return None
    measured = [effect for effect in effects if effect is not None]
    attributed = [
        Part(factor, *words[factor], effect, word)
        for factor, effect, word in zip(parts, measured, confidences(measured), strict=True)
    ]
    return Attribution(
        start=float(np.mean(hits["configured"][:seeds])),
        goal=float(np.mean(reached)),
        whole=total,
        parts=tuple(sorted(attributed, key=lambda part: (part.factor == RECIPE, -part.gain.difference))),
        remainder=remainder,
        arch=arch,
        towards=towards,
        both_orders=both_orders or len(factors) < 2,
    )


def _part(
    factor: str, factors: Sequence[str], hits: Mapping[str, Sequence[Array]], both_orders: bool, seeds: int
) -> list[Array]:
    own, goal = hits["configured"], hits["goal"]
    if len(factors) == 1:
        return [goal[seed] - own[seed] for seed in range(seeds)]
    first = [hits[f"with {factor}"][seed] - own[seed] for seed in range(seeds)]
    if not both_orders:
        return first
    last = [goal[seed] - hits[f"without {factor}"][seed] for seed in range(seeds)]
    return [(one + other) / 2 for one, other in zip(first, last, strict=True)]
