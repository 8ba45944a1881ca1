"""What the catalogue says of a configured network and optimizer, as checks ask for it."""

from __future__ import annotations

from diagnose.catalogue import architectures, optimizers
from diagnose.catalogue.architectures import Architecture, Recipe
from diagnose.catalogue.optimizers import Family

__all__ = ["Architecture", "Recipe", "architecture_of", "optimizer_kind"]

ADAMS_BAND = 1e-3  # the highest usual rate of Adam and of those that take its rates


def architecture_of(model: str | None) -> Architecture | None:
    """The family of a configured network, with its recipe where it is not trained as ResNet is; None for another's."""
    return architectures.find(model)


def optimizer_kind(name: str | None) -> str:
    """ "sgd", "adam" for one that takes Adam's rates, "other" for another of the catalogue, "" where it is unknown."""
    entry = optimizers.find(name)
    if entry is None:
        return ""
    if entry.family is Family.SGD:
        return "sgd"
    return "adam" if entry.family is Family.ADAPTIVE and entry.band[1] == ADAMS_BAND else "other"
