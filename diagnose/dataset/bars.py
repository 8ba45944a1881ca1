"""Parts of a picture without content: bars at two opposite edges, and an end that was never decoded.

Both are rows of a single grey level with a sharp edge: in the next row, most pixels differ. A scene on a plain
background ends gradually, at the tip of an object.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

EVEN = 6.0  # grey levels that a row's pixels may differ by: JPEG's noise on a plain background
EDGE = 0.7  # share of the pixels in a row next to the bar that must differ from it
BLENDED = 16, 8  # 1/n of the height next to a bar, or to an undecoded end, where JPEG's blocks may blend
INSIDE = 0.05  # share of the other pixels that may look like a black or white bar; more is the scene's background
INSIDE_GREY = 0.15  # and like a bar of another grey, which is common in scenes
DARK, BRIGHT = 16.0, 239.0  # grey levels: the first and last sixteenth
# What libjpeg and libpng leave when a loader accepts a truncated file, and the share of the other pixels like it.
UNDECODED = {"cut": (128.0, 0.5), "black_end": (0.0, INSIDE)}
LEVEL = 2.5  # grey levels that a pixel of an undecoded end may deviate: other encoders keep a blank part blank
CUT = 0.05  # of the height: the smallest undecoded end that is detected
FEWEST_ROWS = 8  # of a picture; with fewer, a row isn't evidence


def bars(luma: NDArray[np.float32], lowest: NDArray[np.float32]) -> dict[str, list[float]]:
    """Fields of Measure from lumas (images, height, width), 0..255, and the lowest RGB rows (images, width, 3).

    `letterbox` and `pillarbox`: share of the height or width covered by two bars. `cut` and `black_end`: share of the
    height at the lower end that is grey or black, as if not decoded. 0 for none.
    """
    bars = {"letterbox": _opposite(luma), "pillarbox": _opposite(luma.transpose(0, 2, 1))}
    return bars | {name: _undecoded(luma, lowest, *left) for name, left in UNDECODED.items()}


def _opposite(rows: NDArray[np.float32]) -> list[float]:
    """Share of the rows covered by two bars, per picture."""
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
    """Share of the rows, at the lower end, that have this level and aren't part of the scene, per picture."""
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
    """Whether the pixels of one row per picture (images, width) are a single grey level."""
    plain: NDArray[np.bool_] = row.max(1) - row.min(1) <= EVEN
    return plain


def _others(
    rows: NDArray[np.float32], chosen: NDArray[np.bool_], ground: NDArray[np.float32], even: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The chosen pictures that are tall enough and not all background: their indices, and per row the share of pixels
    that differ from the background level `ground` by more than `even`."""
    numbers = np.flatnonzero(chosen) if rows.shape[1] >= FEWEST_ROWS else np.zeros(0, np.int64)
    other = (np.abs(rows[numbers] - ground[numbers][:, None, None]) > even).mean(2)
    seen = other.any(1)
    return numbers[seen], other[seen]


def _run(other: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many of the first rows hold only background."""
    length: NDArray[np.int64] = (other > 0).argmax(1)
    return length
