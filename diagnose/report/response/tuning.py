"""The search for a better recipe."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator

from diagnose.model import Interval, TriedRecipe, TunedValue
from diagnose.report.response.part import AsIs, Part, at
from diagnose.report.tuned import tuned_line


class RecipeChange(Part):
    """One change of the recipe. fields: of the configuration, an option with a dot; lengths of a schedule as shares of
    the run."""

    factor: str
    from_: str = at("before", name="from")
    to: str = at("after")
    fields: Annotated[dict[str, TunedValue], AsIs(), BeforeValidator(dict)]


class Accuracies(Part):
    """Of both recipes on new seeds and other held-out images, 0..1."""

    yours: float | None = at("start")
    tuned: float | None = at("reached")


class Tuned(Part):
    """Of --tune: the recipes that were tried, and whether the best is better than yours on new seeds and other held-out
    images. Accuracies are 0..1."""

    better: bool
    sentence: Annotated[str, BeforeValidator(tuned_line)] = at("itself")
    changes: tuple[RecipeChange, ...]
    gain: float | None = at("gain.difference", otherwise=None)
    interval: Annotated[Interval | None, AsIs()] = at("gain.interval", otherwise=None)
    seeds: int = at("gain.seeds", otherwise=0)
    images: int = at("gain.images", otherwise=0)
    planned_seeds: int = at("planned")
    accuracy: Accuracies = at("itself")
    steps: int
    full_steps: int | None
    arch: str
    seconds: Annotated[float, BeforeValidator(lambda seconds: round(seconds, 3))]
    tried: Annotated[tuple[TriedRecipe, ...], AsIs()]
    not_searched: tuple[str, ...] = at("left_out")
    notes: tuple[str, ...]
