"""Near-duplicates as people make them: re-encoded, resized, brightened, blurred, cropped, rotated, mirrored.

From the scan's thumbnails, two short vectors propose the nearest neighbours of each picture (neighbours.py). Every pair
is registered as well as possible (registration.py), and is a copy if the fine structure agrees: two pictures of the
same composition share their outlines, copies share every hair. How well pictures agree that aren't copies depends on
the dataset: digits agree better than photographs. So a pair has to stand out from the other pairs of its class. Colours
and plain pictures are checked last (sameness.py). A picture with many copies has more than fit among its nearest
neighbours, so copies of copies are compared too.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from itertools import combinations
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from diagnose.dataset.gradients import directions
from diagnose.dataset.neighbours import Proposed, frequencies, proposed, turned
from diagnose.dataset.registration import fine, registered, shifted, within
from diagnose.dataset.sameness import Compared, same
from diagnose.dataset.table import USABLE, codes, integers
from diagnose.dataset.thumbnails import BYTES, Thumbnails, unpacked

PART = 20_000  # thumbnails unpacked at once
AT_ONCE = 256  # pairs registered at once

HOPEFUL = 0.35  # agreement by a shift alone, below which a pair isn't examined further; none of 126 copies has less
AGREEING_INSIDE = 0.85  # of what is inside an outline on a plain background
AGREEING = 0.78  # of the fine structure; tests/benchmarks/near.py shows the scores of copies and of others
FEWEST = 20  # pictures or pairs of a class needed to estimate what is usual in it
NORMAL = NormalDist()
HIGHEST = 0.9999  # correlations are clipped to this
RANDOM, RANDOM_IN_CLASS = 20_000, 200  # random pairs that show how alike pictures of a class are
CHANCE = 0.05  # that one pair of a class agrees by chance
ROUNDS = 4  # of comparing copies of copies
COPIES = 20  # of one picture, the surest, that are compared with each other
STRUCTURE = 2.0  # levels: deviation of the fine structure below which a picture is nearly flat


def near_pairs(db: sqlite3.Connection) -> list[tuple[int, int]]:
    """Ids of the pairs that look the same without being equal, the surest first."""
    search = NearSearch(db)
    search.begin()
    return search.pairs()


class NearSearch:
    """A search in background threads; it reads what it needs from the tables before it starts.

    An exception is raised when the pairs are requested. A search that nobody waits for ends with the process.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        table = integers(db, "id", "picture")
        self._ids = table[:, 0]
        self._given = (_stored(db, len(table)), table[:, 1], codes(db, "label")[0]) if len(table) > 1 else None
        self._found: Future[NDArray[np.int64]] | None = None

    def begin(self, threads: int | None = None) -> None:
        """Start it, once. threads: number of threads that compare pairs; by default one per processor."""
        if self._found is None:
            self._found = Future()
            threading.Thread(target=self._search, args=(self._found, threads), daemon=True).start()

    def _search(self, found: Future[NDArray[np.int64]], threads: int | None) -> None:
        try:
            found.set_result(copies(*self._given, threads) if self._given else np.zeros((0, 2), np.int64))
        except BaseException as fault:
            found.set_exception(fault)

    def done(self, within: float = 0.0) -> bool:
        """Whether it has ended; waits up to `within` seconds."""
        return self._found is not None and bool(wait([self._found], within).done)

    def pairs(self) -> list[tuple[int, int]]:
        """Ids of the pairs that look the same without being equal, the surest first; waits for the end."""
        assert self._found is not None
        return [(int(self._ids[a]), int(self._ids[b])) for a, b in self._found.result()]


def copies(
    stored: NDArray[np.uint8], pictures: NDArray[np.int64], classes: NDArray[np.int64], threads: int | None = None
) -> NDArray[np.int64]:
    """(pairs, 2): the indices of those that look the same, the surest first. stored: thumbnails (images, BYTES);
    pictures: equal where the pixels are; classes: 0..; threads: see NearSearch.begin."""
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:  # numpy releases the GIL
        return _all_copies(stored, pictures, classes, pool)


def _all_copies(
    stored: NDArray[np.uint8], pictures: NDArray[np.int64], classes: NDArray[np.int64], pool: Executor
) -> NDArray[np.int64]:
    structured = np.flatnonzero(_structure(stored) >= STRUCTURE)
    if len(structured) < 2:
        return np.zeros((0, 2), np.int64)
    near = proposed(*_vectors(stored, structured))
    near = _unequal(Proposed(structured[near.pairs], near.turned), pictures)
    compared = _compared(stored, near, pool)
    needed = _needed(compared.score, classes[near.pairs[:, 0]], _by_chance(stored, classes, pool))
    pairs, score = _copies(stored, near, compared, needed[classes])
    standing = near.pairs[near.turned[:, 0] == near.turned[:, 1]]
    known = np.concatenate([standing, pairs]) @ [len(stored), 1]
    for _ in range(ROUNDS):
        more = _beside(pairs, known, len(stored))
        known = np.concatenate([known, more.pairs @ [len(stored), 1]])
        more = _unequal(more, pictures)
        others, scores = _copies(stored, more, _compared(stored, more, pool), needed[classes])
        pairs, score = np.concatenate([pairs, others]), np.concatenate([score, scores])
    return np.asarray(pairs[np.argsort(-score, kind="stable")], np.int64)


def _copies(
    stored: NDArray[np.uint8], near: Proposed, compared: Compared, needed: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The pairs that are copies, each once, and how well they agree. needed: the agreement required, per picture."""
    score, inside = compared.score, compared.inside
    alike = score >= needed[near.pairs[:, 0]]
    alike &= np.isnan(inside) | (inside >= AGREEING_INSIDE)
    hopeful = np.flatnonzero(alike)
    for part in _parts(len(hopeful), PART):
        chosen = hopeful[part]
        first, second = (_of(stored, near.pairs[chosen, side]) for side in range(2))
        alike[chosen] = same(first, second, near.turned[chosen], Compared(*(one[chosen] for one in compared)))
    order = np.flatnonzero(alike)
    order = order[np.argsort(-score[order], kind="stable")]
    each = order[np.sort(np.unique(near.pairs[order], axis=0, return_index=True)[1])]
    return near.pairs[each], score[each]


def _unequal(near: Proposed, pictures: NDArray[np.int64]) -> Proposed:
    unequal = pictures[near.pairs[:, 0]] != pictures[near.pairs[:, 1]]
    return Proposed(near.pairs[unequal], near.turned[unequal])


def _beside(pairs: NDArray[np.int64], known: NDArray[np.int64], count: int) -> Proposed:
    """The pairs of copies of the same picture that aren't in `known`, as first * count + second. `pairs` come the
    surest first."""
    others: defaultdict[int, list[int]] = defaultdict(list)
    for a, b in pairs.tolist():
        for one, other in ((a, b), (b, a)):
            if len(others[one]) < COPIES:
                others[one].append(other)
    joined = {a * count + b for near in others.values() for a, b in combinations(sorted(near), 2)}
    more = np.setdiff1d(np.array(list(joined), np.int64), known)
    return _standing(np.stack(np.divmod(more, count), axis=1))


def _stored(db: sqlite3.Connection, count: int) -> NDArray[np.uint8]:
    """(images, BYTES): the thumbnails of the usable images, by id."""
    small = np.empty((count, BYTES), np.uint8)
    cursor = db.execute(f"SELECT thumbnail FROM image WHERE {USABLE} ORDER BY id")
    place = 0
    while rows := cursor.fetchmany(PART):
        small[place : place + len(rows)] = np.frombuffer(b"".join(row[0] for row in rows), np.uint8).reshape(-1, BYTES)
        place += len(rows)
    return small


def _of(stored: NDArray[np.uint8], places: NDArray[np.int64]) -> Thumbnails:
    return unpacked(stored[places].tobytes())


def _parts(count: int, size: int) -> Iterator[slice]:
    return (slice(start, min(count, start + size)) for start in range(0, count, size))


def _structure(stored: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The deviation of the fine structure per picture, in levels."""
    parts = [fine(unpacked(stored[part].tobytes()).luma).std((1, 2)) for part in _parts(len(stored), 4096)]
    return np.concatenate(parts)


def _vectors(
    stored: NDArray[np.uint8], places: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Low frequencies of luma and of colour (neighbours.py), and the directions of edges (gradients.py)."""
    vectors = []
    for part in _parts(len(places), PART):
        small = _of(stored, places[part])
        vectors.append((*frequencies(small), directions(small.luma)))
    luma, colour, edges = (np.concatenate(column) for column in zip(*vectors, strict=True))
    return luma, colour, edges


def _compared(stored: NDArray[np.uint8], near: Proposed, pool: Executor, hopeful: float = HOPEFUL) -> Compared:
    def agreement(part: slice) -> Compared:
        pairs, turns = near.pairs[part], near.turned[part]
        one, other = (turned(_of(stored, pairs[:, side]).luma, turns[:, side]) for side in range(2))
        found = shifted(one, other)
        score, inside, maps = found.score.copy(), np.ones(len(one), np.float32), found.map.copy()
        closer = np.flatnonzero(score >= hopeful)
        if len(closer):
            agreed = registered(one[closer], other[closer], found.map[closer])
            score[closer], maps[closer] = agreed.score, agreed.map
            good = agreed.score >= AGREEING
            inside[closer[good]] = within(one[closer[good]], other[closer[good]], agreed.map[good])
        return Compared(score, inside, maps)

    none = Compared(np.zeros(0, np.float32), np.zeros(0, np.float32), np.zeros((0, 6), np.float32))
    parts = [none, *pool.map(agreement, _parts(len(near.pairs), AT_ONCE))]
    score, inside, maps = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Compared(score, inside, maps)


def _needed(score: NDArray[np.float32], classes: NDArray[np.int64], chance: NDArray[np.float32]) -> NDArray[np.float32]:
    """The agreement required of a copy, per class: high enough, and above that of any pair of its class by chance.

    score, classes: of the proposed pairs. chance: per class, what random pairs don't reach (_by_chance). Where that is
    below AGREEING, pictures of the class don't look alike, and proposals that agree are copies, however many. Where
    they do look alike, the tail of the nearest pairs counts too: copies only raise scores, so the mean and deviation of
    the others are estimated from the lower quartile and decile.
    """
    order = np.argsort(classes, kind="stable")
    members = np.split(score[order], np.cumsum(np.bincount(classes, minlength=len(chance)))[:-1])
    needed = np.maximum(AGREEING, chance)
    for number in np.flatnonzero(chance > AGREEING):
        if len(own := members[number]) >= FEWEST:
            tenth, quartile = np.percentile(np.arctanh(np.clip(own, -0.99, HIGHEST)), [10, 25])
            deviation = (quartile - tenth) / (NORMAL.inv_cdf(0.25) - NORMAL.inv_cdf(0.1))
            mean = quartile - NORMAL.inv_cdf(0.25) * deviation
            needed[number] = max(needed[number], _beyond(mean, deviation, len(own)))
    return needed.astype(np.float32)


def _by_chance(stored: NDArray[np.uint8], classes: NDArray[np.int64], pool: Executor) -> NDArray[np.float32]:
    """Per class, the agreement that none of its pairs reaches by chance, from random pairs; 0 for a small class."""
    rng = np.random.default_rng(0)
    members = np.split(np.argsort(classes, kind="stable"), np.cumsum(np.bincount(classes))[:-1])
    each = int(np.clip(RANDOM // len(members), FEWEST, RANDOM_IN_CLASS))
    pairs = [rng.choice(own, (each, 2)) if len(own) >= FEWEST else np.zeros((0, 2), np.int64) for own in members]
    score = _compared(stored, _standing(np.concatenate(pairs)), pool, hopeful=-1.0).score
    needed = np.zeros(len(members), np.float32)
    for number, (own, scores) in enumerate(
        zip(members, np.split(score, np.cumsum([len(one) for one in pairs])[:-1]), strict=True)
    ):
        different = scores[pairs[number][:, 0] != pairs[number][:, 1]]
        if len(different) >= FEWEST // 2:
            low, middle, high = np.percentile(np.arctanh(np.clip(different, -0.99, HIGHEST)), [25, 50, 75])
            needed[number] = _beyond(middle, (high - low) / (2 * NORMAL.inv_cdf(0.75)), len(own) * (len(own) - 1) // 2)
    return needed


def _beyond(mean: float, deviation: float, count: int) -> float:
    """The correlation that any of `count` pairs exceeds with probability CHANCE at most (Bonferroni). `mean` and
    `deviation` are of Fisher's transform of the correlation, which is roughly normal."""
    return float(np.tanh(mean - NORMAL.inv_cdf(CHANCE / count) * deviation))


def _standing(pairs: NDArray[np.int64]) -> Proposed:
    return Proposed(pairs, np.zeros((len(pairs), 2), np.int8))


def grouped(pairs: list[tuple[int, int]]) -> list[list[int]]:
    """The sets of ids that the pairs connect, each sorted, ordered by their first id."""
    parent: dict[int, int] = {}

    def root(number: int) -> int:
        parent.setdefault(number, number)
        while parent[number] != number:
            parent[number] = number = parent[parent[number]]
        return number

    for a, b in pairs:
        low, high = sorted((root(a), root(b)))
        parent[high] = low
    sets: defaultdict[int, list[int]] = defaultdict(list)
    for number in sorted(parent):
        sets[root(number)].append(number)
    return list(sets.values())
