"""Where in the picture the colours are, from the thumbnails: around the centre and in it, and whether red and blue are
swapped in a split."""

from __future__ import annotations

import sqlite3
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from diagnose.dataset.thumbnails import BLUE, COLOUR_SIDE, RED, SIDE, unpacked
from diagnose.model import Interval

RING = np.ones((COLOUR_SIDE, COLOUR_SIDE), bool)  # the outer cells: a frame of an eighth of each side
RING[1:-1, 1:-1] = False
MIDDLE = np.zeros_like(RING)  # the inner half of each side
MIDDLE[2:-2, 2:-2] = True
PART = 4_096  # thumbnails unpacked at a time


def surroundings(db: sqlite3.Connection, where: str, kept: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(images, 6): the mean luma, blue and red minus luma of the outermost eighths, then of the centre."""
    step = SIDE // COLOUR_SIDE
    means = []
    for part in _parts(db, where, kept):
        small = unpacked(part)
        luma = small.luma.reshape(-1, COLOUR_SIDE, step, COLOUR_SIDE, step).mean((2, 4))
        planes = np.concatenate([luma[:, None], small.colour], axis=1)
        means.append(np.concatenate([planes[:, :, cells].mean(2) for cells in (RING, MIDDLE)], axis=1))
    return np.concatenate(means).astype(np.float64)


def warmth(db: sqlite3.Connection, where: str, kept: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(images, 64): red minus blue in each of 8 x 8 parts."""
    parts = []
    for part in _parts(db, where, kept):
        colour = unpacked(part).colour
        parts.append((colour[:, 1] / RED - colour[:, 0] / BLUE).reshape(len(colour), -1))
    return np.concatenate(parts).astype(np.float64)


def swapped(
    warm: NDArray[np.float64], labels: NDArray[np.int64], held: NDArray[np.bool_], own: list[np.int64], z: float
) -> tuple[float, Interval] | None:
    """How much of the training images' pattern of warm and cold areas occurs with the opposite sign in the held-out
    images: 1 if red and blue are swapped, -1 if they aren't, 0 if the pattern doesn't occur.

    warm: from `warmth`. own: the classes of both splits. It is the slope of a held-out image's pattern on its class's,
    each less its overall mean, so that a colour cast doesn't matter; the interval is over held-out images, of z
    deviations. None if the training images have no pattern.
    """
    patterns = {number: warm[(labels == number) & ~held].mean(0) for number in own}
    images = [warm[(labels == number) & held] for number in own]
    share = np.array([len(one) for one in images]) / sum(map(len, images))
    level = float(share @ [patterns[number].mean() for number in own])
    seen = float(share @ [one.mean() for one in images])
    power = float(share @ [float(((patterns[number] - level) ** 2).sum()) for number in own])
    if power <= 0:
        return None
    slopes = [(one - seen) @ (patterns[number] - level) / power for number, one in zip(own, images, strict=True)]
    negated = -np.concatenate(slopes)
    slope, half = float(negated.mean()), z * float(negated.std(ddof=1)) / len(negated) ** 0.5
    return slope, Interval(slope - half, slope + half)


def _parts(db: sqlite3.Connection, where: str, kept: NDArray[np.bool_]) -> list[bytes]:
    """The thumbnails of the kept images, by id, joined PART at a time."""
    cursor = db.execute(f"SELECT thumbnail FROM image WHERE {where} ORDER BY id")
    chosen = [row[0] for row in compress(cursor, kept)]
    return [b"".join(chosen[start : start + PART]) for start in range(0, len(chosen), PART)]
