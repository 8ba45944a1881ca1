"""A list of images: CSV, TSV or Parquet with a path and a label a line, and a split where there is one."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from diagnose.dataset.sources.source import Entry, listed, named_split
from diagnose.model import WHOLE, InputError, printable

ENDINGS = (".csv", ".tsv", ".txt")
# What the columns are called, the likeliest first.
PATHS = ("path", "file", "filename", "file_name", "filepath", "file_path", "image", "image_path", "img", "img_path")
LABELS = ("label", "class", "target", "category", "class_name", "label_name", "y", "species")
SPLITS = ("split", "set", "subset", "partition", "usage", "phase")
SAMPLE = 65_536  # characters that tell the delimiter
LONGEST_FIELD = 1 << 24  # characters; beyond, csv takes the file for damaged


@dataclass(frozen=True)
class Manifest:
    """A text file of rows; the columns by number. Relative paths start at the file's folder."""

    root: str
    file: str
    delimiter: str
    path: int
    label: int
    split: int | None
    ordered: bool = True

    def entries(self) -> Iterator[Entry]:
        """The image of each row, in file order. Rows with too few columns are left out."""
        csv.field_size_limit(LONGEST_FIELD)
        with open(self.file, newline="", encoding="utf-8-sig", errors="surrogateescape") as stream:
            rows = csv.reader(stream, delimiter=self.delimiter)
            next(rows)
            for row in rows:
                if len(row) <= max(self.path, self.label, self.split or 0):
                    continue
                yield listed(self.file, row[self.path], self._split(row), row[self.label])

    def expected(self) -> tuple[tuple[str, str], ...]:
        """Always empty: a manifest names a class only beside an image."""
        return ()

    def _split(self, row: list[str]) -> str:
        if self.split is None:
            return WHOLE
        return named_split(row[self.split].strip())


def find_manifest(file: Path) -> Manifest:
    """The columns of a CSV or TSV file; raises InputError that says which it has where they are not to be found."""
    try:
        with open(file, newline="", encoding="utf-8-sig") as stream:
            head = stream.read(SAMPLE)
    except UnicodeDecodeError as fault:
        raise InputError(f"{printable(str(file))} is no UTF-8 text ({fault.reason}): save it as UTF-8.") from None
    delimiter = _delimiter(head, file)
    columns = [name.strip() for name in next(csv.reader(head.splitlines(), delimiter=delimiter), [])]
    path, label, split = (chosen(columns, names) for names in (PATHS, LABELS, SPLITS))
    if path is None or label is None:
        lacking = " and ".join(name for name, found in (("path", path), ("label", label)) if found is None)
        named = printable(", ".join(columns[:8]))
        raise InputError(
            f"{printable(str(file))} has no column {lacking}: its first line names {named}; name "
            "the columns path and label, and split where there is one."
        )
    return Manifest(str(file.parent), str(file), delimiter, path, label, split)


def chosen(columns: list[str], names: tuple[str, ...]) -> int | None:
    """The number of the column that has one of the names, the likeliest first."""
    lower = [column.lower() for column in columns]
    return next((lower.index(name) for name in names if name in lower), None)


def _delimiter(head: str, file: Path) -> str:
    if file.suffix.lower() == ".tsv":
        return "\t"
    try:
        return csv.Sniffer().sniff(head[: head.rfind("\n") + 1] or head, delimiters=",;\t|").delimiter
    except csv.Error:
        return ","
