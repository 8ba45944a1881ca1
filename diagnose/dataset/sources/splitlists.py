"""Splits of class folders that a list beside them names, without labels: path,split or {"train": [paths]}."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from os.path import normpath
from pathlib import Path

from diagnose.dataset.sources.columns import SPLITS, chosen, path_column, plain
from diagnose.dataset.sources.folder import Folder
from diagnose.dataset.sources.listfiles import described, lists_of
from diagnose.dataset.sources.lookup import Finder
from diagnose.dataset.sources.manifest import headed, usage
from diagnose.dataset.sources.sheet import sheet_of
from diagnose.dataset.sources.source import Entry, loose_split
from diagnose.model import WHOLE, InputError, Reading, printable

MOST_ROWS = 1_000_000  # of a table, whose paths are held in memory
LARGEST = 100 << 20  # bytes of a JSON
COVERED = 0.5  # share of the listed images that stand in the class folders


@dataclass(frozen=True)
class Split:
    """Class folders whose images have the split that a list gives them. splits: by the images' paths."""

    folder: Folder
    splits: dict[str, str] = field(repr=False)
    notes: tuple[Reading, ...] = ()
    ordered: bool = False
    several: bool = False

    @property
    def root(self) -> str:
        """The folder that holds the class folders."""
        return self.folder.root

    def entries(self) -> Iterator[Entry]:
        """Every image of the class folders that is in a split."""
        for entry in self.folder.entries():
            if (split := self.splits.get(normpath(entry.path))) is not None:
                yield entry._replace(split=split)

    def expected(self) -> tuple[tuple[str, str], ...]:
        """(split, class) of every class folder, in each split that was named."""
        names = sorted(set(self.splits.values()))
        return tuple((split, label) for split in names for _, label in self.folder.expected())


def split_by_list(source: Folder, listed_in: Path) -> Folder | Split:
    """The class folders with the splits that a list names; as they are where they have some, or no list names any."""
    if {split for split, _ in source.expected()} != {WHOLE}:
        return source
    for place in (listed_in, *(listed_in / name for name in described(listed_in))):
        for file in (*lists_of(place), *sorted(place.glob("*.json"))):
            try:
                pairs = list(_of_json(file) if file.suffix == ".json" else _of_table(file, listed_in))
            except (InputError, ValueError, OSError):
                continue
            finder = Finder(file, listed_in)
            found = {normpath(image.path): split for name, split in pairs if (image := finder.find(name)) is not None}
            inside = sum(
                any(path.startswith(f"{normpath(top)}/") for _, _, top in source.folders) for path in list(found)[:1000]
            )
            if len(set(found.values())) > 1 and inside >= COVERED * min(len(pairs), 1000):
                said = f"The splits are those that {printable(file.name)} names."
                notes = [*source.notes, Reading("listed-splits", said, differs=True)]
                left = sum(one.is_image and normpath(one.path) not in found for one in source.entries())
                if left:
                    said = f"{left} images are in none of the splits of {printable(file.name)}; they were left out."
                    notes.append(Reading("unlabelled", said))
                return Split(source, found, tuple(notes))
    return source


def _of_table(file: Path, root: Path) -> Iterator[tuple[str, str]]:
    """(path, split) of each row of a table with a column of splits."""
    finder = Finder(file, root)
    sheet = headed(sheet_of(file), finder)
    names = [plain(name) for name in sheet.columns]
    path, present = path_column(names, sheet.sample[:2_000], len(sheet.first), finder)
    split = chosen(names, SPLITS, without=(path,))
    if path is None or split is None or not present:
        return
    for row in islice(sheet.rows(), MOST_ROWS):
        if len(row) > max(path, split) and row[split].strip():
            yield row[path], usage(row[split].strip())


def _of_json(file: Path) -> Iterator[tuple[str, str]]:
    """(path, split) of each path in lists that are called as splits are."""
    told = json.loads(file.read_text("utf-8-sig")) if file.stat().st_size <= LARGEST else None
    for name, paths in told.items() if isinstance(told, dict) else ():
        split = loose_split(name)
        if split is not None and isinstance(paths, list):
            yield from ((path, split) for path in paths if isinstance(path, str))
