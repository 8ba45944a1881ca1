"""The edges of JPEG's blocks in the pixels, which survive re-encoding: a file saved at low quality and then at high
quality has the tables of the second and the blocks of the first.

Source: Wang, Sheikh and Bovik 2002, "No-reference perceptual quality assessment of JPEG compressed images": the mean
step between two pixels across block edges, compared with the steps within blocks. Medians over the edges, so that a
single line of the picture that falls on a block edge doesn't count.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BLOCK = 8  # pixels of a block's side, by the standard
SMALLEST = 8 * BLOCK  # pixels of the shorter side; in a smaller picture, an object's own edges fall on most block edges
NOISE = 1.0  # grey levels added to both steps: below that, rounding decides which is larger


def blockiness(luma: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """-1 to 1 per luma of (images, height, width) whose first pixel begins a block: 0 where steps across edges are as
    large as other steps, 1 where there are no other steps. None for pictures that are too small."""
    if min(luma.shape[1:]) < SMALLEST:
        return None
    high, wide = (side // BLOCK * BLOCK for side in luma.shape[1:])
    down = np.abs(luma[:, 1:high] - luma[:, : high - 1]).mean(2)
    along = np.abs(luma[:, :, 1:wide] - luma[:, :, : wide - 1]).mean(1)
    return np.asarray((_edges(down) + _edges(along)) / 2, dtype=np.float32)


def _edges(steps: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much larger every eighth of the mean steps (images, places) is than the others."""
    at_edge = np.arange(steps.shape[1]) % BLOCK == BLOCK - 1
    edge, within = (_median(steps[:, places]) for places in (at_edge, ~at_edge))
    excess: NDArray[np.float32] = ((edge - within) / (edge + within + 2 * NOISE)).astype(np.float32)
    return excess


def _median(steps: NDArray[np.float32]) -> NDArray[np.float32]:
    """The lower median of each row; np.median takes as long as all other measurements of a small picture together."""
    middle: NDArray[np.float32] = np.sort(steps, axis=1)[:, (steps.shape[1] - 1) // 2]
    return middle
