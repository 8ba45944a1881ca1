"""Near-duplicates as people make them: re-encoded, resized, brightened, blurred, cropped, rotated, mirrored.

From the scan's thumbnails, two short vectors propose the nearest neighbours of each picture (buckets.py). Every pair
is registered as well as possible (candidates.py), and is a copy if the fine structure agrees: two pictures of the
same composition share their outlines, copies share every hair. How well pictures agree that aren't copies depends on
the dataset: digits agree better than photographs. So a pair has to stand out from the other pairs of its class. Colours
and plain pictures are checked last (sameness.py). A picture with many copies has more than fit among its nearest
neighbours, so copies of copies are compared too. All of this is done in pieces of bounded memory (pieces.py); what
grows with the pictures are some numbers for each.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import combinations
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from diagnose.dataset.buckets import Described, neighbours, pairs_of, standing
from diagnose.dataset.candidates import HOPEFUL, Agreed, Candidates, compared
from diagnose.dataset.gradients import directions
from diagnose.dataset.neighbours import Vectors, frequencies, oriented
from diagnose.dataset.pieces import Pool
from diagnose.dataset.registration import fine
from diagnose.dataset.rows import Rows
from diagnose.dataset.table import ROWS, USABLE, codes, integers
from diagnose.dataset.thumbnails import BYTES, unpacked

if TYPE_CHECKING:
    from diagnose.dataset.cluster import ClusterWorkers

PART = 2_048  # thumbnails, or pairs, per piece of work: about a second of it

# Likeness below which no pair is proposed; of 126 copies that people made of CIFAR-10, 1 has less by either vector.
LEAST, LEAST_EDGES = 0.55, 0.55
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
    """A search in background threads, or on a cluster; it reads what it needs from the tables before it starts.

    folder: for what doesn't fit in memory, about 2.4 kB per image; OSError if there isn't room. An exception is raised
    when the pairs are requested. A search that nobody waits for ends with the process.
    """

    def __init__(
        self, db: sqlite3.Connection, folder: str | None = None, cluster: ClusterWorkers | None = None
    ) -> None:
        table = integers(db, "id", "picture")
        self._ids, self._pictures = table[:, 0], table[:, 1]
        self._classes = codes(db, "label")[0]
        self._stored, self._cluster = Rows(folder), cluster
        self._found: Future[NDArray[np.int64]] | None = None
        try:
            _store(db, self._stored)
        except OSError as fault:
            self._found = Future()
            self._found.set_exception(fault)

    def begin(self, threads: int | None = None) -> None:
        """Start it, once. threads: number of threads that compare pairs; by default one per processor."""
        if self._found is None:
            self._found = Future()
            threading.Thread(target=self._search, args=(self._found, threads), daemon=True).start()

    def _search(self, found: Future[NDArray[np.int64]], threads: int | None) -> None:
        try:
            with self._stored:
                found.set_result(copies(self._stored, self._pictures, self._classes, threads, self._cluster))
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
    stored: Rows,
    pictures: NDArray[np.int64],
    classes: NDArray[np.int64],
    threads: int | None = None,
    cluster: ClusterWorkers | None = None,
) -> NDArray[np.int64]:
    """(pairs, 2): the indices of those that look the same, the surest first. stored: thumbnails (images, BYTES);
    pictures: equal where the pixels are; classes: 0..; threads, cluster: see NearSearch."""
    if cluster is not None:
        return _all_copies(stored, pictures, classes, Pool(cluster.submit, cluster.count))
    count = threads or os.cpu_count() or 1
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(count) as executor:  # numpy releases the GIL
        return _all_copies(stored, pictures, classes, Pool(executor.submit, count))


def _all_copies(stored: Rows, pictures: NDArray[np.int64], classes: NDArray[np.int64], pool: Pool) -> NDArray[np.int64]:
    keys = _unequal(proposed(stored, pool), pictures)
    if not len(keys):
        return np.zeros((0, 2), np.int64)
    count = len(stored)
    chance = _by_chance(stored, classes, pool)
    agreed = _agreed(stored, keys, np.maximum(AGREEING, chance).astype(np.float32)[classes], pool)
    own = classes[keys // (64 * count)]
    usual = chance[own] > AGREEING
    needed = _needed(agreed.score[usual], own[usual], chance)[classes]
    pairs, score = _copies(keys, agreed, needed)
    known = np.concatenate([standing(keys), pairs @ [count, 1]])
    for _ in range(ROUNDS):
        more = _beside(pairs, known, count)
        known = np.concatenate([known, more])
        keys = _unequal(64 * more, pictures)
        others, scores = _copies(keys, _agreed(stored, keys, needed, pool), needed)
        pairs, score = np.concatenate([pairs, others]), np.concatenate([score, scores])
    return np.asarray(pairs[np.argsort(-score, kind="stable")], np.int64)


def proposed(stored: Rows, pool: Pool) -> NDArray[np.int64]:
    """Keys (buckets.py) of the pairs of pictures that resemble each other by low frequencies, turned, or by edges, not
    turned. Nearly flat pictures are left out."""
    with Rows(stored.folder) as low, Rows(stored.folder) as edges:
        structured, place, turn, surest = [], [], [], []
        parts = (np.arange(len(stored))[part] for part in _parts(len(stored)))
        for start, found in zip(range(0, len(stored), PART), pool.each(_vectors, map(stored.take, parts)), strict=True):
            if found is None:
                continue
            low.append(found.low)
            edges.append(found.edges)
            structured.append(start + found.structured)
            place.append(structured[-1][found.place])
            turn.append(found.turn)
            surest.append(np.arange(len(found.place)) < len(found.structured))
        if not len(edges):
            return np.zeros(0, np.int64)
        own = np.concatenate(structured)
        by_low = Described(low, np.concatenate(place), np.concatenate(turn), np.concatenate(surest))
        by_edges = Described(edges, own, np.zeros(len(own), np.int8), np.ones(len(own), np.bool_))
        found_by = (neighbours(by_low, len(stored), LEAST, pool), neighbours(by_edges, len(stored), LEAST_EDGES, pool))
        return np.union1d(*found_by)


class _Vectors(NamedTuple):
    """The indices of the pictures with structure, their edges, and what `oriented` returns of them."""

    structured: NDArray[np.int64]
    edges: Vectors
    low: Vectors
    place: NDArray[np.int64]
    turn: NDArray[np.int8]


def _vectors(thumbnails: NDArray[np.uint8]) -> _Vectors | None:
    structured = np.flatnonzero(fine(unpacked(thumbnails.tobytes()).luma).std((1, 2)) >= STRUCTURE)
    if not len(structured):
        return None
    small = unpacked(thumbnails[structured].tobytes())
    return _Vectors(structured, directions(small.luma), *oriented(*frequencies(small)))


def _agreed(
    stored: Rows, keys: NDArray[np.int64], least: NDArray[np.float32], pool: Pool, hopeful: float = HOPEFUL
) -> Agreed:
    """How well these pairs agree. least: the agreement that a copy needs at least, per picture."""

    def pieces() -> Iterator[Candidates]:
        for part in _parts(len(keys)):
            near = pairs_of(keys[part], len(stored))
            places, pairs = np.unique(near.pairs, return_inverse=True)
            yield Candidates(stored.take(places), pairs.reshape(-1, 2), near.turned, least[near.pairs[:, 0]], hopeful)

    parts = [Agreed(np.zeros(0, np.float32), np.zeros(0, np.bool_)), *pool.each(compared, pieces())]
    return Agreed(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _copies(
    keys: NDArray[np.int64], agreed: Agreed, needed: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The pairs that are copies, each once, and how well they agree. needed: the agreement required, per picture."""
    chosen = np.flatnonzero(agreed.copies)
    pairs, score = pairs_of(keys[chosen], len(needed)).pairs, agreed.score[chosen]
    order = np.flatnonzero(score >= needed[pairs[:, 0]])
    order = order[np.argsort(-score[order], kind="stable")]
    each = order[np.sort(np.unique(pairs[order], axis=0, return_index=True)[1])]
    return pairs[each], score[each]


def _unequal(keys: NDArray[np.int64], pictures: NDArray[np.int64]) -> NDArray[np.int64]:
    kept = [keys[:0]]
    for part in _parts(len(keys)):
        first, second = pairs_of(keys[part], len(pictures)).pairs.T
        kept.append(keys[part][pictures[first] != pictures[second]])
    return np.concatenate(kept)


def _beside(pairs: NDArray[np.int64], known: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """first * count + second of the pairs of copies of the same picture that aren't in `known`. `pairs` come the surest
    first."""
    others: defaultdict[int, list[int]] = defaultdict(list)
    for a, b in pairs.tolist():
        for one, other in ((a, b), (b, a)):
            if len(others[one]) < COPIES:
                others[one].append(other)
    joined = {a * count + b for near in others.values() for a, b in combinations(sorted(near), 2)}
    return np.setdiff1d(np.array(list(joined), np.int64), known)


def _store(db: sqlite3.Connection, stored: Rows) -> None:
    """Append the thumbnails of the usable images, by id."""
    cursor = db.execute(f"SELECT thumbnail FROM measure WHERE {USABLE} ORDER BY id")
    while rows := cursor.fetchmany(ROWS):
        stored.append(np.frombuffer(b"".join(row[0] for row in rows), np.uint8).reshape(-1, BYTES))


def _parts(count: int) -> Iterator[slice]:
    return (slice(start, min(count, start + PART)) for start in range(0, count, PART))


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


def _by_chance(stored: Rows, classes: NDArray[np.int64], pool: Pool) -> NDArray[np.float32]:
    """Per class, the agreement that none of its pairs reaches by chance, from random pairs; 0 for a small class."""
    rng = np.random.default_rng(0)
    members = np.split(np.argsort(classes, kind="stable"), np.cumsum(np.bincount(classes))[:-1])
    each = int(np.clip(RANDOM // len(members), FEWEST, RANDOM_IN_CLASS))
    pairs = [rng.choice(own, (each, 2)) if len(own) >= FEWEST else np.zeros((0, 2), np.int64) for own in members]
    keys = 64 * (np.concatenate(pairs) @ [len(stored), 1])
    score = _agreed(stored, keys, np.full(len(stored), np.inf, np.float32), pool, hopeful=-1.0).score
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
