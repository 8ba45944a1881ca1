"""Results of earlier sessions, by content: what ran on the same images, weights and recipe is not run again.

One SQLite file, which takes two sessions at once and survives one that dies. What cannot be read is run again.
"""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

PLAIN = "told"  # the key, in the files of kept results, of what isn't an array
VERSION = 2  # of what a stored result means; raised whenever a change to the training makes old results wrong
MOST = 20_000  # results kept; a run of 240 held-out images takes about 6 kB
WAIT = 10.0  # seconds for another session's write
RETRY = 0.05
BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class Cache:
    """A table of results. `folder` None keeps nothing. Faults of the disk cost the cache, never the session."""

    def __init__(self, folder: Path | None) -> None:
        self._db: sqlite3.Connection | None = None
        if folder is None:
            return
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._db = _opened(folder / "probes.sqlite")
        except (OSError, sqlite3.Error):
            self._db = None

    def get(self, key: str) -> dict[str, Any] | None:
        """What was put under the key: numbers and strings, and arrays as they were."""
        if self._db is None:
            return None
        try:
            row = self._db.execute("SELECT value FROM result WHERE key = ?", (key,)).fetchone()
            if row is None:
                return None
            with np.load(io.BytesIO(row[0]), allow_pickle=False) as stored:
                value: dict[str, Any] = json.loads(str(stored[PLAIN]))
                return value | {name: stored[name] for name in stored.files if name != PLAIN}
        except (sqlite3.Error, OSError, ValueError, KeyError):
            return None

    def put(self, key: str, value: Mapping[str, Any]) -> None:
        """Stores numbers, strings, lists and arrays under the key, in the place of what was there."""
        if self._db is None:
            return
        arrays = {name: item for name, item in value.items() if isinstance(item, np.ndarray)}
        plain = json.dumps({name: item for name, item in value.items() if name not in arrays})
        packed = io.BytesIO()
        np.savez_compressed(packed, **{PLAIN: np.array(plain), **arrays})  # type: ignore[arg-type]
        try:
            with self._db:
                self._db.execute("INSERT OR REPLACE INTO result (key, value) VALUES (?, ?)", (key, packed.getvalue()))
                self._db.execute(
                    "DELETE FROM result WHERE rowid <= (SELECT max(rowid) FROM result) - ?",
                    (MOST,),
                )
        except sqlite3.Error:
            return

    def __contains__(self, key: str) -> bool:
        if self._db is None:
            return False
        try:
            return self._db.execute("SELECT 1 FROM result WHERE key = ?", (key,)).fetchone() is not None
        except sqlite3.Error:
            return False


def _opened(path: Path) -> sqlite3.Connection:
    """The table; a file that isn't a database any more is set aside, and a new one is created."""
    last = time.monotonic() + WAIT
    afresh = False
    while True:
        db = sqlite3.connect(path, timeout=WAIT)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("CREATE TABLE IF NOT EXISTS result (key TEXT PRIMARY KEY, value BLOB NOT NULL)")
            return db
        except sqlite3.OperationalError as fault:
            db.close()
            if fault.sqlite_errorcode not in BUSY or time.monotonic() > last:
                raise
            time.sleep(RETRY)  # SQLite does not wait by itself where another session is opening the file
        except sqlite3.DatabaseError:
            db.close()
            if afresh:
                raise
            afresh = True
            path.unlink(missing_ok=True)


def key_of(*parts: Any) -> str:
    """A key for everything that a result depends on; `parts` are written as JSON."""
    text = json.dumps([VERSION, *parts], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
