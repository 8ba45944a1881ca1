"""A list of images with their labels: the rows of a sheet, whose images are looked up during listing."""

from __future__ import annotations

import json
import os
import re
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path

from diagnose.dataset.sources.columns import MOST_COLUMNS, Columns, columns_of, is_header
from diagnose.dataset.sources.lookup import Finder, cleaned
from diagnose.dataset.sources.sheet import ENDINGS, UTF8, Sheet, is_regular, sheet_of, with_header
from diagnose.dataset.sources.source import ABSENT, TOGETHER, Entry, loose_split, named_split
from diagnose.model import WHOLE, InputError, Reading, printable

__all__ = ["ENDINGS", "Manifest", "find_manifest", "manifest_of"]
NONE = "(no label)"
LOOKED_UP = 400  # rows whose images are looked up to estimate how many exist
PLACED = 12  # rows whose images have to be in the folder that a column names
# Rows up to which a list is checked; share of existing images, below which it belongs to another dataset.
SHORT, OTHER_SET = 1_000, 0.05
REPEATED = 0.2  # share of the rows that repeat an image, above which they are its boxes or labels


@dataclass(frozen=True)
class Manifest:
    """Rows and the roles of their columns. split: of rows that name none; root: the base of image names."""

    root: str
    sheet: Sheet
    columns: Columns
    finder: Finder
    split: str = WHOLE
    notes: tuple[Reading, ...] = ()
    ordered: bool = True
    aliases: tuple[tuple[str, str], ...] = ()  # other names of labels
    by_folder: str = ""  # the root below which the folders of images name their splits; empty if they don't
    grouped: bool = False  # whether an image has several rows, each with a label or a box

    @property
    def several(self) -> bool:
        """Whether an image may have several labels."""
        return self.columns.several

    def entries(self) -> Iterator[Entry]:
        """The image of each row, in the list's order. Rows with too few columns are left out."""
        columns, find = self.columns, self.finder.find
        needed = max(columns.path, columns.label or 0, columns.split or 0, *columns.one_hot, 0)
        label_of = labels_of(columns)
        if self.aliases:
            known, unaliased = dict(self.aliases), label_of

            def label_of(row: list[str]) -> str:
                return known.get(label := unaliased(row), label)

        together = self._together(needed, label_of) if self.grouped else None
        single = not self.columns.several and not columns.one_hot
        for row in self.sheet.rows():
            if len(row) <= needed:
                continue
            label = label_of(row) if together is None else next(together)
            if label is None or (single and label == NONE):
                continue
            name = row[columns.path]
            split = self.split if columns.split is None else usage(row[columns.split].strip())
            found = find(name)
            if found is None:
                yield Entry(self.finder.path(name), split, label, True, None, ABSENT)
            else:
                if self.by_folder:
                    split = self._split_of(found.path)
                yield Entry(found.path, split, label, True, None, found.size, found.changed)

    def _split_of(self, path: str) -> str:
        """The split named by the folders of an image."""
        for part in os.path.dirname(path[len(self.by_folder) :]).split("/"):
            if part and (split := loose_split(part)) is not None:
                return split
        return self.split

    def _together(self, needed: int, label_of: Callable[[list[str]], str]) -> Iterator[str | None]:
        """Per row, the labels of all rows of its image, at the first of them; None at the others. This reads the list
        a second time: hashes of millions of names fit in memory, but the names don't."""
        import numpy as np  # here and below: few lists need it

        path = self.columns.path
        names: dict[str, int] = {}
        hashes, labels = array("q"), array("q")
        for row in self.sheet.rows():
            if len(row) > needed:
                hashes.append(hash(row[path]))
                labels.append(names.setdefault(label_of(row), len(names)))
        label_names = list(names)
        order = np.argsort(np.frombuffer(hashes, np.int64), kind="stable")
        begins = np.diff(np.frombuffer(hashes, np.int64)[order], prepend=0) != 0
        begins[:1] = True
        starts = np.flatnonzero(begins)
        ends = np.append(starts[1:], len(order))
        grouped = np.frombuffer(labels, np.int64)[order]
        last = -1
        for place in np.argsort(order[starts]):
            yield from repeat(None, int(order[starts[place]]) - last - 1)
            last = int(order[starts[place]])
            yield TOGETHER.join(sorted({label_names[one] for one in grouped[starts[place] : ends[place]].tolist()}))
        yield from repeat(None)

    def expected(self) -> tuple[tuple[str, str], ...]:
        """Always empty: a manifest names classes only with images."""
        return ()


def find_manifest(file: Path, root: Path | None = None, split: str = WHOLE) -> Manifest:
    """The list in a file. root: the folder of its images, if it isn't the list's own; split: of its rows. Raises
    InputError if the path or label column can't be found, and if no image exists."""
    if not is_regular(file):
        raise InputError(f"{printable(str(file))} isn't a regular file: give the list itself.")
    return manifest_of(sheet_of(file), root, split)


def manifest_of(sheet: Sheet, root: Path | None = None, split: str = WHOLE) -> Manifest:
    """The list in a sheet. Raises InputError like `find_manifest`."""
    finder = Finder(sheet.file, root)
    sheet = headed(sheet, finder)
    columns = columns_of(sheet, finder)
    if (folders := _folder_column(sheet, columns, root)) is not None:
        sheet, finder = _placed(sheet, folders, columns.path), Finder(sheet.file, root)
        columns = replace(columns, present=True)
    rows = [row for row in sheet.sample if len(row) > columns.path]
    some = rows[:: max(1, len(rows) // LOOKED_UP)] if len(rows) < SHORT or not columns.present else []
    there = sum(finder.find(row[columns.path]) is not None for row in some)
    if some and there < OTHER_SET * len(some):
        if there:
            raise InputError(
                f"{printable(str(sheet.file))} is probably of another set: of {len(some)} images that it names {there} "
                "are there; get the list that belongs to these images, or their classes by another way."
            )
        raise InputError(
            f"{printable(str(sheet.file))} names images that are not there, such as "
            f"{printable(rows[0][columns.path])}: "
            f"neither below its folder nor in the {finder.places} folders there; put the list beside its "
            "images, or give "
            "the folder that holds both as DATA."
        )
    grouped = several = False
    if len({row[columns.path] for row in rows}) < len(rows):
        grouped, several = _repeated(sheet, columns)
        columns = replace(columns, several=columns.several or several)
    notes = _notes(sheet, columns, finder)
    return Manifest(str(sheet.file.parent), sheet, columns, finder, split, notes, grouped=grouped)


def _folder_column(sheet: Sheet, columns: Columns, root: Path | None) -> int | None:
    """The column of the images' folders, if names alone aren't enough: they repeat, or aren't found without it."""
    rows = [row for row in sheet.sample if len(row) > columns.path]
    if len({row[columns.path] for row in rows}) == len(rows) and columns.present:
        return None
    some = rows[:: max(1, len(rows) // PLACED)]
    for number in range(min(len(sheet.first), MOST_COLUMNS)):
        if number in (columns.path, columns.label):
            continue
        finder = Finder(sheet.file, root)  # a new one, without rules from another column
        joined = [(row[number], f"{row[number]}/{row[columns.path]}") for row in some if len(row) > number]
        if len({folder for folder, _ in joined}) > 1 and all(_stands(finder, folder, name) for folder, name in joined):
            return number
    return None


def _stands(finder: Finder, folder: str, name: str) -> bool:
    """Whether an image is found by its folder and name, in that folder."""
    inner = cleaned(folder).strip("/")
    found = finder.find(name) if inner else None
    return found is not None and os.path.dirname(found.path).endswith(inner)


def _placed(sheet: Sheet, folder: int, path: int) -> Sheet:
    """The sheet with each image's folder before its name."""

    def put(row: list[str]) -> list[str]:
        if len(row) <= max(folder, path):
            return row
        return [*row[:path], f"{row[folder]}/{row[path]}", *row[path + 1 :]]

    return replace(sheet, rows=lambda: map(put, sheet.rows()), sample=[put(row) for row in sheet.sample])


def headed(sheet: Sheet, finder: Finder) -> Sheet:
    """The sheet with its first line as column names, if it is a header."""
    names = not sheet.columns and (not sheet.first or is_header(sheet.first, finder))
    return with_header(sheet) if names else sheet


def _repeated(sheet: Sheet, columns: Columns) -> tuple[bool, bool]:
    """Whether images have several rows each, as for boxes, and whether those have several labels. A list that repeats
    only a few images has an error, which the scan finds."""
    import numpy as np

    names, pairs = array("q"), array("q")
    label_of = labels_of(columns)
    needed = max(columns.path, columns.label or 0, *columns.one_hot, 0)
    for row in sheet.rows():
        if len(row) > needed:
            name = row[columns.path]
            names.append(hash(name))
            pairs.append(hash((name, label_of(row))))
    images = len(np.unique(np.frombuffer(names, np.int64)))
    grouped = len(names) - images > REPEATED * len(names)
    return grouped, grouped and len(np.unique(np.frombuffer(pairs, np.int64))) > images


def renamed(source: Manifest, split: str) -> Manifest:
    """The same list as another split."""
    return replace(source, split=split)


def _notes(sheet: Sheet, columns: Columns, finder: Finder) -> tuple[Reading, ...]:
    notes = []
    if finder.first is not None:
        name, found, rule = finder.first
        if rule.kept is not None:
            where = printable(os.path.relpath(found.path, sheet.file.parent))
            notes.append(
                Reading(
                    "moved",
                    f"{printable(sheet.file.name)} names images where they are not ({printable(name)}); they "
                    "were found "
                    f"as {where}.",
                    "Write paths relative to the list, so that a program finds them on every machine.",
                )
            )
    label_of = labels_of(columns)
    bare = next((row for row in sheet.sample if len(row) > max(columns.path, columns.label or 0)
                 and not columns.several and not columns.one_hot and label_of(row) == NONE), None)  # fmt: skip
    if bare is not None:
        said = f"{printable(sheet.file.name)} has rows without a label, such as {printable(bare[columns.path])}"
        notes.append(Reading("unlabelled", f"{said}; they were left out."))
    if sheet.encoding != UTF8:
        said = f"{printable(sheet.file.name)} isn't UTF-8 text: it was read as {sheet.encoding.upper()}."
        notes.append(Reading("encoding", said, "Save it as UTF-8, so that no name is misread."))
    if columns.guessed and columns.label is not None and sheet.columns:
        notes.append(guessed_label(sheet.columns[columns.label], sheet.file.name, columns.others))
    elif columns.others and columns.label is not None:
        others = printable(", ".join(columns.others[:4]))
        said = (
            f"{printable(sheet.columns[columns.label])} of {printable(sheet.file.name)} was taken for the label, and "
        )
        notes.append(Reading("label-columns", f"{said}not {others}.", "Where another one is the label, call it label."))
    if columns.one_hot:
        shown = printable(", ".join(columns.names[:6])) + (", ..." if len(columns.names) > 6 else "")
        notes.append(Reading("one-hot", f"The columns {shown} were read as one class each."))
    if columns.several:
        notes.append(Reading("several-labels", f"Images of {printable(sheet.file.name)} have several labels each."))
    if columns.label is None and not columns.one_hot:
        said = f"{printable(sheet.file.name)} names no labels; the folders of its paths were taken for them."
        notes.append(Reading("label-in-path", said))
    return tuple(notes)


def guessed_label(column: str, file: str, others: tuple[str, ...] = ()) -> Reading:
    """The note on a column that was taken for the label despite its name. others: columns that may be it too."""
    instead = f" {printable(', '.join(others[:4]))} may be it as well." if others else ""
    said = f"The column {printable(column)} of {printable(file)} was taken for the label.{instead}"
    return Reading("guessed-column", said, "Name the right column label.")


def labels_of(columns: Columns) -> Callable[[list[str]], str]:
    """The function that returns a row's label, or its labels joined."""
    if columns.one_hot:
        pairs = tuple(zip(columns.one_hot, columns.names, strict=True))

        def hot(row: list[str]) -> str:
            held = [name for number, name in pairs if row[number].strip().lower() in ("1", "1.0", "true")]
            return TOGETHER.join(held) or NONE

        return hot
    label = columns.label
    if label is None:
        return lambda row: row[columns.path].replace("\\", "/").rpartition("/")[0].rpartition("/")[2] or NONE
    mark = columns.parted
    if columns.first_word:
        return lambda row: row[label].split(maxsplit=1)[0] if row[label].strip() else NONE
    if mark is None:
        return lambda row: row[label] or NONE
    pattern = re.compile(r"\s*" + re.escape(mark) + r"\s*")

    def parted(row: list[str]) -> str:
        text = row[label].strip()
        pieces = _listed(text) if mark == "[]" else pattern.split(text)
        return TOGETHER.join(sorted({piece for piece in pieces if piece})) or NONE

    return parted


def _listed(text: str) -> list[str]:
    """The texts of a list in JSON or Python notation."""
    try:
        content = json.loads(text.replace("'", '"'))
    except ValueError:
        return [text]
    return [str(one) for one in content] if isinstance(content, list) else [text]


def usage(name: str) -> str:
    """The split that a row names, including FER2013's names and flags."""
    known = {"publictest": "val", "privatetest": "test", "1": "train", "0": "test", "true": "train", "false": "test"}
    return known.get(name.lower()) or named_split(name)
