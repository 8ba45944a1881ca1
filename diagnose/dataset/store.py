"""The measures of each image, stored on disk so that memory doesn't grow with the dataset.

A finished scan stays in the user's cache folder, one file per root: an unchanged dataset isn't measured again, and of a
changed one only the new files are. Each scan writes its own draft, which replaces the file once it is complete, so that
concurrent scans are safe. The next scan of the root reuses what an interrupted or killed scan had measured.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints
from urllib.parse import quote

import xxhash
from pydantic import TypeAdapter

from diagnose.dataset.drafts import PartialScan, abandoned
from diagnose.dataset.loaders import is_mask
from diagnose.dataset.measure import UNREADABLE, Closer, Measure
from diagnose.dataset.reading import name_of
from diagnose.dataset.sources.source import ABSENT, Source
from diagnose.model import Dataset, printable

if TYPE_CHECKING:
    from diagnose.dataset.workers import Places

VERSION = 9  # of the stored data; raised whenever a measure changes its meaning
SAVE_EVERY = 1.0  # seconds of work that a killed scan loses at most
MOST_KEPT = 40  # scans; a million images take about 500 MB
ABSENT_NAMED = 5  # missing files per class that are stored by name; the others are only counted
LONGEST_NAME = 4096  # characters of a file's name on a screen: longer than any system's paths (PATH_MAX)
MASKS_NAMED = 40  # files named like masks that are checked
KINDS: dict[Any, str] = {int: "INTEGER", float: "REAL", float | None: "REAL", bytes: "BLOB"}
MEASURED = ", ".join(f"{name} {KINDS.get(kind, 'TEXT')}" for name, kind in get_type_hints(Measure).items())
CLOSELY = ("sharpness", "blocks")  # fields that only a full decode can fill in
FULL = tuple(f"full_{name}" for name in Closer._fields if name not in CLOSELY)
OTHERS = ", ".join(name for name in Measure._fields if name != "picture")

SCHEMA = f"""
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
CREATE TABLE entry (
    id INTEGER PRIMARY KEY, path BLOB NOT NULL, member TEXT, split TEXT NOT NULL, label TEXT NOT NULL,
    bytes INTEGER, changed INTEGER
);
CREATE TABLE measure (id INTEGER PRIMARY KEY, {MEASURED}, {", ".join(FULL)}, sampled INTEGER);
CREATE VIEW image AS
    SELECT entry.*, {OTHERS}, {", ".join(FULL)}, sampled, picture AS reduced, coalesce(full_picture, picture) AS picture
    FROM entry JOIN measure USING (id);
CREATE TABLE told (name TEXT PRIMARY KEY, value TEXT);
"""


class Store:
    """One scan's tables; a context manager.

    cache: the folder of finished scans, None to keep none. folder: for files that should last as long as the store.
    """

    def __init__(self, cache: Path | None = None) -> None:
        self._cache = _writable(cache)
        self._draft = PartialScan(self._cache)
        self.folder = str(self._draft.folder)
        self.db = _connected(str(self._draft.file))
        self.db.executescript(SCHEMA)
        self._saved = time.monotonic()
        self.root = ""
        self.named: dict[str, tuple[str, str | None]] = {}
        self._kept: Dataset | None = None

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        worth_keeping = self._cache is not None and self._kept is None and self.root and self.done()[0] > 0
        if worth_keeping:
            with contextlib.suppress(sqlite3.Error):  # a full disk
                self.db.commit()
        self.db.close()
        self._draft.close(keep=bool(worth_keeping))

    # ------------------------------------------------------------------ listing

    def begin(self, source: Source) -> int:
        """List every image file of the source; return how many. Earlier measures are reused."""
        self.root = source.root
        earlier = self._earlier(source)
        if earlier is not None and (dataset := self._unchanged(source, earlier)) is not None:
            self.db.close()
            self.db = earlier
            self._kept = dataset
        else:
            self._list(source)
            if earlier is not None:
                earlier.close()
                self._take_over(_uri(self._file(source)))
        self._clear_abandoned()
        total: int = self.db.execute("SELECT count(*) FROM entry").fetchone()[0]
        return total + sum(self.absent().values())

    def absent(self) -> dict[tuple[str, str], int]:
        """Per (split, class), how many missing files a list names beyond those in the table of entries."""
        return {(split, label): number for split, label, number in json.loads(self.read_text("absent") or "[]")}

    def knows(self, source: Source) -> bool:
        """Whether an earlier scan of this source is kept, of the same or of other files."""
        return self._cache is not None and self._file(source).is_file()

    def _list(self, source: Source) -> None:
        digest = xxhash.xxh3_128(repr(source.notes).encode())
        ignored: list[str] = []
        count = 0
        absent: Counter[tuple[str, str]] = Counter()
        endings: Counter[tuple[str, str, str, bool]] = Counter()
        masks: list[str] = []

        def rows() -> Iterator[tuple[bytes, str | None, str, str, int, int]]:
            nonlocal count
            for entry in source.entries():
                digest.update(entry.mark)
                if entry.size == ABSENT:
                    absent[entry.split, entry.label] += 1
                    if absent[entry.split, entry.label] > ABSENT_NAMED:
                        continue
                if entry.member is None:
                    ending = os.path.splitext(entry.path)[1].lower()
                    endings[entry.split, entry.label, ending, entry.is_image] += 1
                if entry.is_image:
                    if is_mask(entry.path if entry.member is None else name_of(entry.member)):
                        masks.append(entry.path)
                    yield (
                        os.fsencode(entry.path),
                        entry.member,
                        entry.split,
                        printable(entry.label),
                        entry.size,
                        entry.changed,
                    )
                else:
                    count += 1
                    if len(ignored) < 5:
                        ignored.append(self.relative(entry.path))

        self.db.executemany(
            "INSERT INTO entry (path, member, split, label, bytes, changed) VALUES (?, ?, ?, ?, ?, ?)", rows()
        )
        self.db.execute(
            "INSERT INTO measure (id, fault, detail) SELECT id, ?, ? FROM entry WHERE bytes = ?",
            (UNREADABLE, "no file of this name is there", ABSENT),
        )
        left_out = [
            [split, printable(label), number - ABSENT_NAMED]
            for (split, label), number in absent.items()
            if number > ABSENT_NAMED
        ]
        self.write_text("absent", json.dumps(left_out))
        self.write_text("draft of", self._name)
        self.write_text("listing", digest.hexdigest())
        self.write_text("ignored", str(count))
        self.write_text("endings", json.dumps([[*key, number] for key, number in endings.items()]))
        self.write_text("masks", json.dumps([len(masks), masks[:MASKS_NAMED]]))
        self.write_text("ignored files", "\n".join(ignored))

    # ------------------------------------------------------------------ measuring

    def unmeasured(self, chunk: int) -> Iterator[tuple[list[int], Places]]:
        """Ids and places of the files not measured yet, `chunk` at a time."""
        yield from self._chunks("NOT EXISTS (SELECT 1 FROM measure WHERE measure.id = entry.id)", chunk)

    def of(self, ids: list[int], chunk: int) -> Iterator[tuple[list[int], Places]]:
        """Ids and places of these files, `chunk` at a time."""
        self.db.execute("CREATE TEMP TABLE IF NOT EXISTS chosen (id INTEGER PRIMARY KEY)")
        self.db.execute("DELETE FROM chosen")
        self.db.executemany("INSERT OR IGNORE INTO chosen VALUES (?)", ((number,) for number in ids))
        yield from self._chunks("EXISTS (SELECT 1 FROM chosen WHERE chosen.id = entry.id)", chunk)

    def _chunks(self, which: str, chunk: int) -> Iterator[tuple[list[int], Places]]:
        last = 0
        while rows := self.db.execute(
            f"SELECT id, path, member FROM entry WHERE id > ? AND {which} ORDER BY id LIMIT ?", (last, chunk)
        ).fetchall():
            last = rows[-1][0]
            yield [row[0] for row in rows], [(os.fsdecode(row[1]), row[2]) for row in rows]

    def done(self) -> tuple[int, int]:
        """How many files have been measured, and how many of them are faulty."""
        count, faults = self.db.execute("SELECT count(*), coalesce(sum(fault IS NOT NULL), 0) FROM measure").fetchone()
        absent = sum(self.absent().values())
        return count + absent, faults + absent

    def record(self, ids: list[int], measures: list[Measure]) -> None:
        """Write the measures of these files."""
        names = ", ".join(Measure._fields)
        marks = ", ".join("?" * (1 + len(Measure._fields)))
        self.db.executemany(
            f"INSERT OR REPLACE INTO measure (id, {names}) VALUES ({marks})",
            [(number, *measured) for number, measured in zip(ids, measures, strict=True)],
        )
        if time.monotonic() - self._saved > SAVE_EVERY:
            self.db.commit()
            self._saved = time.monotonic()

    def record_closer(self, ids: list[int], closer: list[Closer | None]) -> None:
        """Write what a full decode adds to the measures of these files."""
        columns = ", ".join(f"{name} = ?" for name in (*FULL, *CLOSELY))
        self.db.executemany(
            f"UPDATE measure SET {columns} WHERE id = ?",
            [(*added, number) for number, added in zip(ids, closer, strict=True) if added is not None],
        )

    # ------------------------------------------------------------------ keeping

    @property
    def kept(self) -> Dataset | None:
        """The evidence of a complete scan of these files, this one or an earlier one; None if there is none."""
        return self._kept

    def keep(self, dataset: Dataset, source: Source) -> None:
        """Move the complete scan to the cache folder, for next time."""
        self._kept = dataset
        self.write_text("dataset", _adapter().dump_json(dataset).decode())
        self.write_text("version", str(VERSION))
        self.db.execute("CREATE INDEX IF NOT EXISTS by_path ON entry (path, member)")
        self.db.commit()
        if self._cache is None:
            return
        with contextlib.suppress(OSError, sqlite3.Error):  # a full disk loses the cache, never the scan
            self.db.execute("PRAGMA journal_mode = DELETE")  # one file again
            os.replace(self._draft.file, self._file(source))
            _tidied(self._cache)

    def _file(self, source: Source) -> Path:
        assert self._cache is not None
        return self._cache / f"{xxhash.xxh3_64_hexdigest(os.fsencode(os.path.abspath(source.root)))}.sqlite"

    def _earlier(self, source: Source) -> sqlite3.Connection | None:
        if not self.knows(source):
            return None
        try:
            if not _whole(self._file(source)):
                return None
            db = _connected(str(self._file(source)), read_only=True)
            if dict(db.execute("SELECT name, value FROM told WHERE name = 'version'")) == {"version": str(VERSION)}:
                return db
            db.close()
        except (sqlite3.Error, OSError):
            pass  # damaged or of another version: it is written again
        return None

    def _unchanged(self, source: Source, earlier: sqlite3.Connection) -> Dataset | None:
        """The evidence of an earlier scan of exactly these files, if there is one."""
        try:
            return self._same_files(source, earlier)
        except (sqlite3.Error, ValueError):
            return None  # damaged

    def _same_files(self, source: Source, earlier: sqlite3.Connection) -> Dataset | None:
        row = earlier.execute("SELECT value FROM told WHERE name = 'listing'").fetchone()
        unreadable = earlier.execute("SELECT 1 FROM measure WHERE fault = ? LIMIT 1", (UNREADABLE,)).fetchone()
        if row is None or unreadable:  # an unreadable file may have become readable, which leaves no trace
            return None
        digest = xxhash.xxh3_128(repr(source.notes).encode())
        for entry in source.entries():
            digest.update(entry.mark)
        if digest.hexdigest() != row[0]:
            return None
        (stored,) = earlier.execute("SELECT value FROM told WHERE name = 'dataset'").fetchone() or ("",)
        return _adapter().validate_json(stored)

    @property
    def _name(self) -> str:
        """Identifies a draft: the same root, measured in the same way."""
        return f"{VERSION} {self.root}"

    def _clear_abandoned(self) -> None:
        """Reuse the measures of interrupted scans of this root, and remove their drafts; the latest few drafts of other
        roots stay."""
        if self._cache is None:
            return
        for draft in abandoned(self._cache):
            name, sound = None, False
            with contextlib.suppress(sqlite3.Error, TypeError):
                db = _connected(str(draft.file))
                with contextlib.closing(db):
                    (name,) = db.execute("SELECT value FROM told WHERE name = 'draft of'").fetchone()
                    sound = db.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
            if sound and name == self._name and self._kept is None:
                self._take_over(f"file:{quote(str(draft.file))}")
            draft.close(keep=sound and name != self._name)

    def _take_over(self, uri: str) -> None:
        """Copy the measures of another scan, for the files that haven't changed since. A damaged one is skipped."""
        names = ", ".join((*Measure._fields, *FULL, "sampled"))
        self.db.commit()
        with contextlib.suppress(sqlite3.Error):
            self.db.execute("ATTACH DATABASE ? AS earlier", (uri,))
        with contextlib.suppress(sqlite3.Error):
            self.db.execute(
                f"INSERT OR IGNORE INTO measure (id, {names})"
                f" SELECT e.id, {', '.join(f'm.{name}' for name in names.split(', '))}"
                " FROM entry e JOIN earlier.entry o ON o.path = e.path AND o.member IS e.member AND o.bytes = e.bytes"
                " AND o.changed = e.changed JOIN earlier.measure m ON m.id = o.id"
                " WHERE m.fault IS NULL OR m.fault != ?",
                (UNREADABLE,),
            )
            self.db.commit()
        if self.db.in_transaction:
            self.db.rollback()
        with contextlib.suppress(sqlite3.Error):
            self.db.execute("DETACH DATABASE earlier")

    # ------------------------------------------------------------------ helpers

    def write_text(self, name: str, value: str) -> None:
        """Store a text under `name`, replacing an earlier one."""
        self.db.execute("INSERT OR REPLACE INTO told VALUES (?, ?)", (name, value))

    def read_text(self, name: str) -> str | None:
        """The text stored under `name`; None if there is none."""
        row = self.db.execute("SELECT value FROM told WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def relative(self, path: str | bytes) -> str:
        """The path below the root, safe to print."""
        name = printable(os.path.relpath(os.fsdecode(path), self.root))
        return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}... ({len(name):,} characters)"

    def name(self, path: bytes, member: str | None) -> str:
        """The name of an image on screen: its path below the root, and its name inside an archive. Every image named
        here is also shown as a picture."""
        name = self.relative(path)
        if member:
            inner = printable(name_of(member))
            name = inner if name == "." else f"{name}!{inner}"
        self.named[name] = (os.fsdecode(path), member)
        return name

    def execute(self, query: str, values: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        """Run one SQL statement on the scan's tables, with `values` as its parameters."""
        return self.db.execute(query, values)


@cache
def _adapter() -> TypeAdapter[Dataset]:
    return TypeAdapter(Dataset)


def _connected(path: str, read_only: bool = False) -> sqlite3.Connection:
    uri = _uri(path) if read_only else f"file:{quote(path)}"
    return sqlite3.connect(uri, uri=True, check_same_thread=False)


def _uri(path: str | Path) -> str:
    """A read-only, immutable URI: a newer scan replaces the file by name and leaves its bytes."""
    return f"file:{quote(str(path))}?mode=ro&immutable=1"


def _whole(file: Path) -> bool:
    """Whether the database has as many bytes as its header declares: a power cut may leave fewer."""
    with file.open("rb") as opened:
        head = opened.read(100)
    page, pages = int.from_bytes(head[16:18], "big"), int.from_bytes(head[28:32], "big")
    return len(head) == 100 and file.stat().st_size >= (65536 if page == 1 else page) * pages > 0


def _writable(folder: Path | None) -> Path | None:
    """The folder, created if necessary; None if it isn't writable."""
    if folder is None:
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK | os.X_OK) else None


def _tidied(folder: Path) -> None:
    """Remove the oldest scans beyond MOST_KEPT."""
    by_age = sorted(folder.glob("*.sqlite"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in by_age[MOST_KEPT:]:
        path.unlink(missing_ok=True)
