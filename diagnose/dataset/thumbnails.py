"""A picture in 1,152 bytes: its luma at 32 x 32 and its colour at 8 x 8, whatever its size and shape."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SIDE, COLOUR_SIDE = 32, 8
BYTES = SIDE * SIDE + 2 * COLOUR_SIDE * COLOUR_SIDE
BLUE, RED = 0.564, 0.713  # JPEG's weights of blue and red minus luma
NO_COLOUR = 128.0


class Thumbnails(NamedTuple):
    """Luma (images, SIDE, SIDE) in 0..255, and blue and red minus luma (images, 2, COLOUR_SIDE, COLOUR_SIDE) around
    0."""

    luma: NDArray[np.float32]
    colour: NDArray[np.float32]


def packed(values: NDArray[np.float32], luma: NDArray[np.float32]) -> list[bytes]:
    """Thumbnails of RGB pictures (images, height, width, 3) with lumas (images, height, width), both in 0..255."""
    high, wide = luma.shape[1:]
    small = boxes(high, SIDE) @ luma @ boxes(wide, SIDE).T
    rows, columns = boxes(high, COLOUR_SIDE), boxes(wide, COLOUR_SIDE).T
    grey, red, blue = (rows @ one @ columns for one in (luma, values[..., 0], values[..., 2]))
    planes = np.concatenate(
        [
            small.reshape(len(small), -1),
            (BLUE * (blue - grey) + NO_COLOUR).reshape(len(small), -1),
            (RED * (red - grey) + NO_COLOUR).reshape(len(small), -1),
        ],
        axis=1,
    )
    return [one.tobytes() for one in np.clip(planes + 0.5, 0, 255).astype(np.uint8)]


def chroma(thumbnails: list[bytes]) -> list[float]:
    """Distance from grey of the most colourful part of each picture, 0..128; 1 may be rounding."""
    colours = np.frombuffer(b"".join(thumbnails), np.uint8).reshape(len(thumbnails), BYTES)[:, SIDE * SIDE :]
    far: NDArray[np.float32] = np.abs(colours.astype(np.float32) - NO_COLOUR).max(1)
    return [float(one) for one in far]


def unpacked(thumbnails: bytes) -> Thumbnails:
    """The thumbnails stored in these bytes, one after the other."""
    values = np.frombuffer(thumbnails, np.uint8).reshape(-1, BYTES).astype(np.float32)
    luma = values[:, : SIDE * SIDE].reshape(-1, SIDE, SIDE)
    return Thumbnails(luma, values[:, SIDE * SIDE :].reshape(-1, 2, COLOUR_SIDE, COLOUR_SIDE) - NO_COLOUR)


@lru_cache(maxsize=1000)
def boxes(length: int, parts: int) -> NDArray[np.float32]:
    """(parts, length) weights that average pixels over equal parts; one at a boundary counts in both by its share."""
    edges = np.linspace(0, length, parts + 1)
    places = np.arange(length)
    covered = np.minimum(edges[1:, None], places + 1) - np.maximum(edges[:-1, None], places)
    weights: NDArray[np.float32] = (np.maximum(covered, 0) * parts / length).astype(np.float32)
    return weights
