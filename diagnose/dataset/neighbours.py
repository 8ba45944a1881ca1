"""Short vectors of pictures, by which those that resemble each other are found (buckets.py).

One holds the directions of a picture's edges (gradients.py). The other holds the low frequencies of the luma and of the
colour, without the mean and of unit length, so that brightness and contrast don't count. For it, every picture is
turned to one of eight orientations by the signs and sizes of its two lowest frequencies, so that a mirrored or rotated
copy has the same vector; where these are ambiguous, a picture has several vectors.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct

from diagnose.dataset.thumbnails import COLOUR_SIDE, SIDE, Thumbnails

Vectors = NDArray[np.float32]

LUMA, COLOUR = 8, 4  # low frequencies per side
OPEN = 0.08  # of the vector's length: a lowest frequency below it leaves the orientation ambiguous


class Proposed(NamedTuple):
    """Pairs of pictures by their indices, a < b, and how each was turned (pairs, 2), 0..7: bit 0 transposed, then bit 1
    upside down, bit 2 left to right."""

    pairs: NDArray[np.int64]
    turned: NDArray[np.int8]


def frequencies(small: Thumbnails) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(images, LUMA, LUMA) and (images, 2, COLOUR, COLOUR): the low frequencies, with the constant ones set to zero."""
    luma = dct(dct(small.luma, axis=1, norm="ortho")[:, :LUMA], axis=2, norm="ortho")[:, :, :LUMA]
    colour = dct(dct(small.colour, axis=2, norm="ortho")[:, :, :COLOUR], axis=3, norm="ortho")[..., :COLOUR]
    luma, colour = luma.copy(), colour * (SIDE / COLOUR_SIDE)
    luma[:, 0, 0] = 0
    colour[:, :, 0, 0] = 0
    return luma.astype(np.float32), colour.astype(np.float32)


def oriented(
    luma: NDArray[np.float32], colour: NDArray[np.float32]
) -> tuple[Vectors, NDArray[np.int64], NDArray[np.int8]]:
    """(vectors, unit length), the index of the picture of each, and how that was turned; the surest vector of each
    picture comes first, in order, then the others."""
    length = np.sqrt((luma**2).sum((1, 2)) + (colour**2).sum((1, 2, 3)))
    down, across = luma[:, 1, 0], luma[:, 0, 1]
    small = OPEN * length
    first = (
        (np.abs(down) > np.abs(across)).astype(np.int8)
        + 2 * np.where(np.abs(down) > np.abs(across), across < 0, down < 0)
        + 4 * np.where(np.abs(down) > np.abs(across), down < 0, across < 0)
    ).astype(np.int8)
    places, turns = [np.arange(len(luma))], [first]
    open_transposed = np.abs(np.abs(down) - np.abs(across)) < small
    open_down, open_across = np.abs(down) < small, np.abs(across) < small
    for turn in range(8):
        transposed, below, mirrored = turn & 1, turn >> 1 & 1, turn >> 2 & 1
        own_transposed = (first & 1) == transposed
        vertical, horizontal = (across, down) if transposed else (down, across)
        open_v, open_h = (open_across, open_down) if transposed else (open_down, open_across)
        fits = (own_transposed | open_transposed) & (first != turn)
        fits &= ((vertical < 0) == bool(below)) | open_v
        fits &= ((horizontal < 0) == bool(mirrored)) | open_h
        places.append(np.flatnonzero(fits))
        turns.append(np.full(int(fits.sum()), turn, np.int8))
    place, turn_of = np.concatenate(places), np.concatenate(turns)
    vectors = np.concatenate(
        [
            _turned(luma[place], turn_of).reshape(len(place), -1)[:, 1:],
            _turned(colour[place, 0], turn_of).reshape(len(place), -1)[:, 1:],
            _turned(colour[place, 1], turn_of).reshape(len(place), -1)[:, 1:],
        ],
        axis=1,
    )
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6), place, turn_of


def _turned(values: NDArray[np.float32], turn: NDArray[np.int8]) -> NDArray[np.float32]:
    """The frequencies of the turned picture: transposed with it, and odd ones negated where mirrored."""
    values = np.where((turn & 1).astype(bool)[:, None, None], values.transpose(0, 2, 1), values)
    odd = 1 - 2 * (np.arange(values.shape[1]) % 2)
    values = np.where((turn >> 1 & 1).astype(bool)[:, None, None], values * odd[:, None], values)
    return np.where((turn >> 2 & 1).astype(bool)[:, None, None], values * odd, values).astype(np.float32)


def turned(pictures: NDArray[np.float32], turn: NDArray[np.int8]) -> NDArray[np.float32]:
    """Pictures (images, side, side), turned as returned by `oriented`."""
    pictures = np.where((turn & 1).astype(bool)[:, None, None], pictures.transpose(0, 2, 1), pictures)
    pictures = np.where((turn >> 1 & 1).astype(bool)[:, None, None], pictures[:, ::-1], pictures)
    return np.where((turn >> 2 & 1).astype(bool)[:, None, None], pictures[:, :, ::-1], pictures)
