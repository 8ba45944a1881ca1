"""Copies as people make them: encoded again, resized, brightened, blurred, cropped, turned, mirrored.

Thumbnails of the scan propose each picture's nearest others by two short vectors (neighbours.py). Every such pair is
laid over one another as well as it will go (registration.py), and is a copy where the fine structure agrees: two
pictures of one composition share their outlines, copies share every hair. How well pictures agree that are no copies
depends on the set: digits do better than photographs. So a pair has to stand out from the other pairs of its class, and
what colours and plain pictures say is asked last (sameness.py). Of many copies of one picture some are too many to be
near one another, so copies of a copy are looked at too.
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
AT_ONCE = 256  # pairs laid over one another at once

HOPEFUL = 0.35  # agreement by a shift alone, below which no pair is looked at more closely; of 126 copies 0 have less
AGREEING_INSIDE = 0.85  # of what is inside of an outline on a plain ground
AGREEING = 0.78  # of the fine structure; see tests/benchmarks/near.py for where copies and others lie
FEWEST = 20  # pictures or pairs of a class that tell what is usual in it
NORMAL = NormalDist()
HIGHEST = 0.9999  # correlation that counts as such
RANDOM, RANDOM_IN_CLASS = 20_000, 200  # random pairs that tell how alike pictures of a class are
CHANCE = 0.05  # that one pair of a class agrees by chance
ROUNDS = 4  # of looking at the copies of copies
COPIES = 20  # of one picture, the surest, that are held against one another
STRUCTURE = 2.0  # levels: the deviation of the fine structure below which a picture is nearly flat and says little


def near_pairs(db: sqlite3.Connection) -> list[tuple[int, int]]:
    """Ids of the pairs that look the same without being equal, the surest first."""
    search = NearSearch(db)
    search.begin()
    return search.pairs()


class NearSearch:
    """A search that goes on in threads of its own, beside other work; what it needs of the tables is taken before.

    An exception is raised where the pairs are asked for. A search that nobody waits for ends with the process.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        table = integers(db, "id", "picture")
        self._ids = table[:, 0]
        self._given = (_stored(db, len(table)), table[:, 1], codes(db, "label")[0]) if len(table) > 1 else None
        self._found: Future[NDArray[np.int64]] | None = None

    def begin(self, threads: int | None = None) -> None:
        """Starts it, once. threads: that compare pairs, one for each processor where none is said."""
        if self._found is None:
            self._found = Future()
            threading.Thread(target=self._search, args=(self._found, threads), daemon=True).start()

    def _search(self, found: Future[NDArray[np.int64]], threads: int | None) -> None:
        try:
            found.set_result(copies(*self._given, threads) if self._given else np.zeros((0, 2), np.int64))
        except BaseException as fault:
            found.set_exception(fault)

    def done(self, within: float = 0.0) -> bool:
        """Whether it has ended, `within` so many seconds."""
        return self._found is not None and bool(wait([self._found], within).done)

    def pairs(self) -> list[tuple[int, int]]:
        """Ids of the pairs that look the same without being equal, the surest first; waits for the end."""
        assert self._found is not None
        return [(int(self._ids[a]), int(self._ids[b])) for a, b in self._found.result()]


def copies(
    stored: NDArray[np.uint8], pictures: NDArray[np.int64], classes: NDArray[np.int64], threads: int | None = None
) -> NDArray[np.int64]:
    """(pairs, 2): the places of those that look the same, the surest first. stored: thumbnails (images, BYTES);
    pictures: equal where pixels are; classes: 0..; threads: see NearSearch.begin."""
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:  # numpy works outside of Python's lock
        return _all_copies(stored, pictures, classes, pool)


def _all_copies(
    stored: NDArray[np.uint8], pictures: NDArray[np.int64], classes: NDArray[np.int64], pool: Executor
) -> NDArray[np.int64]:
    telling = np.flatnonzero(_structure(stored) >= STRUCTURE)
    if len(telling) < 2:
        return np.zeros((0, 2), np.int64)
    near = proposed(*_vectors(stored, telling))
    near = _unequal(Proposed(telling[near.pairs], near.turned), pictures)
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
    """Those that are copies, each once, and how well they agree. needed: the agreement for each picture's class."""
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
    """The pairs of pictures that are copies of the same one, and not yet known as first * count + second. Pairs come
    the surest first."""
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
    """The deviation of the fine structure of each, in levels."""
    parts = [fine(unpacked(stored[part].tobytes()).luma).std((1, 2)) for part in _parts(len(stored), 4096)]
    return np.concatenate(parts)


def _vectors(
    stored: NDArray[np.uint8], places: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Low frequencies of luma and of colour (neighbours.py), and the directions of edges (gradients.py)."""
    told = []
    for part in _parts(len(places), PART):
        small = _of(stored, places[part])
        told.append((*frequencies(small), directions(small.luma)))
    luma, colour, edges = (np.concatenate(column) for column in zip(*told, strict=True))
    return luma, colour, edges


def _compared(stored: NDArray[np.uint8], near: Proposed, pool: Executor, hopeful: float = HOPEFUL) -> Compared:
    def agreement(part: slice) -> Compared:
        pairs, turns = near.pairs[part], near.turned[part]
        one, other = (turned(_of(stored, pairs[:, side]).luma, turns[:, side]) for side in range(2))
        found = shifted(one, other)
        score, inside, maps = found.score.copy(), np.ones(len(one), np.float32), found.map.copy()
        closer = np.flatnonzero(score >= hopeful)
        if len(closer):
            told = registered(one[closer], other[closer], found.map[closer])
            score[closer], maps[closer] = told.score, told.map
            good = told.score >= AGREEING
            inside[closer[good]] = within(one[closer[good]], other[closer[good]], told.map[good])
        return Compared(score, inside, maps)

    none = Compared(np.zeros(0, np.float32), np.zeros(0, np.float32), np.zeros((0, 6), np.float32))
    parts = [none, *pool.map(agreement, _parts(len(near.pairs), AT_ONCE))]
    score, inside, maps = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Compared(score, inside, maps)


def _needed(score: NDArray[np.float32], classes: NDArray[np.int64], chance: NDArray[np.float32]) -> NDArray[np.float32]:
    """The agreement that a copy has to have, by class: enough, and more than any pair of its class by chance.

    score, classes: of the proposed pairs. chance: by class, what random pairs do not reach (_by_chance). Where that is
    below AGREEING, pictures of the class do not look alike, and proposals that agree are copies, however many. Where
    they do look alike, the tail of the nearest counts too: copies only raise scores, so the mean and deviation of the
    others come from the lower quartile and tenth.
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
    """By class, the agreement that none of its pairs reaches by chance, from random ones; 0 where it has few."""
    rng = np.random.default_rng(0)
    members = np.split(np.argsort(classes, kind="stable"), np.cumsum(np.bincount(classes))[:-1])
    each = int(np.clip(RANDOM // len(members), FEWEST, RANDOM_IN_CLASS))
    pairs = [rng.choice(own, (each, 2)) if len(own) >= FEWEST else np.zeros((0, 2), np.int64) for own in members]
    score = _compared(stored, _standing(np.concatenate(pairs)), pool, hopeful=-1.0).score
    told = np.zeros(len(members), np.float32)
    for number, (own, scores) in enumerate(
        zip(members, np.split(score, np.cumsum([len(one) for one in pairs])[:-1]), strict=True)
    ):
        different = scores[pairs[number][:, 0] != pairs[number][:, 1]]
        if len(different) >= FEWEST // 2:
            low, middle, high = np.percentile(np.arctanh(np.clip(different, -0.99, HIGHEST)), [25, 50, 75])
            told[number] = _beyond(middle, (high - low) / (2 * NORMAL.inv_cdf(0.75)), len(own) * (len(own) - 1) // 2)
    return told


def _beyond(mean: float, deviation: float, count: int) -> float:
    """The correlation that none of so many reaches but with probability CHANCE (Bonferroni): Fisher's transform of a
    correlation is about normal, and mean and deviation are of that."""
    return float(np.tanh(mean - NORMAL.inv_cdf(CHANCE / count) * deviation))


def _standing(pairs: NDArray[np.int64]) -> Proposed:
    return Proposed(pairs, np.zeros((len(pairs), 2), np.int8))


def grouped(pairs: list[tuple[int, int]]) -> list[list[int]]:
    """The sets of ids that the pairs join, each sorted, in the order of their first."""
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
