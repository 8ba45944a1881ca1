"""Columns of the scan's table as arrays, read in parts so that a million rows fit in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

USABLE = "fault IS NULL"
IN_FULL = "(scale = 1 OR sampled)"  # for sharpness and blocks, which are measured only on a sample of reduced decodes
GREY = 2.0  # chroma below which a picture is grey: no part has colour beyond rounding
Values = TypeVar("Values", NDArray[np.float32], NDArray[np.int64])
ROWS = 20_000  # read at a time


def numbers(db: sqlite3.Connection, *names: str, where: str = USABLE) -> NDArray[np.float32]:
    """(images, len(names)) of the usable images, by id; a missing value is NaN."""
    return _read(db, names, where, np.empty((_count(db, where), len(names)), np.float32))


def integers(db: sqlite3.Connection, *names: str, where: str = USABLE) -> NDArray[np.int64]:
    """(images, len(names)) of the usable images, by id."""
    return _read(db, names, where, np.empty((_count(db, where), len(names)), np.int64))


def _count(db: sqlite3.Connection, where: str) -> int:
    (count,) = db.execute(f"SELECT count(*) FROM image WHERE {where}").fetchone()
    return int(count)


def _read(db: sqlite3.Connection, names: Sequence[str], where: str, values: Values) -> Values:
    cursor = db.execute(f"SELECT {', '.join(names)} FROM image WHERE {where} ORDER BY id")
    place = 0
    while rows := cursor.fetchmany(ROWS):
        values[place : place + len(rows)] = rows
        place += len(rows)
    return values


def codes(
    db: sqlite3.Connection, expression: str, where: str = USABLE
) -> tuple[NDArray[np.int64], tuple[tuple[object, ...], ...]]:
    """Per usable image, by id, the index of its value of the expression; and the values in order."""
    values = db.execute(f"SELECT DISTINCT {expression} FROM image WHERE {where} ORDER BY {expression}").fetchall()
    number = {value: place for place, value in enumerate(values)}
    cursor = db.execute(f"SELECT {expression} FROM image WHERE {where} ORDER BY id")
    return np.fromiter((number[row] for row in cursor), np.int64), tuple(values)
