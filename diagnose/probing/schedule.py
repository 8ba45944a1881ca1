"""The learning rate of each step: the configured schedule over the probe's length.

The rule: a probe stands for the whole configured run, so that every length becomes its share of that run, and rates
their share of the first one. After the probe's own warm-up (or the schedule's, where it is longer) the shape passes
over the steps that are left. Where a length is not known, the usual one is taken and said.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from diagnose.catalogue import schedules

if TYPE_CHECKING:
    from diagnose.probing.recipe import Recipe

WARM_UP = 0.2  # share of the steps; a run of a few dozen steps needs it more than a long one
LENGTHS = ("period", "milestones", "warmup")
# What is taken where a program does not say it. step: Goyal et al. 2017 divide by ten at 30, 60 and 80 of 90 epochs;
# multistep: He et al. 2016 at half and three quarters; exponential and inverse time: to a hundredth and a tenth.
USUAL: dict[str, dict[str, Any]] = {
    "step": {"period": 1 / 3, "factor": 0.1},
    "multistep": {"milestones": (0.5, 0.75), "factor": 0.1},
    "exponential": {"period": 1.0, "factor": 0.01},
    "inverse_time": {"period": 1.0, "factor": 9.0},
    "cosine_restarts": {"period": 1.0},
}
NEEDED = {
    "step": ("period",),
    "multistep": ("milestones",),
    "exponential": ("factor",),
    "inverse_time": ("period", "factor"),
    "cosine_restarts": ("period",),
}
ROUNDING = 1e-9  # by which a share may miss the step that it means


def share_of_run(recipe: Recipe, epochs: int | None, steps_per_epoch: int | None) -> Recipe:
    """The recipe with the lengths of its schedule as shares of the run, and rates as shares of its learning rate.

    epochs, steps_per_epoch: of the whole run, None where they are not known.
    """
    options: dict[str, Any] = {name: value for name, value in recipe.schedule_options if value != "computed"}
    entry = schedules.find(recipe.schedule)
    if entry is None or not entry.shape:
        why = f"the schedule {recipe.schedule} has no known shape: the probe's cosine decay takes its place"
        return replace(recipe, schedule="cosine", schedule_options=()).without("schedule", why)
    per_step = options.pop("unit", "epoch") == "step"
    whole = (epochs or 0) * ((steps_per_epoch or 0) if per_step else 1)
    lost = [name for name in LENGTHS if name in options] if not whole else []
    given = {
        name: _divided(item, whole) if name in LENGTHS else item for name, item in options.items() if name not in lost
    }
    rate = float(given.pop("peak_rate", recipe.learning_rate))
    if "final_rate" in given:
        given["final"] = float(given.pop("final_rate")) / rate
    if "values" in given:
        given["values"] = tuple(float(value) / rate for value in given["values"])
    if entry.name == "exponential" and "factor" in given and "period" not in given:
        lost += [] if whole else ["factor"]
        given["period"] = 1 / whole if whole else 1.0  # ExponentialLR multiplies once an epoch
    recipe = replace(recipe, learning_rate=rate, schedule=_plain(entry.name))
    if entry.name == "plateau":
        why = "the plateau schedule waits for epochs without progress, which a probe is too short for: a constant rate"
        return replace(recipe, schedule_options=()).without("schedule", why)
    needed = NEEDED.get(entry.name, ())
    if "values" in given or (entry.name == "step" and "milestones" in given):
        needed = ("milestones",)
    if lost or any(name not in given for name in needed):
        given = {name: value for name, value in given.items() if name not in lost} | USUAL.get(entry.name, {})
        why = f"the lengths of the {entry.name} schedule aren't known: the usual ones are taken"
        recipe = recipe.without("schedule", why)
    given = {"factor": 0.1, **given} if entry.name in ("step", "multistep") and "values" not in given else given
    kept = {name: value for name, value in given.items() if name != "warmup" or value}
    return replace(recipe, schedule_options=tuple(sorted(kept.items())))


def _divided(value: Any, whole: float) -> Any:
    if isinstance(value, tuple):
        return tuple(float(one) / whole for one in value)
    return float(value) / whole


def _plain(name: str) -> str:
    return "constant" if name in ("constant", "plateau", "warmup") else name


def rates(recipe: Recipe, steps: int) -> list[float]:
    """The learning rate of each step, that of the batch size that the recipe's rate belongs to."""
    options: dict[str, Any] = dict(recipe.schedule_options)
    if recipe.schedule == "onecycle":
        return [recipe.learning_rate * share for share in one_cycle(options, steps)]
    warm = max(1, round(max(WARM_UP, float(options.get("warmup", 0.0))) * steps))
    return [
        recipe.learning_rate
        * min(1.0, (step + 1) / warm)
        * (1.0 if step < warm else shape(recipe.schedule, options, (step - warm) / (steps - warm)))
        for step in range(steps)
    ]


def shape(name: str, options: dict[str, Any], done: float) -> float:
    """The learning rate as a share of the first, after that share of the run; torch's formulas."""
    period, final = float(options.get("period", 1.0)), float(options.get("final", 0.0))
    factor = float(options.get("factor", 0.1))
    match name:
        case "step" | "multistep" if "milestones" in options:
            passed = sum(done + ROUNDING >= mark for mark in options["milestones"])
            values: Sequence[float] = options.get("values", ())
            return float(values[min(passed, len(values) - 1)]) if values else float(factor**passed)
        case "step":
            return float(factor ** math.floor(done / period + ROUNDING))
        case "exponential":
            return float(factor ** (done / period))
        case "cosine":
            return final + (1 - final) * (1 + math.cos(math.pi * done / period)) / 2
        case "cosine_restarts":
            length, growth = period, float(options.get("growth", 1.0))
            while done + ROUNDING >= length:
                done, length = max(0.0, done - length), length * growth
            return final + (1 - final) * (1 + math.cos(math.pi * done / length)) / 2
        case "polynomial":
            left: float = (1 - min(1.0, done / period)) ** float(options.get("power", 1.0))
            return final + (1 - final) * left
        case "linear":
            start = float(options.get("start", 1.0))
            return start + (final - start) * min(1.0, done / period)
        case "inverse_time":
            return 1 / (1 + factor * done / period)
        case "constant" | "none":
            return 1.0
    raise ValueError(f"the schedule {name} has no shape here")


def one_cycle(options: dict[str, Any], steps: int) -> list[float]:
    """Shares of the peak as torch's OneCycleLR gives them (Smith and Topin 2018): up, then down to nothing."""
    start = 1 / float(options.get("first_divisor", 25.0))
    end = start / float(options.get("last_divisor", 1e4))
    top = float(options.get("rising", 0.3)) * steps - 1
    last = steps - 1

    def between(first: float, second: float, done: float) -> float:
        return second + (first - second) * (1 + math.cos(math.pi * done)) / 2

    def share(step: int) -> float:
        if step <= top and top > 0:
            return between(start, 1.0, step / top)
        return between(1.0, end, (step - top) / max(1.0, last - top))

    return [share(step) for step in range(steps)]
