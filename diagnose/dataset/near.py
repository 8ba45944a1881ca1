"""Near-same pictures: encoded again, resized or slightly edited copies that share no pixel exactly.

Hashes propose pairs, small thumbnails sift them, the files' own pixels decide. The 128 bits of an image's two
difference hashes are dealt into eight bands. Two hashes that differ in at most seven bits have a band in common, so
sorting by each band finds every such pair, and most that differ in some more, without comparing all with all
(multi-index hashing: Norouzi, Punjani and Fleet 2012).
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from diagnose.dataset.decoding import decode
from diagnose.dataset.reading import read
from diagnose.dataset.table import ROWS, USABLE, integers

Pairs = NDArray[np.int64]  # (pairs, 2)
Places = NDArray[np.int64]

BITS, BANDS = 128, 8
MOST_FLIPPED = 14  # bits of 128; encoding again flips 1.9 of 64 on average, 7 at most
FEWEST_SET = 8  # bits; a hash with fewer is of a nearly flat picture and says little
CROWDED = 2_000  # a band that more images share says nothing of any two of them
NEXT = 3  # images of one and the same hash that each is compared with, beside the first
AT_ONCE = 50_000  # pairs
MOST_PAIRS = 20_000  # that are decoded and compared, the closest first

# Of grey thumbnails, in levels of 255. Encoding small, noisy photographs again at quality 50 moves those of 32 x 32 by
# 1.4 in the mean and 7 at worst, halving their size by 2.1 in the median; the nearest of different ones are 11 apart.
SIDE = 32
CLOSE_MEAN, CLOSE_WORST = 3.0, 24.0
CLOSE_SHARE = 0.15  # of the picture's own deviation: two nearly black ones are close in levels without being alike
# How much wider the stored thumbnails of 8 x 8 are sifted: by rounding, and by what a reduced decode is off.
FULL_MARGIN, REDUCED_MARGIN = 1.0, 2.5


def near_pairs(db: sqlite3.Connection) -> tuple[list[tuple[int, int]], int]:
    """Ids of the pairs that look the same without being equal, the closest first, and how many proposed ones were not
    looked at for their number."""
    table = integers(db, "id", "across", "down", "picture", "scale")
    ids, hashes, pictures = table[:, 0], table[:, 1:3].view(np.uint64), table[:, 3]
    small = _stored_thumbnails(db, len(ids))
    margins = np.where(table[:, 4] == 1, FULL_MARGIN, REDUCED_MARGIN).astype(np.float32)

    def alike(one: Places, other: Places) -> NDArray[np.bool_]:
        """Which pairs are not equal and have stored thumbnails that are about the same."""
        keep = np.zeros(len(one), np.bool_)
        for start in range(0, len(one), AT_ONCE):
            a, b = one[start : start + AT_ONCE], other[start : start + AT_ONCE]
            apart = np.abs(small[a].astype(np.int16) - small[b])
            margin = np.maximum(margins[a], margins[b])
            most = np.minimum(CLOSE_MEAN, CLOSE_SHARE * small[a].std(1)) + margin
            close = (apart.mean(1) <= most) & (apart.max(1) <= CLOSE_WORST * margin)
            keep[start : start + len(a)] = close & (pictures[a] != pictures[b])
        return keep

    pairs, flipped = proposed(hashes, alike)
    order = np.argsort(flipped, kind="stable")
    thumbnails = _Thumbnails(db)
    found = [
        (int(ids[a]), int(ids[b]))
        for a, b in pairs[order[:MOST_PAIRS]]
        if look_the_same(thumbnails.of(int(ids[a])), thumbnails.of(int(ids[b])))
    ]
    return found, max(0, len(pairs) - MOST_PAIRS)


def proposed(
    hashes: NDArray[np.uint64], alike: Callable[[Places, Places], NDArray[np.bool_]] | None = None
) -> tuple[Pairs, NDArray[np.int64]]:
    """Places of pairs (a < b) of hashes (images, 2) that differ in few bits, and in how many.

    Kept are those that `alike` agrees to, which is asked as they come up, since there may be millions.
    """
    agreed = alike or (lambda one, other: np.ones(len(one), np.bool_))
    telling = np.flatnonzero(np.bitwise_count(hashes).sum(1) >= FEWEST_SET)
    unique, first, groups = np.unique(hashes[telling], axis=0, return_index=True, return_inverse=True)
    first = telling[first]
    pairs = [(telling[a], telling[b]) for a, b in _of_one_hash(groups.ravel())]
    pairs = [(a[kept], b[kept]) for a, b in pairs for kept in [agreed(a, b)]]
    pairs += [(first[a], first[b]) for a, b in _of_near_hashes(unique, lambda a, b: agreed(first[a], first[b]))]
    keys = [np.minimum(a, b) * len(hashes) + np.maximum(a, b) for a, b in pairs]
    both = np.unique(np.concatenate(keys))
    places = np.stack([both // max(1, len(hashes)), both % max(1, len(hashes))], axis=1)
    return places, np.bitwise_count(hashes[places[:, 0]] ^ hashes[places[:, 1]]).sum(1).astype(np.int64)


def _of_one_hash(groups: Places) -> Iterator[tuple[Places, Places]]:
    """Of the images with one and the same hash, each with the first and with the next ones."""
    order: Places = np.argsort(groups, kind="stable")
    sorted_groups = groups[order]
    starts = np.flatnonzero(np.diff(sorted_groups, prepend=-1))
    heads = order[np.repeat(starts, np.diff(starts, append=len(order)))]
    yield heads[heads != order], order[heads != order]
    for step in range(1, NEXT + 1):
        alike = sorted_groups[step:] == sorted_groups[:-step]
        yield order[:-step][alike], order[step:][alike]


def _of_near_hashes(
    hashes: NDArray[np.uint64], agreed: Callable[[Places, Places], NDArray[np.bool_]]
) -> Iterator[tuple[Places, Places]]:
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
            close = np.bitwise_count(hashes[a] ^ hashes[b]).sum(1) <= MOST_FLIPPED
            a, b = a[close], b[close]
            kept = agreed(a, b)
            yield a[kept], b[kept]


def _bands(hashes: NDArray[np.uint64]) -> list[NDArray[np.uint16]]:
    """Eight keys of 16 bits each; the bits are dealt out by chance, since neighbours in a picture go together."""
    deal = np.random.default_rng(0).permutation(BITS)
    bands = np.empty((len(hashes), BANDS), np.uint16)
    for start in range(0, len(hashes), 50_000):
        part = hashes[start : start + 50_000]
        bits = np.unpackbits(np.ascontiguousarray(part).view(np.uint8).reshape(len(part), 16), axis=1)[:, deal]
        bands[start : start + len(part)] = np.ascontiguousarray(np.packbits(bits, axis=1)).view(np.uint16)
    return [np.ascontiguousarray(bands[:, number]) for number in range(BANDS)]


def _stored_thumbnails(db: sqlite3.Connection, count: int) -> NDArray[np.uint8]:
    """(images, 64) of the usable images, by id."""
    small = np.empty((count, 64), np.uint8)
    cursor = db.execute(f"SELECT thumbnail FROM image WHERE {USABLE} ORDER BY id")
    place = 0
    while rows := cursor.fetchmany(ROWS):
        small[place : place + len(rows)] = np.frombuffer(b"".join(row[0] for row in rows), np.uint8).reshape(-1, 64)
        place += len(rows)
    return small


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
