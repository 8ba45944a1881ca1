"""The edges of JPEG's blocks in the pixels, which outlive another encoder: a file that was saved at a low quality and
again at a high one has the tables of the second and the blocks of the first.

Source: Wang, Sheikh and Bovik 2002, "No-reference perceptual quality assessment of JPEG compressed images": the mean
step between two pixels across the edges of blocks, held against the steps within them. Medians over the edges, so that
one line of the picture that falls on an edge is none.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BLOCK = 8  # pixels of a block's side, by the standard
SMALLEST = 8 * BLOCK  # pixels of the shorter side; in a smaller one a thing's own edges fall on most of the few lines
NOISE = 1.0  # grey levels added to both steps: below, rounding decides which is the larger


def blockiness(luma: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """-1 to 1 for each of lumas (images, height, width) whose first pixel begins a block: 0 where steps across edges
    are as large as others, 1 where there are no others. None for pictures that are too small to tell."""
    if min(luma.shape[1:]) < SMALLEST:
        return None
    high, wide = (side // BLOCK * BLOCK for side in luma.shape[1:])
    down = np.abs(luma[:, 1:high] - luma[:, : high - 1]).mean(2)
    along = np.abs(luma[:, :, 1:wide] - luma[:, :, : wide - 1]).mean(1)
    return np.asarray((_edges(down) + _edges(along)) / 2, dtype=np.float32)


def _edges(steps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of the mean steps (images, places), how much larger every eighth is than the others."""
    at_edge = np.arange(steps.shape[1]) % BLOCK == BLOCK - 1
    edge, within = (_median(steps[:, places]) for places in (at_edge, ~at_edge))
    told: NDArray[np.float32] = ((edge - within) / (edge + within + 2 * NOISE)).astype(np.float32)
    return told


def _median(steps: NDArray[np.float32]) -> NDArray[np.float32]:
    """The lower median of each row; np.median takes as long as all else that is measured of a small picture."""
    middle: NDArray[np.float32] = np.sort(steps, axis=1)[:, (steps.shape[1] - 1) // 2]
    return middle
