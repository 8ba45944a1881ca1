"""Position and direction of a picture's edges: histograms of gradient directions (Dalal and Triggs 2005).

They change little when a picture is cropped, shifted, stretched or lit differently, and ignore colour, so they propose
copies that low frequencies (neighbours.py) miss. They do change when it is rotated or mirrored.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagnose.dataset.thumbnails import SIDE

CELLS, DIRECTIONS = 4, 8  # cells per side, and directions in a full turn
SMOOTH = 1.0  # px: the blur applied first, so that noise and JPEG's blocks count less


def _shares() -> NDArray[np.float32]:
    """(CELLS, SIDE): the weight of a row in each cell; linear between the centres of two cells."""
    place = (np.arange(SIDE) + 0.5) / SIDE * CELLS - 0.5
    return np.asarray(np.maximum(0, 1 - np.abs(place - np.arange(CELLS)[:, None])), np.float32)


SHARES = _shares()


def directions(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """(images, CELLS * CELLS * DIRECTIONS), of unit length and mean 0: per cell, the strength of the edges in each
    direction. Square roots keep one strong edge from outweighing all others (as for SIFT: Arandjelovic 2012)."""
    from scipy.ndimage import gaussian_filter  # imported here: it takes longer than the scan of a small folder

    down, across = np.gradient(gaussian_filter(luma, (0, SMOOTH, SMOOTH)), axis=(1, 2))
    strength = np.hypot(across, down)
    place = np.arctan2(down, across) / (2 * np.pi) * DIRECTIONS % DIRECTIONS
    cells = np.empty((len(luma), DIRECTIONS, CELLS, CELLS), np.float32)
    for number in range(DIRECTIONS):
        apart = np.abs(place - number)
        share = np.maximum(0, 1 - np.minimum(apart, DIRECTIONS - apart))
        cells[:, number] = SHARES @ (strength * share) @ SHARES.T
    vectors = np.sqrt(cells).reshape(len(luma), -1)
    vectors -= vectors.mean(1, keepdims=True)
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6), np.float32)
