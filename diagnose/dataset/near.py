"""Near-same pictures: encoded again, resized or slightly edited copies that share no pixel exactly.

Hashes propose pairs, small thumbnails sift them, the files' own pixels decide. The 128 bits of an image's two
difference hashes are dealt into eight bands. Two hashes that differ in at most seven bits have a band in common, so
sorting by each band finds every such pair, and most that differ in some more, without comparing all with all
(multi-index hashing: Norouzi, Punjani and Fleet 2012).
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from diagnose.dataset.decoding import decode
from diagnose.dataset.reading import read
from diagnose.dataset.table import integers

Pairs = NDArray[np.int64]  # (pairs, 2)

BITS, BANDS = 128, 8
MOST_FLIPPED = 14  # bits of 128; encoding again flips 1.9 of 64 on average, 7 at most
FEWEST_SET = 8  # bits; a hash with fewer is of a nearly flat picture and says little
CROWDED = 2_000  # a band that more images share says nothing of any two of them
ALL_PAIRS = 6  # of images with one and the same hash; of more, each with the first and the one before
MOST_PAIRS = 20_000  # that are decoded and compared, the closest first

# Of grey thumbnails, in levels of 255. Encoding small, noisy photographs again at quality 50 moves those of 32 x 32 by
# 1.4 in the mean and 7 at worst, halving their size by 2.1 in the median; the nearest of different ones are 11 apart.
SIDE = 32
CLOSE_MEAN, CLOSE_WORST = 3.0, 24.0
CLOSE_SHARE = 0.15  # of the picture's own deviation: two nearly black ones are close in levels without being alike
# How much wider the stored thumbnails of 8 x 8 are sifted: by rounding, and by what a reduced decode is off.
FULL_MARGIN, REDUCED_MARGIN = 1.0, 2.5


class NearPair(NamedTuple):
    """Ids of two images that look the same, in order, and how many bits their hashes differ in."""

    first: int
    second: int
    flipped: int


def near_pairs(db: sqlite3.Connection) -> tuple[list[NearPair], int]:
    """The pairs that look the same without being equal, closest first, and how many proposed ones were not looked at
    for their number."""
    table = integers(db, "id", "across", "down", "picture")
    ids, hashes, pictures = table[:, 0], table[:, 1:3].view(np.uint64), table[:, 3]
    pairs, flipped = proposed(hashes)
    other = pictures[pairs[:, 0]] != pictures[pairs[:, 1]]
    pairs, flipped = pairs[other], flipped[other]
    order = np.argsort(flipped, kind="stable")
    pairs, flipped = pairs[order], flipped[order]
    sifted = _alike(db, ids, pairs)
    pairs, flipped = pairs[sifted], flipped[sifted]
    thumbnails = _Thumbnails(db)
    found = [
        NearPair(int(ids[a]), int(ids[b]), int(bits))
        for (a, b), bits in zip(pairs[:MOST_PAIRS], flipped, strict=False)
        if look_the_same(thumbnails.of(int(ids[a])), thumbnails.of(int(ids[b])))
    ]
    return found, max(0, len(pairs) - MOST_PAIRS)


def proposed(hashes: NDArray[np.uint64]) -> tuple[Pairs, NDArray[np.int64]]:
    """Places of pairs (a < b) of hashes (images, 2) that differ in few bits, and in how many."""
    telling = np.flatnonzero(np.bitwise_count(hashes).sum(1) >= FEWEST_SET)
    unique, first, groups = np.unique(hashes[telling], axis=0, return_index=True, return_inverse=True)
    same = _of_one_hash(groups.ravel())
    near, flipped = _of_near_hashes(unique)
    pairs = telling[np.concatenate([same, first[near]])] if len(same) + len(near) else np.empty((0, 2), np.int64)
    return np.sort(pairs, axis=1), np.concatenate([np.zeros(len(same), np.int64), flipped])


def _of_one_hash(groups: NDArray[np.int64]) -> Pairs:
    order: NDArray[np.int64] = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    pairs: list[tuple[int, int]] = []
    for start, end in pairwise([*starts, len(order)]):
        members = order[start:end].tolist()
        if len(members) <= ALL_PAIRS:
            pairs += [(a, b) for place, a in enumerate(members) for b in members[place + 1 :]]
        else:
            pairs += [(members[0], b) for b in members[1:]]
            pairs += list(pairwise(members[1:]))
    return np.array(pairs, np.int64).reshape(-1, 2)


def _of_near_hashes(hashes: NDArray[np.uint64]) -> tuple[Pairs, NDArray[np.int64]]:
    found = [np.empty(0, np.int64)]
    count = len(hashes)
    for band in _bands(hashes):
        order = np.argsort(band, kind="stable")
        keys = band[order]
        crowd = np.bincount(keys, minlength=1 << 16)[keys] > CROWDED
        left = np.flatnonzero(~crowd)
        step = 0
        while len(left):  # each image with the next of its band, the next but one, ...
            step += 1
            left = left[left + step < count]
            left = left[keys[left] == keys[left + step]]
            a, b = order[left], order[left + step]
            apart = np.bitwise_count(hashes[a] ^ hashes[b]).sum(1)
            close = apart <= MOST_FLIPPED
            found.append(np.minimum(a, b)[close] * count + np.maximum(a, b)[close])
    both = np.unique(np.concatenate(found))
    pairs = np.stack([both // max(1, count), both % max(1, count)], axis=1)
    flipped = np.bitwise_count(hashes[pairs[:, 0]] ^ hashes[pairs[:, 1]]).sum(1).astype(np.int64)
    return pairs, flipped


def _bands(hashes: NDArray[np.uint64]) -> list[NDArray[np.uint16]]:
    """Eight keys of 16 bits each; the bits are dealt out by chance, since neighbours in a picture go together."""
    deal = np.random.default_rng(0).permutation(BITS)
    bands = np.empty((len(hashes), BANDS), np.uint16)
    for start in range(0, len(hashes), 50_000):
        part = hashes[start : start + 50_000]
        bits = np.unpackbits(np.ascontiguousarray(part).view(np.uint8).reshape(len(part), 16), axis=1)[:, deal]
        bands[start : start + len(part)] = np.ascontiguousarray(np.packbits(bits, axis=1)).view(np.uint16)
    return [np.ascontiguousarray(bands[:, number]) for number in range(BANDS)]


def _alike(db: sqlite3.Connection, ids: NDArray[np.int64], pairs: Pairs) -> NDArray[np.bool_]:
    """Which pairs have stored thumbnails that are about the same."""
    wanted = np.unique(pairs)
    if not len(wanted):
        return np.empty(0, np.bool_)
    db.execute("CREATE TEMP TABLE IF NOT EXISTS wanted (id INTEGER PRIMARY KEY)")
    db.execute("DELETE FROM wanted")
    db.executemany("INSERT INTO wanted VALUES (?)", ((int(number),) for number in ids[wanted]))
    rows = db.execute("SELECT thumbnail, scale FROM image JOIN wanted USING (id) ORDER BY id").fetchall()
    small = np.frombuffer(b"".join(row[0] for row in rows), np.uint8).reshape(len(wanted), -1)
    margins = np.where(np.array([row[1] for row in rows]) == 1, FULL_MARGIN, REDUCED_MARGIN)
    most = np.minimum(CLOSE_MEAN, CLOSE_SHARE * small.std(1))
    places = np.searchsorted(wanted, pairs)
    alike = np.empty(len(pairs), np.bool_)
    for start in range(0, len(pairs), 50_000):
        one, other = places[start : start + 50_000].T
        apart = np.abs(small[one].astype(np.int16) - small[other])
        margin = np.maximum(margins[one], margins[other])
        near = (apart.mean(1) <= most[one] + margin) & (apart.max(1) <= CLOSE_WORST * margin)
        alike[start : start + len(near)] = near
    return alike


class _Thumbnails:
    """Thumbnails of files, each decoded once."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._known: dict[int, NDArray[np.uint8] | None] = {}

    def of(self, number: int) -> NDArray[np.uint8] | None:
        if number not in self._known:
            path, member = self._db.execute("SELECT path, member FROM image WHERE id = ?", (number,)).fetchone()
            self._known[number] = thumbnail(path, member)
        return self._known[number]


def thumbnail(path: str | bytes, member: str | None = None) -> NDArray[np.uint8] | None:
    """The picture in (SIDE, SIDE) grey levels; None where it has gone or changed since it was scanned."""
    try:
        image, _ = decode(read(path, member))  # in full: a reduced decode is off by more than an edited copy
    except Exception:  # decoders raise whatever they like
        return None
    return np.asarray(image.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX))


def look_the_same(first: NDArray[np.uint8] | None, second: NDArray[np.uint8] | None) -> bool:
    """Whether two thumbnails show the same picture but for encoding, size and slight edits."""
    if first is None or second is None:
        return False
    apart = np.abs(first.astype(np.int16) - second)
    near = min(CLOSE_MEAN, CLOSE_SHARE * float(first.std()))
    return bool(apart.mean() <= near and apart.max() <= CLOSE_WORST)


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
