"""What a scan learns of each image, kept on disk so that memory does not grow with the dataset.

Duplicates, leaks and conflicts between labels are questions to SQLite, which sorts on disk.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import xxhash

from diagnose.dataset.folder import Entry, Layout
from diagnose.dataset.image import Measure
from diagnose.dataset.near import look_the_same, proposed
from diagnose.model import Dataset, Files, Groups, InputError, Spread, printable

EXAMPLES = 5  # files named per finding; the count says how many there are

SCHEMA = """
CREATE TABLE image (
    id INTEGER PRIMARY KEY, path BLOB NOT NULL, split TEXT NOT NULL, label TEXT NOT NULL,
    measured INTEGER NOT NULL DEFAULT 0,
    fault TEXT, detail TEXT, digest INTEGER, hash INTEGER, width INTEGER, height INTEGER, mode TEXT
);
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
"""


class Sample(NamedTuple):
    """Images for the probes: absolute paths and class indices into `classes`.

    split: whether the held-out ones are a split of their own. fingerprint: of the pictures and their labels, in order.
    """

    classes: tuple[str, ...]
    train: tuple[tuple[str, int], ...]
    val: tuple[tuple[str, int], ...]
    split: bool = True
    fingerprint: str = ""


class Store:
    """One scan's table of images in a temporary file; a context manager that removes it."""

    def __init__(self) -> None:
        try:
            self._folder = tempfile.TemporaryDirectory(prefix="diagnose-")
        except OSError as fault:
            raise InputError(
                f"No temporary folder can be written ({fault.strerror}): set TMPDIR to one that can."
            ) from None
        self._db = sqlite3.connect(os.path.join(self._folder.name, "scan.sqlite"), check_same_thread=False)
        self._db.executescript(SCHEMA)
        self._root = ""
        self._empty: tuple[str, ...] = ()
        self._ignored = Files()
        self._sums, self._squares, self._pixels = [0.0] * 3, [0.0] * 3, 0

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()
        self._folder.cleanup()

    # ------------------------------------------------------------------ filling

    def enlist(self, layout: Layout, entries: Iterable[Entry]) -> int:
        """Records every image file of the layout; returns how many."""
        self._root = layout.root
        ignored = 0
        examples: list[str] = []

        def rows() -> Iterator[tuple[bytes, str, str]]:
            nonlocal ignored
            for entry in entries:
                if entry.is_image:
                    yield os.fsencode(entry.path), entry.split, printable(entry.label)
                else:
                    ignored += 1
                    if len(examples) < EXAMPLES:
                        examples.append(self._relative(entry.path))

        self._db.executemany("INSERT INTO image (path, split, label) VALUES (?, ?, ?)", rows())
        self._ignored = Files(ignored, tuple(examples))
        held = set(self._db.execute("SELECT DISTINCT split, label FROM image"))
        wanted = {(split, printable(label)) for split, label, _ in layout.folders}
        self._empty = tuple(sorted(f"{split}/{label}" for split, label in wanted - held))
        total: int = self._db.execute("SELECT count(*) FROM image").fetchone()[0]
        return total

    def unmeasured(self, chunk: int) -> Iterator[tuple[list[int], list[str]]]:
        """Ids and paths of the files not measured yet, `chunk` at a time."""
        last = 0
        while rows := self._db.execute(
            "SELECT id, path FROM image WHERE id > ? AND NOT measured ORDER BY id LIMIT ?", (last, chunk)
        ).fetchall():
            last = rows[-1][0]
            yield [row[0] for row in rows], [os.fsdecode(row[1]) for row in rows]

    def record(self, ids: list[int], measures: list[Measure]) -> None:
        """Writes what was measured and adds the pixels to the dataset's mean and standard deviation."""
        self._db.executemany(
            "UPDATE image SET measured = 1, fault = ?, detail = ?, digest = ?, hash = ?, width = ?, height = ?,"
            " mode = ? WHERE id = ?",
            [
                (m.fault, m.detail, m.digest, m.hash, m.width, m.height, m.mode, i)
                for i, m in zip(ids, measures, strict=True)
            ],
        )
        for m in measures:
            if m.fault is None:
                self._pixels += m.width * m.height
                for channel in range(3):
                    self._sums[channel] += m.sums[channel]
                    self._squares[channel] += m.squares[channel]

    # ------------------------------------------------------------------ asking

    def dataset(self) -> Dataset:
        """The evidence on the dataset, from the files measured so far."""
        self._db.execute("CREATE INDEX IF NOT EXISTS by_digest ON image (digest)")
        pixels = max(1, self._pixels)
        near = self._near_leaks()
        mean = [total / pixels for total in self._sums]
        spread = [max(0.0, s / pixels - m * m) ** 0.5 for s, m in zip(self._squares, mean, strict=True)]
        return Dataset(
            root=self._root,
            counts=self._counts(),
            mean=tuple(value / 255 for value in mean),
            std=tuple(value / 255 for value in spread),
            width=self._spread("width"),
            height=self._spread("height"),
            modes=self._files_by("mode", "measured AND fault IS NULL"),
            faults=self._files_by("fault", "fault IS NOT NULL"),
            duplicates=self._groups("digest, split, label", "count(*) > 1"),
            leaks=self._groups("digest", "count(DISTINCT split) > 1 AND max(split = 'train')"),
            leaked_images=self._leaked(),
            near_leaks=tuple((self._relative(train), self._relative(held)) for train, held, _ in near),
            near_leaked_images=dict(Counter(split for _, split in {(held, split) for _, held, split in near})),
            conflicts=self._groups("digest, split", "count(DISTINCT label) > 1"),
            empty_classes=self._empty,
            ignored=self._ignored,
        )

    def sample(self, train: int, val: int) -> Sample:
        """About `train` and `val` images, stratified by class in the proportions of the data.

        A digest is as good as a random number, so its order is the draw: it depends on the pictures alone,
        not on names or listing order. A picture that stands in several places is drawn once, and never
        held out when it is also trained on. Without a validation split a share of each class is held out.
        """
        counts = self._counts()
        source = "train" if "train" in counts else "all"
        held_out = next((name for name in ("val", "test") if name in counts), None)
        if held_out:
            train_rows = {
                label: self._draw(source, label, quota) for label, quota in _quotas(counts[source], train).items()
            }
            val_rows = {
                label: self._draw(held_out, label, quota, unless_in=source)
                for label, quota in _quotas(counts[held_out], val).items()
            }
        else:
            drawn = {
                label: self._draw(source, label, quota) for label, quota in _quotas(counts[source], train + val).items()
            }
            cuts = {
                label: max(1, round(len(rows) * val / (train + val))) if len(rows) > 1 else 0
                for label, rows in drawn.items()
            }
            val_rows = {label: rows[: cuts[label]] for label, rows in drawn.items()}
            train_rows = {label: rows[cuts[label] :] for label, rows in drawn.items()}
        classes = tuple(label for label, rows in train_rows.items() if rows)
        number = {label: index for index, label in enumerate(classes)}
        drawn_train = [(*row, number[label]) for label in classes for row in train_rows[label]]
        drawn_val = [(*row, number[label]) for label in classes for row in val_rows.get(label, ())]
        told = repr([(digest, label) for rows in (drawn_train, drawn_val) for _, digest, label in rows])
        return Sample(
            classes,
            tuple((path, label) for path, _, label in drawn_train),
            tuple((path, label) for path, _, label in drawn_val),
            split=held_out is not None,
            fingerprint=xxhash.xxh3_128_hexdigest((repr(classes) + told).encode()),
        )

    def _counts(self) -> dict[str, dict[str, int]]:
        counts: dict[str, dict[str, int]] = {}
        for split, label, count in self._db.execute(
            "SELECT split, label, sum(measured AND fault IS NULL) FROM image"
            " GROUP BY split, label ORDER BY split, label"
        ):
            counts.setdefault(split, {})[label] = count
        return counts

    def _draw(self, split: str, label: str, limit: int, unless_in: str | None = None) -> list[tuple[str, int]]:
        """Paths and digests of one class, each picture once, in digest order; without those that `unless_in` holds."""
        rows = self._db.execute(
            "SELECT path, digest FROM image i WHERE split = ? AND label = ? AND measured AND fault IS NULL"
            " AND NOT EXISTS (SELECT 1 FROM image j WHERE j.digest = i.digest AND j.split = ?)"
            " GROUP BY digest ORDER BY digest LIMIT ?",
            (split, label, unless_in, limit),
        )
        return [(os.fsdecode(path), digest) for path, digest in rows]

    def _relative(self, path: str | bytes) -> str:
        return printable(os.path.relpath(os.fsdecode(path), self._root))

    def _files_by(self, column: str, where: str) -> dict[str, Files]:
        kinds = self._db.execute(
            f"SELECT {column}, count(*) FROM image WHERE {where} GROUP BY {column} ORDER BY 2 DESC"
        ).fetchall()
        found = {}
        for kind, count in kinds:
            rows = self._db.execute(
                f"SELECT path, coalesce(detail, '') FROM image WHERE {where} AND {column} = ? ORDER BY id LIMIT ?",
                (kind, EXAMPLES),
            )
            paths, details = zip(*rows, strict=True)
            found[kind] = Files(count, tuple(map(self._relative, paths)), tuple(map(printable, details)))
        return found

    def _groups(self, keys: str, having: str) -> Groups:
        grouped = f"FROM image WHERE measured AND fault IS NULL GROUP BY {keys} HAVING {having}"
        sets, files = self._db.execute(
            f"SELECT count(*), coalesce(sum(n), 0) FROM (SELECT count(*) AS n {grouped})"
        ).fetchone()
        examples = []
        for row in self._db.execute(f"SELECT {keys} {grouped} ORDER BY min(id) LIMIT ?", (EXAMPLES,)).fetchall():
            names = keys.split(", ")
            match = " AND ".join(f"{name} = ?" for name in names)
            paths = self._db.execute(f"SELECT path FROM image WHERE {match} ORDER BY id LIMIT ?", (*row, EXAMPLES))
            examples.append(tuple(self._relative(path) for (path,) in paths))
        return Groups(sets, files, tuple(examples))

    def _leaked(self) -> dict[str, int]:
        """Per held-out split, how many of its images stand in train too."""
        rows = self._db.execute(
            "SELECT split, count(*) FROM image i WHERE split IN ('val', 'test') AND measured AND fault IS NULL"
            " AND EXISTS (SELECT 1 FROM image j WHERE j.digest = i.digest AND j.split = 'train'"
            " AND j.measured AND j.fault IS NULL) GROUP BY split"
        )
        return dict(rows.fetchall())

    def _near_leaks(self) -> list[tuple[bytes, bytes, str]]:
        """(train path, held-out path, its split) of pictures that look the same and are not equal."""
        pairs = []
        for train, held in proposed(self._db):
            first, second = (
                self._db.execute("SELECT path, split FROM image WHERE id = ?", (number,)).fetchone()
                for number in (train, held)
            )
            if look_the_same(os.fsdecode(first[0]), os.fsdecode(second[0])):
                pairs.append((first[0], second[0], second[1]))
        return pairs

    def _spread(self, column: str) -> Spread:
        where = "FROM image WHERE measured AND fault IS NULL"
        low, high, count = self._db.execute(f"SELECT min({column}), max({column}), count(*) {where}").fetchone()
        if not count:
            return Spread(0, 0, 0)
        middle = self._db.execute(
            f"SELECT {column} {where} ORDER BY {column} LIMIT 1 OFFSET ?", (count // 2,)
        ).fetchone()[0]
        return Spread(low, middle, high)


def _quotas(counts: dict[str, int], wanted: int) -> dict[str, int]:
    """Images to draw per class: `wanted` in all, in the proportions of `counts`, at least one each."""
    share = min(1.0, wanted / max(1, sum(counts.values())))
    return {label: max(1, round(count * share)) for label, count in counts.items() if count}
