"""Which learning rates are usual, by optimizer and batch size: no probe reports a rate inside this band.

What is usual for each optimizer, and its source, stands in the catalogue of optimizers.
"""

from __future__ import annotations

from diagnose.catalogue import optimizers
from diagnose.catalogue.optimizers import Family, Optimizer

REFERENCE_BATCH = 256
SGD = optimizers.BY_KEY["sgd"]  # whose limits are the laxest of the common ones: they judge an optimizer not known
ADAM = optimizers.BY_KEY["adam"]


def _growth(entry: Optimizer, batch: int | None) -> float:
    """What a usual rate at batch 256 is multiplied by at a larger one; smaller batches take the same rates."""
    return float(max(1.0, (batch or REFERENCE_BATCH) / REFERENCE_BATCH) ** entry.family.power)


def usual_band(optimizer: str | None, batch: int | None) -> tuple[float, float]:
    """The lowest and the highest usual learning rate from scratch, for images per batch `batch`.

    Of Adam and SGD together where the optimizer is unknown; at batch 256 where the batch is.
    """
    entry = optimizers.find(optimizer)
    if entry is None:
        return ADAM.band[0], SGD.band[1] * _growth(SGD, batch)
    return entry.band[0], entry.band[1] * _growth(entry, batch)


def fine_tuning_rate(optimizer: str | None, batch: int | None) -> float:
    """The highest usual learning rate for pretrained layers; SGD's where the optimizer is unknown.

    Linear in the batch for SGD (Li et al. 2020), the same at every batch for all others.
    """
    entry = optimizers.find(optimizer) or SGD
    return entry.fine * (_growth(entry, batch) if entry.family is Family.SGD else 1.0)


def possible_band(optimizer: str | None, batch: int | None) -> tuple[float, float]:
    """The learning rates below and above which no run of usual length learns.

    The widest limits of Adam and SGD where the optimizer is unknown; at batch 256 where the batch is.
    """
    entry = optimizers.find(optimizer)
    if entry is None:
        return ADAM.family.too_low, SGD.band[1] * _growth(SGD, batch) * SGD.family.too_high
    return entry.family.too_low, entry.band[1] * _growth(entry, batch) * entry.family.too_high


def batch_scale(optimizer: str | None, batch: int, other: int) -> float:
    """The factor from a learning rate at batch `other` to one at `batch`: linear for SGD and where the optimizer is
    unknown, the square root for adaptive ones."""
    entry = optimizers.find(optimizer) or SGD
    return float((batch / other) ** entry.family.power)


def optimizer_label(optimizer: str | None) -> str:
    """The optimizer as it is written in its paper, such as AdamW; "any optimizer" where it is unknown."""
    entry = optimizers.find(optimizer)
    return entry.display if entry else optimizer or "any optimizer"
