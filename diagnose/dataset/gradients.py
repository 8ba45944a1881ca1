"""Where the edges of a picture run, and how: histograms of gradient directions (Dalal and Triggs 2005).

They move little when a picture is cropped, shifted, stretched or lit otherwise, and know no colour, so they name copies
that low frequencies (neighbours.py) miss. They do change where it is turned or mirrored.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagnose.dataset.thumbnails import SIDE

CELLS, DIRECTIONS = 4, 8  # cells on a side, and directions of all round
SMOOTH = 1.0  # px: the blur before, so that noise and blocks of JPEG count less


def _shares() -> NDArray[np.float32]:
    """(CELLS, SIDE): how much a row counts in each cell; linear between the middles of two."""
    place = (np.arange(SIDE) + 0.5) / SIDE * CELLS - 0.5
    return np.asarray(np.maximum(0, 1 - np.abs(place - np.arange(CELLS)[:, None])), np.float32)


SHARES = _shares()


def directions(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """(images, CELLS * CELLS * DIRECTIONS), of unit length and mean 0: of each cell, how strong the edges of each
    direction are. Roots, so that one strong edge does not outweigh all others (as SIFT's: Arandjelovic 2012)."""
    from scipy.ndimage import gaussian_filter  # here: its import takes longer than the scan of a small folder

    down, across = np.gradient(gaussian_filter(luma, (0, SMOOTH, SMOOTH)), axis=(1, 2))
    strength = np.hypot(across, down)
    place = np.arctan2(down, across) / (2 * np.pi) * DIRECTIONS % DIRECTIONS
    cells = np.empty((len(luma), DIRECTIONS, CELLS, CELLS), np.float32)
    for number in range(DIRECTIONS):
        apart = np.abs(place - number)
        share = np.maximum(0, 1 - np.minimum(apart, DIRECTIONS - apart))
        cells[:, number] = SHARES @ (strength * share) @ SHARES.T
    told = np.sqrt(cells).reshape(len(luma), -1)
    told -= told.mean(1, keepdims=True)
    return np.asarray(told / np.maximum(np.linalg.norm(told, axis=1, keepdims=True), 1e-6), np.float32)
