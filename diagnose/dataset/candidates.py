"""Pairs of pictures that may be copies, compared: registered (registration.py), then their colours and levels
(sameness.py). A piece of them comes with its thumbnails, so that any worker can compare it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diagnose.dataset.neighbours import turned
from diagnose.dataset.registration import registered, shifted, within
from diagnose.dataset.sameness import Compared, same
from diagnose.dataset.thumbnails import Thumbnails, unpacked

AT_ONCE = 256  # pairs registered at once
HOPEFUL = 0.35  # agreement by a shift alone, below which a pair isn't examined further; none of 126 copies has less
AGREEING_INSIDE = 0.85  # of what is inside an outline on a plain background


class Candidates(NamedTuple):
    """thumbnails (images, BYTES); pairs (pairs, 2), indices into these; how they are turned, see Proposed; per pair the
    agreement that a copy needs at least; HOPEFUL, or another threshold in its place."""

    thumbnails: NDArray[np.uint8]
    pairs: NDArray[np.int64]
    turned: NDArray[np.int8]
    least: NDArray[np.float32]
    hopeful: float = HOPEFUL


class Agreed(NamedTuple):
    """Per pair: how well the fine structure agrees, -1..1; and whether the pictures are copies."""

    score: NDArray[np.float32]
    copies: NDArray[np.bool_]


def compared(given: Candidates) -> Agreed:
    """Compare the pairs, a few at once."""
    starts = range(0, len(given.pairs), AT_ONCE)
    parts = [_compared(given, slice(start, start + AT_ONCE)) for start in starts]
    return Agreed(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _compared(given: Candidates, part: slice) -> Agreed:
    first, second = (unpacked(given.thumbnails[given.pairs[part, side]].tobytes()) for side in range(2))
    turns, least = given.turned[part], given.least[part]
    one, other = (turned(small.luma, turns[:, side]) for side, small in enumerate((first, second)))
    found = shifted(one, other)
    score, inside, maps = found.score.copy(), np.ones(len(one), np.float32), found.map.copy()
    closer = np.flatnonzero(score >= given.hopeful)
    if len(closer):
        agreed = registered(one[closer], other[closer], found.map[closer])
        score[closer], maps[closer] = agreed.score, agreed.map
        good = closer[agreed.score >= least[closer]]
        inside[good] = within(one[good], other[good], maps[good])
    copies = (score >= least) & (np.isnan(inside) | (inside >= AGREEING_INSIDE))
    chosen = np.flatnonzero(copies)
    kept = [Thumbnails(small.luma[chosen], small.colour[chosen]) for small in (first, second)]
    copies[chosen] = same(kept[0], kept[1], turns[chosen], Compared(score[chosen], inside[chosen], maps[chosen]))
    return Agreed(score, copies)
