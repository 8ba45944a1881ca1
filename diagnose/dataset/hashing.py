"""Perceptual hashes: bits that stay as they are when a picture is encoded again, resized or slightly edited."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

PLACES = 8  # a side
STEP = 2.0  # grey levels below which neighbours count as equal, so that noise on a flat ground flips no bit


class Hashes(NamedTuple):
    """Of each image: two hashes of 64 bits as signed integers, whether each of 8 x 8 places is darker than the one to
    its right, and than the one below (dHash, Krawetz 2013); and the places' means, as bytes."""

    across: list[int]
    down: list[int]
    thumbnails: list[bytes]


def difference_hashes(grey: NDArray[np.float32]) -> Hashes:
    """Of luma images (images, height, width) in 0..255."""
    high, wide = grey.shape[1:]
    rows, more_rows = _boxes(high, PLACES) @ grey, _boxes(high, PLACES + 1) @ grey
    columns, more_columns = _boxes(wide, PLACES).T, _boxes(wide, PLACES + 1).T
    right, below = rows @ more_columns, more_rows @ columns
    thumbnails = (rows @ columns).astype(np.uint8)
    return Hashes(
        _packed(right[:, :, 1:] - right[:, :, :-1] > STEP),
        _packed(below[:, 1:] - below[:, :-1] > STEP),
        [one.tobytes() for one in thumbnails],
    )


@lru_cache(maxsize=1000)
def _boxes(length: int, parts: int) -> NDArray[np.float32]:
    """(parts, length) weights that average pixels over equal parts; one at a boundary belongs to both by its share."""
    edges = np.linspace(0, length, parts + 1)
    places = np.arange(length)
    covered = np.minimum(edges[1:, None], places + 1) - np.maximum(edges[:-1, None], places)
    weights: NDArray[np.float32] = (np.maximum(covered, 0) * parts / length).astype(np.float32)
    return weights


def _packed(bits: NDArray[np.bool_]) -> list[int]:
    """(images, 8, 8) bits as a number each."""
    packed: list[int] = np.packbits(bits.reshape(len(bits), -1), axis=1).view(">i8")[:, 0].tolist()
    return packed
