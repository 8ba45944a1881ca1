"""How sharp a picture is, whatever its contrast: how much of its steps a blur removes.

Source: Crete, Dolmiere, Ladret and Nicolas 2007, "The blur effect: perception and estimation with a new no-reference
perceptual blur metric": a picture that is already blurred loses little when it is blurred again.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagnose.dataset.blocks import BLOCK
from diagnose.dataset.decoding import Pixels

WIDTH = 9  # pixels of the low-pass filter, the paper's
LARGEST = 256  # pixels of the centre that is measured
LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601, as Pillow's "L"
SMALLEST = 64  # pixels; in a smaller picture, lines are as wide as the filter
FLAT = 1.0  # grey levels of the mean step; below, nothing in the picture could be sharp


def sharpness(pixels: Pixels) -> float | None:
    """1 - the blur effect, 0 (blurred) to 1 (sharp), of RGB pixels (height, width, 3); None for a picture that is too
    small or too flat to measure."""
    if min(pixels.shape[:2]) < SMALLEST:
        return None
    grey = middle(pixels)
    values = [one for one in (_along(grey), _along(grey.T)) if one is not None]
    return min(values, default=None)


def middle(pixels: Pixels) -> NDArray[np.float32]:
    """The luma of the centre of RGB pixels (height, width, 3), up to LARGEST, aligned to a block."""
    top, left = (max(0, side - LARGEST) // 2 // BLOCK * BLOCK for side in pixels.shape[:2])
    luma: NDArray[np.float32] = pixels[top : top + LARGEST, left : left + LARGEST].astype(np.float32) @ LUMA
    return luma


def _along(grey: NDArray[np.float32]) -> float | None:
    steps = np.abs(grey[1:] - grey[:-1])[WIDTH // 2 : -(WIDTH // 2)]
    total = float(steps.sum())
    if total < FLAT * steps.size:
        return None
    # The step of a running mean depends on its ends only: no mean has to be computed.
    smooth = np.abs(grey[WIDTH:] - grey[:-WIDTH]) / WIDTH
    return float(np.maximum(0.0, steps - smooth).sum()) / total
