"""Which learning rates are usual, by optimizer and batch size: no probe accuses a rate inside this band."""

from __future__ import annotations

from math import sqrt

REFERENCE_BATCH = 256
ADAPTIVE = ("adam", "adamw", "rmsprop")
# Goyal et al. 2017: 0.1 for SGD with momentum at batch 256, linear in the batch; Malladi et al. 2022: square root for
# adaptive optimizers, whose usual rate is 1e-3. The lower ends are a tenth of the usual rates for fine-tuning.
SGD_BAND, ADAPTIVE_BAND = (1e-4, 0.1), (1e-5, 1e-3)


def usual_band(optimizer: str | None, batch: int | None) -> tuple[float, float]:
    """The lowest and the highest usual rate; of any optimizer where it is unknown."""
    larger = max(1.0, (batch or REFERENCE_BATCH) / REFERENCE_BATCH)
    if optimizer is None:
        return ADAPTIVE_BAND[0], SGD_BAND[1] * larger
    if optimizer in ADAPTIVE:
        return ADAPTIVE_BAND[0], ADAPTIVE_BAND[1] * sqrt(larger)
    return SGD_BAND[0], SGD_BAND[1] * larger


def fine_tuning_rate(optimizer: str | None, batch: int | None) -> float:
    """The highest usual rate for pretrained layers: Li et al. 2020, "Rethinking the hyperparameters for fine-tuning",
    0.01 for SGD at batch 256, linear in the batch."""
    if optimizer in ADAPTIVE:
        return ADAPTIVE_BAND[1]
    return 0.01 * max(1.0, (batch or REFERENCE_BATCH) / REFERENCE_BATCH)


def batch_scale(optimizer: str | None, batch: int, other: int) -> float:
    """The factor from a rate at batch `other` to one at `batch`: linear for SGD, the square root for adaptive ones."""
    ratio = batch / other
    return sqrt(ratio) if optimizer in ADAPTIVE else ratio
