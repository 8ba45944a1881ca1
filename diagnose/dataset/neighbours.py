"""Which pictures resemble each other: two short vectors per picture, and the nearest neighbours by either.

One holds the directions of its edges (gradients.py). The other holds the low frequencies of the luma and of the
colour, without the mean and of unit length, so that brightness and contrast don't count. For it, every picture is
turned to one of eight orientations by the signs and sizes of its two lowest frequencies, so that a mirrored or rotated
copy has the same vector; where these are ambiguous, a picture has several vectors.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct

from diagnose.dataset.thumbnails import COLOUR_SIDE, SIDE, Thumbnails

Vectors = NDArray[np.float32]

LUMA, COLOUR = 8, 4  # low frequencies per side
OPEN = 0.08  # of the vector's length: a lowest frequency below it leaves the orientation ambiguous
NEAREST = 3  # neighbours that each picture is compared with, by either vector
# Likeness below which no pair is proposed; of 126 copies that people made of CIFAR-10, 1 has less by either vector.
LEAST, LEAST_EDGES = 0.55, 0.55
AT_ONCE = 256  # rows of an all-pairs comparison
GROUP = 64  # groups of columns, each represented by its best, in the search for the nearest
EXACT = 300_000  # vectors up to which all pairs are compared; more are first divided into cells
CELL = 1_000  # vectors per cell, approximately
LOOKED_INTO = 6  # cells near a vector's own that are searched too


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


def proposed(luma: NDArray[np.float32], colour: NDArray[np.float32], edges: Vectors) -> Proposed:
    """Every picture with its nearest neighbours by low frequencies, turned, and by edges, not turned (images, width;
    see gradients.py). Each pair comes once for each way in which its pictures are turned relative to each other."""
    count = len(luma)
    vectors, place, turn = oriented(luma, colour)
    found = [
        _keys(place[rows], place[columns], turn[rows], turn[columns], count)
        for rows, columns in _nearest(vectors, place, count, LEAST)
    ]
    del vectors
    standing = np.zeros(count, np.int8)
    found += [
        _keys(rows, columns, standing[rows], standing[columns], count)
        for rows, columns in _nearest(edges, np.arange(count), count, LEAST_EDGES)
    ]
    pairs, turns = np.divmod(np.unique(np.concatenate(found)), 64)
    pairs = np.stack(np.divmod(pairs, count), axis=1)
    return Proposed(pairs, np.stack(np.divmod(turns, 8), axis=1).astype(np.int8))


def _keys(
    a: NDArray[np.int64], b: NDArray[np.int64], turn_a: NDArray[np.int8], turn_b: NDArray[np.int8], count: int
) -> NDArray[np.int64]:
    """A number per pair and its turns; the turns are 0 where both are the same."""
    low, high = np.minimum(a, b), np.maximum(a, b)
    both = np.where(a < b, turn_a * 8 + turn_b, turn_b * 8 + turn_a) * (turn_a != turn_b)
    return np.asarray((low * count + high) * 64 + both, np.int64)


def _nearest(
    vectors: Vectors, place: NDArray[np.int64], queries: int, least: float
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Rows of the first `queries` vectors and of their nearest neighbours with likeness `least` or more."""
    if len(vectors) <= EXACT:
        everything = np.argsort(place, kind="stable")
        sorted_vectors = vectors[everything].T
        for start in range(0, queries, AT_ONCE):
            rows = np.arange(start, min(queries, start + AT_ONCE))
            yield _best(vectors, place, rows, everything, sorted_vectors, least)
        return
    rng = np.random.default_rng(0)
    middles = vectors[rng.choice(len(vectors), len(vectors) // CELL, replace=False)]
    cell = np.concatenate([(part @ middles.T).argmax(1) for part in np.array_split(vectors, len(vectors) // 4096 + 1)])
    members = np.split(np.argsort(cell, kind="stable"), np.cumsum(np.bincount(cell, minlength=len(middles)))[:-1])
    near = np.argsort(-(middles @ middles.T), axis=1)[:, : LOOKED_INTO + 1]
    for number, own in enumerate(members):
        rows = own[own < queries]
        columns = np.concatenate([members[other] for other in near[number]])
        columns = columns[np.argsort(place[columns], kind="stable")]
        inside = vectors[columns].T
        for start in range(0, len(rows), AT_ONCE):
            yield _best(vectors, place, rows[start : start + AT_ONCE], columns, inside, least)


def _best(
    vectors: Vectors,
    place: NDArray[np.int64],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    inside: Vectors,
    least: float,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The nearest of these columns, sorted by place, for each row, without those of its own picture; inside: their
    vectors (width, columns). The best few lie in the groups of columns whose best is among the best few; a group is
    every `each`-th column, which makes the maxima fast."""
    each = -(-len(columns) // GROUP)
    alike = np.full((len(rows), each * GROUP), -1.0, np.float32)
    np.matmul(vectors[rows], inside, out=alike[:, : len(columns)])
    first, last = (np.searchsorted(place[columns], place[rows], side) for side in ("left", "right"))
    for step in range(int((last - first).max(initial=0))):
        own = np.flatnonzero(first + step < last)
        alike[own, first[own] + step] = -1.0
    groups = alike.reshape(len(rows), GROUP, each)
    most = min(NEAREST, each)
    best = np.argpartition(-groups.max(1), most - 1, axis=1)[:, :most]
    chosen = np.take_along_axis(groups, best[:, None, :], axis=2).reshape(len(rows), -1)
    few = min(NEAREST, chosen.shape[1])
    inner = np.argpartition(-chosen, few - 1, axis=1)[:, :few]
    found = inner // most * each + np.take_along_axis(best, inner % most, axis=1)
    enough = np.take_along_axis(chosen, inner, axis=1) >= least
    row = np.repeat(rows, enough.sum(1))
    return row, columns[found[enough]]
