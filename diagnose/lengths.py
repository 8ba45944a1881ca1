"""How long the configured run is, and what of it a short probe repeats."""

from __future__ import annotations

from dataclasses import replace

from diagnose.model import Config, Contrast, Dataset
from diagnose.probing.job import Goal, LongRun
from diagnose.probing.recipe import FACTORS, Recipe, configured_recipe

SHORT_RUN = 200  # optimizer steps: no probe run is longer, so only shorter configured runs are run in full
SIZE = 224  # px, where the configuration doesn't say


def long_run_of(config: Config, data: Dataset) -> LongRun | None:
    """What the forecast is about; None where the configuration does not say how long it trains."""
    if not (config.epochs.value and config.batch_size.value):
        return None
    held_out = data.held_out_split
    return LongRun(
        epochs=config.epochs.value,
        batch_size=config.batch_size.value,
        input_size=config.input_size.value or SIZE,
        train_images=data.in_split(data.train_split),
        val_images=data.in_split(held_out) if held_out else 0,
        price=config.price_per_hour.value,
    )


def shortened(recipe: Recipe, run: LongRun | None) -> Recipe:
    """The recipe with the configured number of steps, where a probe can run all of them."""
    return replace(recipe, steps=run.steps if run and run.steps < SHORT_RUN else None)


def goal_of(other: Config, told: Contrast, data: Dataset | None) -> Goal:
    """The other configuration, and those of its differences that a short probe can measure."""
    run = long_run_of(other, data) if data else None
    recipe, _ = configured_recipe(other, run.steps_per_epoch if run else None)
    factors = tuple(one.factor for one in told.differences if one.factor in FACTORS)
    return Goal(
        recipe=shortened(recipe, run),
        weights=other.weights.value or "none",
        arch=other.model.value,
        factors=factors,
    )
