"""Images unlike the rest: blank, too dark, too bright, blurred, between bars, or with an end that wasn't decoded.

A property that many images share is the nature of the data (night scenes, drawings on white, a soft lens) and doesn't
make an outlier; a blank image always is one.
"""

from __future__ import annotations

import sqlite3

import numpy as np
from numpy.typing import NDArray

from diagnose.dataset.table import USABLE, integers, numbers

FLAT = 3.0  # levels of 255 between the 1st and the 99th percentile: JPEG's noise on an even background is below
DARK, BRIGHT = 40.0, 225.0  # levels that the brightest, or darkest, percentile doesn't reach
BLURRED = 0.3  # sharpness; see SHARP_SHARE
SHARP_SHARE = 0.55  # of the median: an outlier is also below this share of the others' sharpness
RARE = 0.1  # of the images; what more of them share is the nature of the data
SHARED = {"flat": 1.0, "cut": 0.5}  # except what no scene has, unless most have it, such as a loader's padding
FEW_BYTES = (
    0.6  # of the median bytes per pixel: reduced JPEGs below it are decoded in full to check whether they are blurred
)
MOST_SUSPECTS = 5_000


def suspects(db: sqlite3.Connection) -> list[int]:
    """Ids of JPEGs that were decoded at a fraction and have few bytes per pixel, as blurred ones do."""
    (middle,) = db.execute(
        f"SELECT avg(density) FROM (SELECT 1.0 * file_bytes / (width * height) AS density FROM image WHERE {USABLE} AND"
        f" scale > 1 ORDER BY density LIMIT 2 OFFSET (SELECT count(*) / 2 FROM image WHERE {USABLE} AND scale > 1))"
    ).fetchone()
    if middle is None:
        return []
    rows = db.execute(
        f"SELECT id FROM image WHERE {USABLE} AND scale > 1 AND 1.0 * file_bytes / (width * height) < ?"
        " ORDER BY 1.0 * file_bytes / (width * height) LIMIT ?",
        (FEW_BYTES * middle, MOST_SUSPECTS),
    )
    return [row[0] for row in rows]


def outliers(db: sqlite3.Connection) -> dict[str, NDArray[np.int64]]:
    """Ids by kind: flat, dark, bright, blurred, bars, cut (grey up to the lower end) and black end; worst first."""
    ids = integers(db, "id")[:, 0]
    if not len(ids):
        return {}
    columns = ("dark", "bright", "sharpness", "scale", "sampled", "max(letterbox, pillarbox)", "cut", "black_end")
    dark, bright, sharp, scale, sampled, bars, cut, black = numbers(db, *columns).T
    flat = bright - dark <= FLAT
    known = np.isfinite(sharp)
    # Of reduced JPEGs, a sample and the suspects were decoded in full; the suspects don't count as a reference.
    ordinary = known & ((scale == 1) | (sampled == 1))
    middle = float(np.median(sharp[ordinary])) if ordinary.any() else 0.0
    kinds = {
        "flat": (flat, bright - dark),
        "dark": (~flat & (bright < DARK), bright),
        "bright": (~flat & (dark > BRIGHT), -dark),
        "blurred": (~flat & known & (sharp < min(BLURRED, SHARP_SHARE * middle)), sharp),
        "bars": (~flat & (bars > 0), -bars),
        "cut": (~flat & (cut > 0), -cut),
        "black end": (~flat & (black > 0), -black),
    }
    found = {}
    for kind, (mask, worst) in kinds.items():
        places = np.flatnonzero(mask)
        if len(places) and len(places) <= SHARED.get(kind, RARE) * len(ids):
            found[kind] = ids[places[np.argsort(worst[places], kind="stable")]]
    return found
