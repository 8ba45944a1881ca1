"""The learning-rate range test: one run whose rate grows from step to step until the loss explodes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

from diagnose.catalogue import optimizers

# From fastai 2.8's lr_find: the test stops once the loss is over four times its best, drops the first
# points, and `minimum` suggests a tenth of the rate at which the smoothed loss is lowest. Its more famous
# `valley` and `steepest` need a smoother curve than a few dozen steps on a CPU give.
BLOW_UP = 4.0
SKIP = 5
# The lowest rates teach nothing, so the spread of the first losses is noise. Smoothed, it falls to a third; the
# lowest of some twenty such points lies FALL deviations below the mean of the first in 4% of simulated noise.
QUIET = 8
FALL = 1.5  # raw deviations by which the loss must fall before its minimum means anything
RISE = 3.0  # raw deviations, and a tenth of the loss at least, by which the smoothed loss rises where rates do harm
SAFETY = 10.0
SMOOTHING = 0.8

LOWEST = 1e-5  # where learning rates start; they end at the highest that the optimizer may want


@dataclass(frozen=True)
class RangeTest:
    """curve: (rate, smoothed loss). suggested, diverges_at, rises_at (the rate from which on the loss is above its
    start) are None where the curve does not show them."""

    curve: tuple[tuple[float, float], ...]
    suggested: float | None = None
    diverges_at: float | None = None
    rises_at: float | None = None

    @property
    def begin(self) -> float | None:
        """Where to begin a search: the suggestion; where nothing was learned, as far below the harm."""
        if self.suggested is not None or self.rises_at is None:
            return self.suggested
        return self.rises_at / SAFETY


def grid(optimizer: str, steps: int) -> list[float]:
    """Geometric rates from the lowest to the highest that the optimizer can use."""
    entry = optimizers.find(optimizer)
    highest = entry.highest if entry else optimizers.BY_KEY["sgd"].highest
    return [LOWEST * (highest / LOWEST) ** (step / (steps - 1)) for step in range(steps)]


def smooth(losses: Sequence[float]) -> list[float]:
    """Exponential moving average with the start's bias corrected, as fastai's recorder smooths."""
    smoothed, average = [], 0.0
    for count, loss in enumerate(losses, start=1):
        average = SMOOTHING * average + (1 - SMOOTHING) * loss
        smoothed.append(average / (1 - SMOOTHING**count))
    return smoothed


def blown_up(losses: Sequence[float]) -> bool:
    """Whether the test may stop after these losses."""
    if not math.isfinite(losses[-1]):
        return True
    smoothed = smooth(losses)
    return len(losses) > SKIP and smoothed[-1] > BLOW_UP * min(smoothed)


def read(rates: Sequence[float], losses: Sequence[float]) -> RangeTest:
    """What the test shows. No suggestion where the loss never fell by more than its noise."""
    finite = [loss for loss in losses if math.isfinite(loss)]
    smoothed = smooth(finite)
    diverges_at = rates[len(losses) - 1] if losses and blown_up(losses) else None
    curve = tuple(zip(rates, smoothed, strict=False))
    if len(smoothed) <= SKIP:
        return RangeTest(curve, diverges_at=diverges_at)
    lowest = min(range(SKIP, len(smoothed)), key=smoothed.__getitem__)
    quiet = finite[:QUIET]
    start, spread = fmean(quiet), pstdev(quiet)
    fell = smoothed[lowest] < min(start - FALL * spread, 0.98 * start)
    harm = max(start + RISE * spread, 1.1 * start)
    calm = max((step for step, loss in enumerate(smoothed) if loss <= harm), default=-1)
    rises_at = rates[calm + 1] if calm + 1 < len(losses) else None
    return RangeTest(curve, rates[lowest] / SAFETY if fell else None, diverges_at, rises_at)
