"""The space that is searched: recipes as a value for each dimension, and what of a recipe these change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from diagnose.catalogue import augmentations, optimizers
from diagnose.model import TunedChange
from diagnose.probing.recipe import Recipe
from diagnose.probing.tuning.dimensions import DIMENSIONS, RATE, Around, Dimension, Value

Params = Mapping[str, Value]  # a recipe of the search: a value for each dimension, by its name

HALF_DECADE = 10**0.5
APART = 1.5  # rates within this factor are not worth a training each


class Space:
    """The dimensions around a recipe. left_out: what isn't searched, each with why."""

    def __init__(self, around: Around) -> None:
        self._own = around.own
        self.dimensions: list[Dimension] = []
        self.left_out: list[str] = []
        fixed = {**dict(zip(around.own.unlike, around.own.unsupported, strict=True)), **around.fixed}
        for name, (fields, make) in DIMENSIONS.items():
            why = next((fixed[one] for one in fields if one in fixed), None)
            made = why if why is not None else make(around)
            if isinstance(made, Dimension):
                self.dimensions.append(made)
            elif made:
                self.left_out.append(f"{name}: {made}")
        if around.short:
            self.left_out.append("what favours short trainings (higher usual rates, less augmentation): see --budget")

    @property
    def own(self) -> dict[str, Value]:
        """The person's recipe."""
        return {one.name: one.own for one in self.dimensions}

    def changed(self, params: Params) -> list[str]:
        """The names of what differs from the person's recipe."""
        return [one.name for one in self.dimensions if params[one.name] != one.own]

    def recipe(self, params: Params) -> Recipe:
        """The recipe that the parameters mean; what is not changed stays as the person has it."""
        recipe = self._own
        for one in self.dimensions:
            if params[one.name] == one.own:
                continue
            values = one.recipe(params[one.name])
            mixed = tuple(values.pop("mixed", ()))
            if "augmentations" in values:  # mixing is a dimension of its own
                values["augmentations"] += tuple(filter(augmentations.mixes, recipe.augmentations))
            elif "augmentation_options" in values:
                names = tuple(name for name in recipe.augmentations if name != "mixup")
                values["augmentations"] = (*names, *mixed)
            recipe = replace(recipe, **values)
        return recipe

    def changes(self, params: Params) -> tuple[TunedChange, ...]:
        """What differs from the person's recipe, in words and as fields of the configuration."""
        return tuple(
            TunedChange(
                one.name,
                one.words(one.own),
                one.words(params[one.name]),
                tuple(one.config(params[one.name]).items()),
            )
            for one in self.dimensions
            if params[one.name] != one.own
        )

    def starts(self) -> Iterator[dict[str, Value]]:
        """Recipes to begin with, each with another learning rate: the catalogue's, and half a decade to either side."""
        rate = next((one for one in self.dimensions if one.name == RATE), None)
        if rate is None:
            return
        entry, own = optimizers.find(self._own.optimizer), float(rate.own)
        tried = [own]
        for wanted in (entry.start if entry else own, own / HALF_DECADE, own * HALF_DECADE):
            value = rounded(float(rate.within(wanted)))
            if all(max(value, one) > APART * min(value, one) for one in tried):
                tried.append(value)
                yield {**self.own, RATE: value}


def rounded(number: float) -> float:
    """To two digits, as a person would write it: what is measured is what the patch says."""
    return float(f"{number:.2g}")
