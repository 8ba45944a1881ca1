"""Parts of a picture that are no picture: bars at two opposite edges, and an end that was never decoded.

Both are rows of one grey that end at once: next to them most pixels of a row are others. A scene before a plain ground
ends gradually, at the tip of something.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

EVEN = 6.0  # grey levels that a row's pixels may differ by: JPEG's noise on a plain ground
EDGE = 0.7  # of the pixels of a row next to the bar that must be others
BLENDED = 16, 8  # of the height, the part next to a bar, and to an undecoded end, in which JPEG's blocks may blend them
INSIDE = 0.05  # of the other pixels that may be as black or white bars: more, and they are the scene's own ground
INSIDE_GREY = 0.15  # and as bars of another grey, which scenes have
DARK, BRIGHT = 16.0, 239.0  # grey levels: the first and last sixteenth
# What libjpeg and libpng leave, for loaders that forgive a cut file, and how many of the other pixels may be so.
UNDECODED = {"cut": (128.0, 0.5), "black_end": (0.0, INSIDE)}
LEVEL = 2.5  # grey levels that any pixel of an undecoded end may be from it: other encoders keep a blank part blank
CUT = 0.05  # of the height: the least undecoded end that is looked for
FEWEST_ROWS = 8  # of a picture; below, a row says nothing


def bars(luma: NDArray[np.float32], lowest: NDArray[np.float32]) -> dict[str, list[float]]:
    """Fields of Measure of lumas (images, height, width), 0..255, and the lowest rows of their RGB (images, width, 3).

    `letterbox` and `pillarbox`: what share of the height or width two bars take; `cut` and `black_end`: what share of
    the height at the lower end is grey or black as if it had not been decoded; 0 for none.
    """
    bars = {"letterbox": _opposite(luma), "pillarbox": _opposite(luma.transpose(0, 2, 1))}
    return bars | {name: _undecoded(luma, lowest, *left) for name, left in UNDECODED.items()}


def _opposite(rows: NDArray[np.float32]) -> list[float]:
    """What share of the rows two bars take, for each picture."""
    count = rows.shape[1]
    share = np.zeros(len(rows))
    top, bottom = rows[:, 0], rows[:, -1]
    chosen = _plain(top) & _plain(bottom) & (np.abs(top.mean(1) - bottom.mean(1)) <= EVEN)
    numbers, other = _others(rows, chosen, top.mean(1), EVEN)
    first, last = _run(other), _run(other[:, ::-1])
    inside = count - first - last
    level = top[numbers].mean(1)
    few = np.where((level < DARK) | (level > BRIGHT), INSIDE, INSIDE_GREY)
    own = (2 * inside >= FEWEST_ROWS) & (other.sum(1) >= (1 - few) * inside)
    near = max(2, -(-count // BLENDED[0]))
    for place in np.flatnonzero(own):
        begin, end = first[place], count - last[place]
        if min(other[place, begin : begin + near].max(), other[place, end - near : end].max()) >= EDGE:
            share[numbers[place]] = 1 - inside[place] / count
    return [float(one) for one in share]


def _undecoded(rows: NDArray[np.float32], lowest: NDArray[np.float32], level: float, others: float) -> list[float]:
    """What share of the rows, the last ones, is of this level and no scene, for each picture."""
    count = rows.shape[1]
    share = np.zeros(len(rows))
    chosen = (np.abs(lowest - level).max((1, 2)) <= LEVEL) & ~_plain(rows[:, 0])
    numbers, other = _others(rows, chosen, np.full(len(rows), level, np.float32), LEVEL)
    run = _run(other[:, ::-1])
    near = max(2, -(-count // BLENDED[1]))
    for place in np.flatnonzero(run >= max(2, CUT * count)):
        above = other[place, : count - run[place]]
        if len(above) > near and above[-near:].max() >= EDGE and above[:-near].mean() >= 1 - others:
            share[numbers[place]] = run[place] / count
    return [float(one) for one in share]


def _plain(row: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Of one row of each picture (images, width), whether its pixels are one grey."""
    told: NDArray[np.bool_] = row.max(1) - row.min(1) <= EVEN
    return told


def _others(
    rows: NDArray[np.float32], chosen: NDArray[np.bool_], ground: NDArray[np.float32], even: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Of the chosen pictures, those that are tall enough and not all ground: their numbers, and what share of each
    row's pixels is not as the ground, whose level is given, by more than `even`."""
    numbers = np.flatnonzero(chosen) if rows.shape[1] >= FEWEST_ROWS else np.zeros(0, np.int64)
    other = (np.abs(rows[numbers] - ground[numbers][:, None, None]) > even).mean(2)
    seen = other.any(1)
    return numbers[seen], other[seen]


def _run(other: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many of the first rows hold nothing but the ground."""
    told: NDArray[np.int64] = (other > 0).argmax(1)
    return told
