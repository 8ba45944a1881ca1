"""Tables that have to be joined: one names the images, another their classes, by a shared key.

Microscopes write a table of images with plate and well, and people one of wells with compounds; cameras write ids, and
an annotation tool labels by id. The key is one column or two, found by name and by values, with one class per key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, islice
from pathlib import Path
from typing import NamedTuple

from diagnose.dataset.sources.beside import places
from diagnose.dataset.sources.columns import (
    LABELS,
    MOST_COLUMNS,
    NO_ALTERNATIVE,
    SPLITS,
    chosen,
    path_column,
    plain,
    says_label,
    split_by_values,
)
from diagnose.dataset.sources.groups import same_key
from diagnose.dataset.sources.listfiles import lists_of
from diagnose.dataset.sources.lookup import Finder
from diagnose.dataset.sources.manifest import Manifest, headed, manifest_of, usage
from diagnose.dataset.sources.sheet import Sheet, made, sheet_of
from diagnose.model import WHOLE, InputError, Reading, listed, printable

LARGEST = 20 << 20  # bytes of a table
MOST_ROWS = 200_000  # of a table, which are held in memory
COVERED = 0.5  # share of the images whose key has a class: some may not have one yet
CLASSES = tuple(name for name in LABELS if name not in NO_ALTERNATIVE)
KEYED = ("id", "no", "nr", "code", "key")  # suffixes of the names of columns that refer to another table
DELETED = ("deletedat", "deleted", "isdeleted", "removedat")
MOST_KEYS = 8  # columns of a table that are tried as keys


class Table(NamedTuple):
    """A sheet, the plain names of its columns, and its rows without short ones."""

    sheet: Sheet
    names: list[str]
    rows: list[list[str]]


class Join(NamedTuple):
    """keys: pairs of columns of the images' and the classes' tables; label: the column of classes."""

    keys: tuple[tuple[int, int], ...]
    label: int
    classes: dict[tuple[str, ...], str]
    covered: float

    def value_of(self, row: list[str]) -> str:
        """The other table's value for a row of images; empty if it has none."""
        return self.classes.get(tuple(same_key(row[here]) for here, _ in self.keys), "")


def find_joined(folder: Path) -> Manifest | None:
    """The images of one table with the classes of another, in a folder or beside its annotations; None if no two tables
    can be joined."""
    if len(table_files(folder)) < 2:
        return None
    tables = tables_in(folder)
    for images in tables:
        finder = Finder(images.sheet.file, folder)
        path, present = path_column(images.names, images.rows[:2_000], len(images.sheet.first), finder)
        if path is None or not present or _names_classes(images, path):
            continue
        others = [
            table for table in tables if table is not images and (images.names or not _names_images(table, folder))
        ]
        best = _best(images, others, CLASSES)
        if best is not None:
            return _manifest(images, *best, _best(images, others, SPLITS), path, folder)
    return None


def table_files(folder: Path) -> list[Path]:
    """The files in a folder or beside its annotations that may be tables."""
    return [file for place in places(folder) for file in lists_of(place, others=True)]


def tables_in(folder: Path) -> list[Table]:
    """The tables in a folder or beside its annotations that are small enough to hold in memory."""
    tables = list(_tables(table_files(folder), folder))
    return [_resolved(table, tables) for table in tables]


def _resolved(table: Table, tables: list[Table]) -> Table:
    """A table with a column of names for its ids: the name of category_id 3, from a table of categories. Rows marked as
    deleted are left out."""
    sheet, names, rows = table
    gone = chosen(names, DELETED)
    if gone is not None:
        rows = [row for row in rows if row[gone].strip().lower() in ("", "0", "false", "f", "null", "none", "\\n")]
    for number, name in enumerate(names):
        if not name.endswith("id") or len(name) < 5:
            continue
        meant = next((found for other in tables if other is not table and (found := _meant(name, other))), {})
        if meant and sum(same_key(row[number]) in meant for row in rows) >= COVERED * len(rows):
            columns = [*sheet.columns, f"{name.removesuffix('id')}_name"]
            rows = [[*row, meant.get(same_key(row[number]), "")] for row in rows]
            return Table(made(sheet.file, columns, rows), [plain(one) for one in columns], rows)
    return Table(sheet, names, rows) if gone is None else Table(made(sheet.file, sheet.columns, rows), names, rows)


def _meant(key: str, other: Table) -> dict[str, str]:
    """The names that a table has for the ids of a column such as category_id; empty for an unrelated table."""
    own = chosen(other.names, (key, "id"))
    name = chosen(other.names, ("name", "label", "title", "classname", f"{key.removesuffix('id')}name"))
    if own is None or name is None or key.removesuffix("id")[:4] not in plain(other.sheet.file.stem):
        return {}
    found = {same_key(row[own]): row[name] for row in other.rows}
    return found if len(found) == len(other.rows) else {}


def _best(images: Table, others: list[Table], names: tuple[str, ...]) -> tuple[Table, Join] | None:
    """The table, and the join with it, that has a column of one of these names for the most images."""
    found = [(table, join) for table in others if (join := _join(images, table, names)) is not None]
    return max(found, key=lambda one: one[1].covered, default=None)


def _tables(files: list[Path], folder: Path) -> Iterator[Table]:
    for file in files:
        if file.stat().st_size > LARGEST:
            continue
        try:
            sheet = headed(sheet_of(file), Finder(file, folder))
        except InputError:
            continue
        width = len(sheet.first)
        rows = [row for row in islice(sheet.rows(), MOST_ROWS) if len(row) >= width]
        if rows and width > 1 and len(rows) < MOST_ROWS:
            yield Table(sheet, [plain(name) for name in sheet.columns], rows)


def _names_classes(images: Table, path: int) -> bool:
    """Whether the table of images itself has a label, by name."""
    keys = NO_ALTERNATIVE | {"classid", "labelid", "categoryid", "treatment"}
    if not images.names:
        return len(images.rows[0]) > 2
    named = chosen(images.names, tuple(name for name in LABELS if name not in keys), without=(path,))
    columns = zip(images.names, images.sheet.columns, strict=True)
    return named is not None or any(
        says_label(column) and name not in keys and not name.endswith(KEYED) for name, column in columns
    )


def _names_images(table: Table, folder: Path) -> bool:
    """Whether a table without column names names images itself, and so is a separate list."""
    finder = Finder(table.sheet.file, folder)
    return not table.names and path_column(table.names, table.rows[:200], len(table.sheet.first), finder)[1]


def _join(images: Table, classes: Table, names: tuple[str, ...]) -> Join | None:
    """The join that finds the classes of the images' table in another; None if there is none."""
    pairs = list(islice(_keys(images, classes), MOST_KEYS))
    found: list[Join] = []
    for count in (1, 2):
        for keys in combinations(pairs, count):
            used = {there for _, there in keys}
            if len(used) < count or len({here for here, _ in keys}) < count:
                continue
            label = _label(classes, used, names)
            join = None if label is None else _tried(images, classes, keys, label)
            if join is not None:
                found.append(join)
        if found:
            return max(found, key=lambda one: one.covered)
    return None


def _keys(images: Table, classes: Table) -> Iterator[tuple[int, int]]:
    """Pairs of columns with the same values, those with similar names first: compound and image_metadata_compound."""
    found = []
    held = [
        {same_key(row[there]) for row in classes.rows} for there in range(min(len(classes.sheet.first), MOST_COLUMNS))
    ]
    for here in range(min(len(images.sheet.first), MOST_COLUMNS)):
        values = Counter(same_key(row[here]) for row in images.rows)
        for there, known in enumerate(held):
            shared = sum(count for value, count in values.items() if value in known and value)
            if shared < COVERED * len(images.rows):
                continue
            named = bool(images.names and classes.names) and _alike(images.names[here], classes.names[there])
            if named or (not images.names and here == there == 0):
                found.append((not named, here, there))
    yield from ((here, there) for _, here, there in sorted(found))


def _alike(one: str, other: str) -> bool:
    """Whether two columns have similar names: one ends or begins with the other, of two letters or more."""
    short, long = sorted((one, other), key=len)
    return len(short) > 1 and (long.endswith(short) or long.startswith(short))


def _label(classes: Table, keys: set[int], names: tuple[str, ...]) -> int | None:
    """The column of classes: by name, by a word of it, or the only one left."""
    if names is SPLITS:
        return chosen(classes.names, SPLITS, without=tuple(keys))
    left = [number for number in range(len(classes.sheet.first)) if number not in keys]
    if not classes.names:
        return left[0] if len(left) == 1 else None
    named = chosen(classes.names, names, without=tuple(keys))
    worded = (number for number in left if says_label(classes.sheet.columns[number]))
    return named if named is not None else next(worded, left[0] if len(left) == 1 else None)


def _tried(images: Table, classes: Table, keys: tuple[tuple[int, int], ...], label: int) -> Join | None:
    """The join by these keys, if each key has one class and the classes repeat."""
    label_of: dict[tuple[str, ...], str] = {}
    for row in classes.rows:
        key = tuple(same_key(row[there]) for _, there in keys)
        if label_of.setdefault(key, row[label].strip()) != row[label].strip():
            return None
    got = Counter(label_of.get(tuple(same_key(row[here]) for here, _ in keys), "") for row in images.rows)
    without = got.pop("", 0)
    covered = 1 - without / len(images.rows)
    again = 2 <= len(got) <= 0.5 * got.total() if got else False
    return Join(keys, label, label_of, covered) if covered >= COVERED and again else None


def _manifest(
    images: Table, classes: Table, join: Join, splits: tuple[Table, Join] | None, path: int, folder: Path
) -> Manifest | None:
    split = chosen(images.names, SPLITS, without=(path,))
    if split is None:
        split = split_by_values(images.rows[:2_000], len(images.rows[0]), path)
    rows, left = [], 0
    for row in images.rows:
        label = join.value_of(row)
        left += not label
        if label:
            part = row[split].strip() if split is not None else splits[1].value_of(row) if splits else ""
            rows.append([row[path], label, usage(part) if part else WHOLE])
    try:
        found = manifest_of(made(images.sheet.file, ["path", "label", "split"], rows), folder)
    except InputError:
        return None
    names = classes.sheet.columns
    keys = listed([printable(names[there]) if names else "their number" for _, there in join.keys])
    label = f"{printable(names[join.label])} of " if names else ""
    said = (
        f"{printable(images.sheet.file.name)} names the images and {label}{printable(classes.sheet.file.name)} their "
        f"classes; they were joined by {keys}."
    )
    step = "Where another column is the class, write a table of path and label, and give that."
    notes = [*found.notes, Reading("joined-tables", said, step, differs=True)]
    if left:
        notes.append(Reading("unlabelled", f"{left} rows of {printable(images.sheet.file.name)} have no class in "
                                           f"{printable(classes.sheet.file.name)}; they were left out."))  # fmt: skip
    return replace(found, notes=tuple(notes))
