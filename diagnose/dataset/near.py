"""Copies as people make them: encoded again, resized, brightened, blurred, cropped, turned, mirrored.

Thumbnails of the scan propose each picture's nearest others by a short vector (neighbours.py). Every such pair is laid
over one another as well as it will go (registration.py), and is a copy where the fine structure agrees: two pictures of
one composition share their outlines, copies share every hair. How well pictures agree that are no copies depends on the
set: digits do better than photographs. So a pair has to stand out from the other pairs of its class, and pictures of
little structure, such as flags, have to be the same all but for their encoding.
"""

from __future__ import annotations

import os
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from diagnose.dataset.neighbours import frequencies, proposed, turned
from diagnose.dataset.registration import fine, registered, shifted, within
from diagnose.dataset.table import USABLE, codes, integers
from diagnose.dataset.thumbnails import BYTES, Thumbnails, unpacked

PART = 20_000  # thumbnails unpacked at once
AT_ONCE = 256  # pairs laid over one another at once

HOPEFUL = 0.3  # agreement by a shift alone, below which no pair is looked at more closely
AGREEING_INSIDE = 0.85  # of what is inside of an outline on a plain ground
AGREEING = 0.78  # of the fine structure; see tests/benchmarks/near.py for where copies and others lie
STANDING_OUT = 0.3  # of the way from the class's usual agreement to 1, that may be missing
FEWEST = 20  # pairs of a class, that tell what is usual in it
STRUCTURE = 2.0  # levels: the deviation of the fine structure below which a picture is nearly flat and says little
# The number of independent rows of the fine structure: flags have 1 to 4, digits 2 to 5, 19 of 20 of CIFAR-10 over 4.9.
SIMPLE = 4.5
# Levels that count as one; the deviation of 3 x 3 pixels that are even; the share of a picture beside its usual level
# that is even in a drawing, and the share that is there at all in more than a few strokes.
LEVEL, EVEN, DRAWN, LEAST_DRAWN = 4.0, 1.5, 0.4, 0.4
SAME_LEVELS = 3.0  # of 255, mean difference of simple pictures that count as the same
OTHER_COLOUR = 0.6  # of the colour that two pictures have, how much may differ
FAINT = 6.0  # levels of colour below which a picture counts as grey


def near_pairs(db: sqlite3.Connection) -> list[tuple[int, int]]:
    """Ids of the pairs that look the same without being equal, the surest first."""
    table = integers(db, "id", "picture")
    if len(table) < 2:
        return []
    ids, pictures = table[:, 0], table[:, 1]
    stored = _stored(db, len(ids))
    classes = codes(db, "label")[0]
    telling = np.flatnonzero(_structure(stored) >= STRUCTURE)
    if len(telling) < 2:
        return []
    luma, colour = _frequencies(stored, telling)
    pairs, turns = proposed(luma, colour)
    places = telling[pairs]
    unequal = pictures[places[:, 0]] != pictures[places[:, 1]]
    places, turns = places[unequal], turns[unequal]
    score, inside = _agreements(stored, places, turns)
    alike = score >= _needed(score, classes[places[:, 0]])
    alike &= np.isnan(inside) | (inside >= AGREEING_INSIDE)
    alike[alike] = _same(stored, places[alike], turns[alike], np.isnan(inside[alike]))
    order = np.argsort(-score[alike], kind="stable")
    return [(int(ids[a]), int(ids[b])) for a, b in places[alike][order]]


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


def _frequencies(
    stored: NDArray[np.uint8], places: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    told = [frequencies(_of(stored, places[part])) for part in _parts(len(places), PART)]
    return np.concatenate([one[0] for one in told]), np.concatenate([one[1] for one in told])


def _agreements(
    stored: NDArray[np.uint8], places: NDArray[np.int64], turns: NDArray[np.int8]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How well the fine structure of each pair agrees, laid over one another as well as it will go: of the whole, and
    inside of what stands on a plain ground (registration.within)."""

    def agreement(part: slice) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        one, other = (turned(_of(stored, places[part, side]).luma, turns[part, side]) for side in range(2))
        found = shifted(one, other)
        score, inside = found.score.copy(), np.ones(len(one), np.float32)
        hopeful = np.flatnonzero(score >= HOPEFUL)
        if len(hopeful):
            told = registered(one[hopeful], other[hopeful], found.map[hopeful])
            score[hopeful] = told.score
            good = told.score >= AGREEING
            inside[hopeful[good]] = within(one[hopeful[good]], other[hopeful[good]], told.map[good])
        return score, inside

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:  # numpy works outside of Python's lock
        parts = list(pool.map(agreement, _parts(len(places), AT_ONCE)))
    if not parts:
        return np.zeros(0, np.float32), np.zeros(0, np.float32)
    return np.concatenate([score for score, _ in parts]), np.concatenate([inside for _, inside in parts])


def _needed(score: NDArray[np.float32], classes: NDArray[np.int64]) -> NDArray[np.float32]:
    """The agreement that a copy has to have: enough, and far from what is usual for the pairs of its class."""
    usual = np.full(int(classes.max(initial=0)) + 1, float(np.median(score)) if len(score) else 0.0)
    for number in np.flatnonzero(np.bincount(classes) >= FEWEST):
        usual[number] = np.median(score[classes == number])
    needed: NDArray[np.float32] = np.maximum(AGREEING, 1 - STANDING_OUT * (1 - np.maximum(usual[classes], 0.0)))
    return needed.astype(np.float32)


def _same(
    stored: NDArray[np.uint8], places: NDArray[np.int64], turns: NDArray[np.int8], smooth: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Which pairs of agreeing structure have one colour, and are the same where they have little structure. smooth:
    those that have none inside of their outline."""
    if not len(places):
        return np.zeros(0, np.bool_)
    one, other = (_of(stored, places[:, side]) for side in range(2))
    colours = [
        np.stack([turned(small.colour[:, channel], turns[:, side]) for channel in range(2)], axis=1)
        for side, small in enumerate((one, other))
    ]
    lumas = [turned(small.luma, turns[:, side]) for side, small in enumerate((one, other))]
    simple = smooth | (np.minimum(_rank(lumas[0]), _rank(lumas[1])) < SIMPLE) | _drawn(lumas[0]) | _drawn(lumas[1])
    exact = np.abs(_levelled(lumas[0]) - _levelled(lumas[1])).mean((1, 2)) <= SAME_LEVELS
    plain = (turns[:, 0] == turns[:, 1]) & exact
    same: NDArray[np.bool_] = _one_colour(*colours) & (~simple | plain)
    return same


def _levelled(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    levelled: NDArray[np.float32] = luma - luma.mean((1, 2), keepdims=True)
    return levelled


def _drawn(luma: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which pictures are letters, icons or flat drawings: little beside one level, or even areas."""
    levels = (luma / LEVEL).astype(np.int64).reshape(len(luma), -1)
    usual = np.array([np.bincount(one).argmax() for one in levels], np.float32) * LEVEL + LEVEL / 2
    rest = np.abs(luma - usual[:, None, None]) > 2 * LEVEL
    around = np.lib.stride_tricks.sliding_window_view(luma, (3, 3), axis=(1, 2))
    even = around.std((3, 4)) <= EVEN
    inner = rest[:, 1:-1, 1:-1]
    share = (even & inner).sum((1, 2)) / np.maximum(inner.sum((1, 2)), 1)
    told: NDArray[np.bool_] = (share >= DRAWN) | (rest.mean((1, 2)) < LEAST_DRAWN)
    return told


def _rank(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """The number of independent rows of the fine structure: e to the entropy of its singular values' shares."""
    energy = np.linalg.svd(fine(luma), compute_uv=False) ** 2
    share = energy / np.maximum(energy.sum(1, keepdims=True), 1e-6)
    told: NDArray[np.float32] = np.exp(-(share * np.log(np.maximum(share, 1e-12))).sum(1)).astype(np.float32)
    return told


def _one_colour(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether two pictures have the same colours, more or less saturated, or one of them none at all."""
    one, other = first.reshape(len(first), -1), second.reshape(len(second), -1)
    strong, weak = np.sqrt((one**2).mean(1)), np.sqrt((other**2).mean(1))
    grey = np.minimum(strong, weak) < FAINT
    gain = (one * other).sum(1) / np.maximum((other**2).sum(1), 1e-6)
    apart = np.sqrt(((one - gain[:, None] * other) ** 2).mean(1))
    told: NDArray[np.bool_] = (apart <= OTHER_COLOUR * np.maximum(strong, weak)) & (gain > 0) | grey
    return told


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
