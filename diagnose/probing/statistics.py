"""Intervals for probe results: over images and over seeds, never over images alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import special  # scipy.stats takes a second longer to import, at the start of every probe process

from diagnose.model import LEVEL, SEEDS_TO_SHOW, Confidence, Interval, Paired
from diagnose.model import NORMAL as NORMAL
from diagnose.model import wilson as wilson

Array = NDArray[np.float64]


def paired(first: Sequence[Array], second: Sequence[Array]) -> Paired | None:
    """The mean of first - second with a 95% interval for new seeds and new images alike.

    first, second: one array per seed, each of one value per held-out image (0/1 for a hit, or a loss), the
    same seeds and images in both. None with fewer than two seeds: the spread between seeds is then unknown.
    """
    return crossed([one - other for one, other in zip(first, second, strict=False)])


def crossed(differences: Sequence[Array]) -> Paired | None:
    """The mean of differences (one array per seed, one value per image) with its 95% interval and p value.

    Seeds and images are crossed random effects. The variance of the mean is estimated as
    var(seed means)/S + var(image means)/n, which counts the residual twice and so errs towards a wider
    interval; degrees of freedom by Satterthwaite (1946), so that a few noisy seeds widen it as they should.
    """
    seeds = len(differences)
    if seeds < 2:
        return None
    difference = np.stack(differences)  # (S, n)
    images = difference.shape[1]
    mean = float(difference.mean())
    by_seed = float(difference.mean(1).var(ddof=1)) / seeds
    by_image = float(difference.mean(0).var(ddof=1)) / images if images > 1 else 0.0
    total = by_seed + by_image
    if total == 0:
        return Paired(mean, Interval(mean, mean), seeds, images, float(mean == 0))
    freedom = total**2 / (by_seed**2 / (seeds - 1) + by_image**2 / max(1, images - 1))
    half = float(special.stdtrit(freedom, (1 + LEVEL) / 2)) * total**0.5
    p = 2 * float(special.stdtr(freedom, -abs(mean) / total**0.5))
    return Paired(mean, Interval(mean - half, mean + half), seeds, images, p)


def holm(values: Sequence[float]) -> list[float]:
    """p values corrected for their number by Holm's step-down method (1979), in the order given."""
    corrected, highest = [0.0] * len(values), 0.0
    for rank, index in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        highest = max(highest, min(1.0, (len(values) - rank) * values[index]))
        corrected[index] = highest
    return corrected


def confidences(effects: Sequence[Paired]) -> list[Confidence]:
    """The word for each of several effects that were measured together.

    shown: six seeds or more, and significant after Holm's correction for how many there are; indicated: its own
    interval excludes zero; else not decided.
    """
    words = []
    for effect, p in zip(effects, holm([effect.p if effect.p is not None else 1.0 for effect in effects]), strict=True):
        if p < 1 - LEVEL and effect.seeds >= SEEDS_TO_SHOW:
            words.append(Confidence.SHOWN)
        else:
            words.append(Confidence.INDICATED if effect.interval.excludes_zero else Confidence.NOT_DECIDED)
    return words
