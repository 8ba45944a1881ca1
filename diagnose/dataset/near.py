"""Near-same pictures across splits: re-encoded, resized or slightly edited copies that share no pixel exactly.

The difference hash proposes pairs, pixels decide. Two hashes of 64 bits that differ in at most three
have one of four 16-bit bands in common, so that equal bands find every such pair, and most that differ in
a few more, without comparing all with all.
"""

from __future__ import annotations

import sqlite3

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from diagnose.dataset.image import decode

BANDS, BAND_BITS = 4, 16
MOST_FLIPPED = 6  # bits; re-encoding flips 1.9 on average, 7 at most; beyond this chance proposes more than copies
CROWDED = 40  # a band that more images share says nothing of any two of them
MOST_PAIRS = 2000  # proposed pairs that are decoded and compared

# Of 32 x 32 grey thumbnails, in levels of 255. Re-encoding small, noisy photographs at quality 50 moves them by 1.4
# in the mean and 7 at worst, halving their size by 2.1 in the median; the nearest of different ones are 11 apart.
SIDE = 32
CLOSE_MEAN, CLOSE_WORST = 3.0, 24.0


def band(hashed: int, number: int) -> int:
    """One of the four bands of a hash."""
    return (hashed >> (number * BAND_BITS)) & 0xFFFF


def flipped(first: int, second: int) -> int:
    """How many of the 64 bits differ; Python counts a negative number's bits by its absolute value."""
    return ((first ^ second) & 0xFFFF_FFFF_FFFF_FFFF).bit_count()


def proposed(db: sqlite3.Connection) -> list[tuple[int, int]]:
    """Ids of (train, held out) images whose hashes are close and whose pixels are not equal; the closest first."""
    db.create_function("band", 2, band, deterministic=True)
    db.create_function("flipped", 2, flipped, deterministic=True)
    usable = "measured AND fault IS NULL"
    pairs: dict[tuple[int, int], int] = {}
    for number in range(BANDS):
        db.execute("DROP TABLE IF EXISTS banded")
        db.execute(
            f"CREATE TEMP TABLE banded AS SELECT id, split, digest, hash, band(hash, {number}) AS band FROM image"
            f" WHERE {usable}"
        )
        db.execute("CREATE INDEX by_band ON banded (band, split)")
        db.execute(
            "DELETE FROM banded WHERE band IN (SELECT band FROM banded GROUP BY band HAVING count(*) > ?)", (CROWDED,)
        )
        rows = db.execute(
            "SELECT t.id, h.id, flipped(t.hash, h.hash) FROM banded t JOIN banded h ON t.band = h.band"
            " WHERE t.split = 'train' AND h.split IN ('val', 'test') AND t.digest != h.digest"
        )
        pairs.update({(train, held): count for train, held, count in rows if count <= MOST_FLIPPED})
    db.execute("DROP TABLE IF EXISTS banded")
    return sorted(pairs, key=lambda pair: (pairs[pair], pair))[:MOST_PAIRS]


def look_the_same(first: str, second: str) -> bool:
    """Whether the two files hold the same picture but for encoding, size and slight edits."""
    try:
        apart = np.abs(_thumbnail(first) - _thumbnail(second))
    except OSError:
        return False  # gone or changed since it was scanned
    return bool(apart.mean() <= CLOSE_MEAN and apart.max() <= CLOSE_WORST)


def _thumbnail(path: str) -> NDArray[np.float32]:
    with open(path, "rb") as file:
        image, _ = decode(file.read())
    return np.asarray(image.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.float32)
