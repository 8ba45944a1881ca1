"""Intervals for probe results: over images and over seeds, never over images alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from diagnose.model import Interval, Paired

Array = NDArray[np.float64]

LEVEL = 0.95


def paired(first: list[Array], second: list[Array]) -> Paired | None:
    """The mean of first - second with a 95% interval for new seeds and new images alike.

    first, second: one array per seed, each of one value per held-out image (0/1 for a hit, or a loss), the
    same seeds and images in both. None with fewer than two seeds: the spread between seeds is then unknown.

    Seeds and images are crossed random effects. The variance of the mean is estimated as
    var(seed means)/S + var(image means)/n, which counts the residual twice and so errs towards a wider
    interval; degrees of freedom by Satterthwaite (1946), so that a few noisy seeds widen it as they should.
    """
    seeds = min(len(first), len(second))
    if seeds < 2:
        return None
    difference = np.stack(first[:seeds]) - np.stack(second[:seeds])  # (S, n)
    images = difference.shape[1]
    mean = float(difference.mean())
    by_seed = float(difference.mean(1).var(ddof=1)) / seeds
    by_image = float(difference.mean(0).var(ddof=1)) / images if images > 1 else 0.0
    total = by_seed + by_image
    if total == 0:
        return Paired(mean, Interval(mean, mean), seeds, images)
    freedom = total**2 / (by_seed**2 / (seeds - 1) + by_image**2 / max(1, images - 1))
    half = float(stats.t.ppf((1 + LEVEL) / 2, freedom)) * total**0.5
    return Paired(mean, Interval(mean - half, mean + half), seeds, images)


def wilson(hits: int, images: int) -> Interval:
    """The 95% interval of an accuracy over the held-out images alone (Wilson, 1927)."""
    interval = stats.binomtest(hits, images).proportion_ci(LEVEL, method="wilson")
    return Interval(float(interval.low), float(interval.high))
