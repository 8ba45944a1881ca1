"""Which change restores the score: screened on few images, chosen on one half, confirmed on the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from diagnose.model import LEVEL, Interval, Paired
from diagnose.model.checkpoint import GEOMETRY, STATISTICS

Hits = NDArray[np.float64]

FINALISTS = 5  # changes that see more images than the first few
ABSORBING = (STATISTICS,)  # kinds that repair in part what another kind broke: new statistics fit any input
ABSORBED = 1.5  # times the gain of the best other change, which one of those kinds has to reach to be the cause
# What counts as restoring: points of accuracy and the share of the errors that a change has to remove. Of resizing it
# is more: larger test images than in training alone gain 1 to 4 points on sound networks (Touvron et al. 2019, FixRes).
LEAST_GAIN, LEAST_SHARE, LEAST_SHARE_RESIZED = 0.06, 0.1, 0.2


@dataclass(frozen=True)
class Arm:
    """A change that can be evaluated. hits(first, last): one per image of that range, 1 for a right answer; screening:
    the same of a cheaper change that shows whether this one is worth its cost; cost: of an image, times that as
    written; rare: whether it waits for the others; on_train: hits on training images, where there are any."""

    kind: str
    words: str
    hits: Callable[[int, int], Hits]
    cost: float = 1.0
    rare: bool = False
    on_train: Callable[[], Hits] | None = None
    screening: Callable[[int, int], Hits] | None = None


def restores(written: float, changed: float, kind: str = "") -> bool:
    """Whether the gain from one accuracy to the other, by a change of that kind, is more than a small one."""
    share = LEAST_SHARE_RESIZED if kind == GEOMETRY else LEAST_SHARE
    return changed - written >= max(LEAST_GAIN, share * (1 - written))


def gain(changed: Hits, written: Hits, tests: int = 1) -> Paired:
    """The mean of changed - written, paired over images; interval and p value (McNemar's exact test) are corrected for
    `tests` comparisons (Bonferroni)."""
    difference = changed - written
    images = len(difference)
    mean = float(difference.mean())
    up, down = int((difference > 0).sum()), int((difference < 0).sum())
    p = min(1.0, 2 * float(special.bdtr(min(up, down), up + down, 0.5))) if up + down else 1.0
    # Agresti and Min (Statistics in Medicine 24, 2005): half an image is added to each cell, so that no spread is zero.
    more_up, more_down, more = up + 0.5, down + 0.5, images + 2.0
    centre = (more_up - more_down) / more
    spread = ((more_up + more_down) / more - centre**2) / more
    half = float(special.ndtri(1 - (1 - LEVEL) / (2 * max(1, tests)))) * spread**0.5
    return Paired(mean, Interval(max(-1.0, centre - half), min(1.0, centre + half)), 1, images, min(1.0, p * tests))


def finalists(screened: Sequence[tuple[Arm, float]], most: int = FINALISTS, least: float = 0.0) -> list[Arm]:
    """The changes worth more images, in their order: of those that gained more than `least`, the best. screened: each
    with what it gained."""
    order = sorted(range(len(screened)), key=lambda at: (-screened[at][1], at))
    kept = [at for at in order if screened[at][1] > least][:most]
    return [screened[at][0] for at in sorted(kept)]


def chosen(arms: Sequence[tuple[Arm, Hits]], written: Hits) -> tuple[Arm, Hits] | None:
    """The change that restores the score on the choosing half; of those that can't be distinguished from the best, the
    one that explains most often. None where none restores it."""
    before = float(written.mean())
    good = [one for one in arms if restores(before, float(one[1].mean()), one[0].kind)]
    plain = max((float(hits.mean()) - before for arm, hits in good if arm.kind not in ABSORBING), default=0.0)
    good = [one for one in good if one[0].kind not in ABSORBING or float(one[1].mean()) - before >= ABSORBED * plain]
    if not good:
        return None
    best = max(good, key=lambda one: float(one[1].mean()))
    for one in good:
        if not gain(best[1], one[1]).interval.excludes_zero:
            return one
    return best


def confirmed(found: Paired, written: float, changed: float, kind: str = "") -> bool:
    """Whether the other half shows the gain of a change of that kind, and shows more than a small one."""
    return found.interval.low > 0 and (found.p or 0.0) < 1 - LEVEL and restores(written, changed, kind)
