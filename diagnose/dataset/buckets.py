"""The nearest neighbours of each picture, by either of its vectors (neighbours.py), bucket by bucket.

Few vectors make one bucket: all are compared with all. Many are dealt into cells, each around one of them drawn at
random, and a cell is searched together with the cells nearest to it. A bucket holds what its search needs, so that its
memory is bounded, and any worker can do it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diagnose.dataset.neighbours import Proposed, Vectors
from diagnose.dataset.pieces import Pool
from diagnose.dataset.rows import Rows

NEAREST = 3  # neighbours that each picture is compared with, by either vector
AT_ONCE = 256  # rows of an all-pairs comparison
WIDE = 131_072  # columns above which fewer rows are compared at once: 134 MB of likenesses per worker at most
GROUP = 64  # groups of columns, each represented by its best, in the search for the nearest
EXACT = 300_000  # vectors up to which all pairs are compared; more are first divided into cells
CELL = 1_000  # vectors per cell, approximately, up to 4 million; beyond, cells grow with the root of the vectors
LOOKED_INTO = 6  # cells near a vector's own that are searched too
LARGEST = 20_000  # vectors of a cell that are searched together; a larger one is cut
BLOCK = 64 * AT_ONCE  # rows of a bucket where all are compared with all, and vectors dealt into cells at once


class Described(NamedTuple):
    """One vector a row; per row the picture that it describes, how that was turned, and whether it is the picture's
    surest vector, by which its neighbours are searched. A picture's rows have its surest first."""

    rows: Rows
    place: NDArray[np.int64]
    turn: NDArray[np.int8]
    surest: NDArray[np.bool_]


class Bucket(NamedTuple):
    """Vectors (rows, width) whose neighbours are searched among others (columns, width), which are sorted by picture.
    pictures: how many there are in all. least: the likeness below which no pair is proposed."""

    rows: Vectors
    row_place: NDArray[np.int64]
    row_turn: NDArray[np.int8]
    columns: Vectors
    place: NDArray[np.int64]
    turn: NDArray[np.int8]
    pictures: int = 0
    least: float = 0.0


def neighbours(described: Described, count: int, least: float, pool: Pool) -> NDArray[np.int64]:
    """A number per pair of neighbours and way in which they are turned, ascending; see `pairs_of`."""
    buckets = _all(described) if len(described.rows) <= EXACT else _cells(described, pool)
    given = (bucket._replace(pictures=count, least=least) for bucket in buckets)
    return np.unique(np.concatenate(list(pool.each(nearest, given))))


def pairs_of(keys: NDArray[np.int64], count: int) -> Proposed:
    """The pairs of pictures that these numbers stand for."""
    pairs, turns = np.divmod(keys, 64)
    return Proposed(np.stack(np.divmod(pairs, count), axis=1), np.stack(np.divmod(turns, 8), axis=1).astype(np.int8))


def standing(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """first * count + second of the pairs whose pictures are turned alike."""
    numbers: NDArray[np.int64] = keys[keys % 64 == 0] // 64
    return numbers


def nearest(bucket: Bucket) -> NDArray[np.int64]:
    """The numbers of the pairs of each row and its nearest columns."""
    inside = bucket.columns.T
    at_once = AT_ONCE if len(bucket.columns) <= WIDE else AT_ONCE // 4
    found = []
    for start in range(0, len(bucket.rows), at_once):
        part = slice(start, start + at_once)
        row, column = _best(bucket.rows[part], bucket.row_place[part], inside, bucket.place, bucket.least)
        found.append(
            _keys(bucket.row_place[part][row], bucket.place[column], bucket.row_turn[part][row], bucket.turn[column],
                  bucket.pictures)
        )  # fmt: skip
    return np.unique(np.concatenate(found))


def _all(described: Described) -> Iterator[Bucket]:
    columns = _columns(described, np.arange(len(described.rows)))
    searched = np.flatnonzero(described.surest)
    for start in range(0, len(searched), BLOCK):
        yield Bucket(*_rows(described, searched[start : start + BLOCK]), *columns)


def _cells(described: Described, pool: Pool) -> Iterator[Bucket]:
    rows, count = described.rows, len(described.rows)
    size = max(CELL, math.isqrt(count // 4))
    drawn = np.random.default_rng(0).choice(count, count // size, replace=False)
    middles = np.unique(rows.take(np.sort(drawn)), axis=0)
    parts = ((rows.take(np.arange(start, min(count, start + BLOCK))), middles) for start in range(0, count, BLOCK))
    cell = np.concatenate(list(pool.each(_nearest_middle, parts)))
    order = np.argsort(cell, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(cell, minlength=len(middles)))[:-1])
    for number, own in enumerate(members):
        near = np.argsort(-(middles @ middles[number]))[: LOOKED_INTO + 1]
        others = [members[other] for other in near if other != number]
        for run in np.array_split(own, -(-len(own) // LARGEST)) if len(own) else ():
            searched = run[described.surest[run]]
            if len(searched):
                around = np.concatenate([run, *others])[: 2 * LARGEST]
                yield Bucket(*_rows(described, searched), *_columns(described, np.sort(around)))


def _nearest_middle(given: tuple[Vectors, Vectors]) -> NDArray[np.int32]:
    vectors, middles = given
    parts = np.array_split(vectors, -(-len(vectors) // AT_ONCE))
    return np.concatenate([(part @ middles.T).argmax(1) for part in parts]).astype(np.int32)


def _rows(described: Described, chosen: NDArray[np.int64]) -> tuple[Vectors, NDArray[np.int64], NDArray[np.int8]]:
    return described.rows.take(chosen), described.place[chosen], described.turn[chosen]


def _columns(described: Described, chosen: NDArray[np.int64]) -> tuple[Vectors, NDArray[np.int64], NDArray[np.int8]]:
    vectors, place, turn = _rows(described, chosen)
    order = np.argsort(place, kind="stable")
    return vectors[order], place[order], turn[order]


def _keys(
    a: NDArray[np.int64], b: NDArray[np.int64], turn_a: NDArray[np.int8], turn_b: NDArray[np.int8], count: int
) -> NDArray[np.int64]:
    """A number per pair and its turns; the turns are 0 where both are the same."""
    low, high = np.minimum(a, b), np.maximum(a, b)
    both = np.where(a < b, turn_a * 8 + turn_b, turn_b * 8 + turn_a) * (turn_a != turn_b)
    return np.asarray((low * count + high) * 64 + both, np.int64)


def _best(
    rows: Vectors, row_place: NDArray[np.int64], inside: Vectors, place: NDArray[np.int64], least: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The nearest columns of each row, without those of its own picture; inside: the columns' vectors (width, columns),
    sorted by place. The best few lie in the groups of columns whose best is among the best few; a group is every
    `each`-th column, which makes the maxima fast."""
    columns = inside.shape[1]
    each = -(-columns // GROUP)
    alike = np.full((len(rows), each * GROUP), -1.0, np.float32)
    np.matmul(rows, inside, out=alike[:, :columns])
    first, last = (np.searchsorted(place, row_place, side) for side in ("left", "right"))
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
    return np.repeat(np.arange(len(rows)), enough.sum(1)), found[enough]
