"""Splits of images from lists beside them: a column, train.txt and val.txt, {"train": [...]} in a JSON file.

The lists name images by path, by name, with or without extension, or by one of their folders: the patient, the camera.
They don't name classes, which come from the source.
"""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from diagnose.dataset.sources.beside import places
from diagnose.dataset.sources.columns import MOST_COLUMNS, PATHS, SPLITS, chosen, plain, split_by_values
from diagnose.dataset.sources.groups import group_of, same_key
from diagnose.dataset.sources.listfiles import LEFT, lists_of
from diagnose.dataset.sources.lookup import Finder, cleaned
from diagnose.dataset.sources.manifest import Manifest, headed, usage
from diagnose.dataset.sources.sheet import sheet_of
from diagnose.dataset.sources.source import CAMEL, Entry, Joined, Listing, Source, exact_split, loose_split
from diagnose.model import WHOLE, InputError, Reading, listed, printable

MOST_ROWS = 1_000_000  # of a list; the names are held in memory
MOST_GROUPS = 100_000
LARGEST = 100 << 20  # bytes of a JSON file
SAMPLED = 20_000  # images that are looked up in a list
COVERED = 0.2  # share of them that a list of images has to name; a list of folders has to name nearly all
GROUPED = 0.9
AMBIGUOUS = 0.1  # share of named images whose name isn't unique, above which names are useless
DEEPEST = 3  # levels of a JSON file that are searched for lists


class SplitLists(NamedTuple):
    """The content of lists: the files, the splits of each name in them, and of each key of a group. An image may be in
    several splits."""

    files: tuple[str, ...]
    splits: dict[str, tuple[str, ...]]
    groups: dict[str, tuple[str, ...]]

    def of(self, entry: Entry, root: str) -> tuple[str, tuple[str, ...]]:
        """The name by which an image is listed, and its splits; empty for an unlisted image."""
        parts = os.path.relpath(entry.path, root).split(os.sep)
        for first in range(len(parts)):
            tail = "/".join(parts[first:])
            for name in (tail, os.path.splitext(tail)[0]):
                if (found := self.splits.get(name)) is not None:
                    return name, found
        group = group_of(entry.path, root, self.groups, but=entry.label) if self.groups else None
        return (f"{group}/", self.groups[group]) if group is not None else ("", ())


@dataclass(frozen=True)
class Split:
    """A source whose images have the splits from lists; unlisted images are left out."""

    source: Source
    lists: SplitLists = field(repr=False)
    notes: tuple[Reading, ...] = ()

    @property
    def root(self) -> str:
        """The root of the images' source."""
        return self.source.root

    @property
    def ordered(self) -> bool:
        """Whether the images' source has an order."""
        return self.source.ordered

    @property
    def several(self) -> bool:
        """Whether images may have several labels."""
        return self.source.several

    def entries(self) -> Iterator[Entry]:
        """Every listed image, once per split that lists it."""
        for entry in self.source.entries():
            for split in self.lists.of(entry, self.root)[1]:
                yield entry._replace(split=split)

    def expected(self) -> tuple[tuple[str, str], ...]:
        """(split, class) of every expected class, in each split."""
        names = sorted({split for splits in self.lists.splits.values() for split in splits})
        return tuple((split, label) for split in names for _, label in self.source.expected())


def split_by_list(source: Source, listed_in: Path) -> Source:
    """The source with the splits from lists; unchanged if it has splits, or no list names any."""
    if not _is_whole(source):
        return source
    sample = list(islice((entry for entry in source.entries() if entry.is_image), SAMPLED))
    if not sample or any(entry.split != WHOLE or entry.member is not None for entry in sample):
        return source
    for lists in _lists(listed_in):
        if not _fits(lists, sample, source.root):
            continue
        files = listed([printable(name) for name in lists.files])
        notes = [*source.notes, Reading("listed-splits", f"The splits are those that {files} name"
                                        f"{'s' if len(lists.files) == 1 else ''}.")]  # fmt: skip
        images = left = 0
        for entry in source.entries():
            images += entry.is_image
            left += entry.is_image and not lists.of(entry, source.root)[1]
        if left:
            said = f"{left} of {images} images are in none of the splits of {files}; they were left out."
            kind = "unlisted" if left > LEFT * images else "unlabelled"
            notes.append(Reading(kind, said, "Add them to the lists, or move them out of the data."))
        return Split(source, lists, tuple(notes))
    return _by_folders(source, sample)


def _by_folders(source: Source, sample: list[Entry]) -> Source:
    """The source with the splits named by the images' folders or names, Train/camera1 and Validation/camera1, if nearly
    all images have one; unchanged otherwise."""
    splits = [_folder_split(entry, source.root) for entry in sample]
    if len(set(splits) - {None}) < 2 or splits.count(None) > (1 - GROUPED) * len(splits):
        return source

    def rows() -> Iterator[Entry]:
        for entry in source.entries():
            yield entry._replace(split=_folder_split(entry, source.root) or WHOLE)

    note = Reading("listed-splits", "The splits are those that the folders or names of the images show.")
    return Listing(source.root, rows, source.expected(), (*source.notes, note), source.several, source.ordered)


def _folder_split(entry: Entry, root: str) -> str | None:
    """The split named by a folder of an image, other than its class folder, or by the first word of its name:
    train_00001.jpg."""
    *folders, name = os.path.relpath(entry.path, root).split(os.sep)
    words = [*(part for part in folders if part != entry.label), CAMEL.split(name)[0]]
    return next((split for word in words if (split := exact_split(word))), None)


def _is_whole(source: Source) -> bool:
    """Whether a source itself names no splits, as far as that is known before it is listed."""
    if isinstance(source, Joined):
        return all(map(_is_whole, source.parts))
    if isinstance(source, Manifest):
        return source.columns.split is None and not source.by_folder and source.split == WHOLE
    return {split for split, _ in source.expected()} <= {WHOLE}


def _fits(lists: SplitLists, sample: list[Entry], root: str) -> bool:
    """Whether the names in lists match the images, and distinguish them."""
    found = [(name, splits) for entry in sample for name, splits in (lists.of(entry, root),) if splits]
    if len({split for _, splits in found for split in splits}) < 2:
        return False
    if sum(name.endswith("/") for name, _ in found) > 0.5 * len(found):
        return len(found) >= GROUPED * len(sample)
    again = sum(count for count in Counter(name for name, _ in found).values() if count > 1)
    return len(found) >= COVERED * len(sample) and again <= AMBIGUOUS * len(found)


# ------------------------------------------------------------------ lists


def _lists(folder: Path) -> Iterator[SplitLists]:
    """Lists of splits, each followed by its reading with names as values of a field of COCO's images, such as the
    location of a camera."""
    records: list[tuple[str, list[dict[str, Any]]]] | None = None
    for lists in _lists_in(folder):
        yield lists
        if records is None:  # read once, and only if a list of splits doesn't fit the images
            records = [(file.name, _images_of(file)) for file in sorted(folder.glob("*.json"))]
        yield from _by_records(lists, records)


def _lists_in(folder: Path) -> Iterator[SplitLists]:
    """The lists of splits in a folder, or beside its annotations: in a table, in a JSON file, in a list per split."""
    searched = places(folder)
    searched += [inner for place in searched[1:] for inner in sorted(place.iterdir()) if inner.is_dir()]
    for place in searched:
        files = lists_of(place)
        for file in files:
            yield from _of_table(file, folder)
        for file in sorted(place.glob("*.json")):
            yield from _of_pairs(file.name, _of_json(file), Finder(file, folder))
        yield from _of_files(files, folder)


def _of_pairs(file: str, pairs: Iterable[tuple[str, str]], finder: Finder) -> Iterator[SplitLists]:
    """The list of these (name, split), if they name two splits or more."""
    splits = _joined(pairs, finder)
    if len({split for some in splits.values() for split in some}) > 1:
        yield _made((file,), splits)


def _made(files: tuple[str, ...], splits: dict[str, tuple[str, ...]]) -> SplitLists:
    groups = {} if len(splits) > MOST_GROUPS else {same_key(name): some for name, some in splits.items()}
    return SplitLists(files, splits, groups)


def _joined(pairs: Iterable[tuple[str, str]], finder: Finder) -> dict[str, tuple[str, ...]]:
    """The splits of each name, as a path below the images' root."""
    splits: dict[str, tuple[str, ...]] = {}
    for number, (name, split) in enumerate(islice(pairs, MOST_ROWS)):
        if number < 3:  # the rule that finds these also finds the others
            finder.find(name)
        name = cleaned(name).strip("/").removeprefix("./")
        kept = finder.first[2].kept if finder.first else None
        name = "/".join(name.split("/")[-kept:]) if kept else name
        if name and split not in splits.get(name, ()):
            splits[name] = (*splits.get(name, ()), split)
    return splits


def _by_records(lists: SplitLists, records: list[tuple[str, list[dict[str, Any]]]]) -> Iterator[SplitLists]:
    """A list whose names are values of a field in the records of images."""
    if len(lists.splits) > MOST_GROUPS:
        return
    for file, images in records:
        for name in dict.fromkeys(key for one in images[:50] for key in one) if file not in lists.files else ():
            splits = {
                str(one.get("file_name")): some for one in images if (some := lists.splits.get(str(one.get(name))))
            }
            if name != "file_name" and len(splits) >= GROUPED * len(images) > 0:
                yield SplitLists((*lists.files, file), splits, {})


def _images_of(file: Path) -> list[dict[str, Any]]:
    """The records of COCO's images in a JSON file; empty for another file."""
    content = _loaded(file)
    images = content.get("images") if isinstance(content, dict) else None
    return [one for one in images if isinstance(one, dict) and "file_name" in one] if isinstance(images, list) else []


def _of_table(file: Path, root: Path) -> Iterator[SplitLists]:
    """The lists in a table with a column of splits, one per other column that may name images or their folders."""
    try:
        sheet = headed(sheet_of(file), Finder(file, root))
    except (InputError, OSError):
        return
    names = [plain(name) for name in sheet.columns]
    split = chosen(names, SPLITS)
    if split is None:
        split = split_by_values(sheet.sample, len(sheet.first), None)
    if split is None:
        return
    numbers = [number for number in range(min(len(sheet.first), MOST_COLUMNS)) if number != split]
    numbers.sort(key=lambda number: PATHS.index(names[number]) if names and names[number] in PATHS else len(PATHS))
    for number in numbers:
        held = {row[number] for row in sheet.sample if len(row) > number}
        if len(held) < 2:
            continue
        pairs = ((row[number], usage(row[split].strip())) for row in sheet.rows()
                 if len(row) > max(number, split) and row[split].strip())  # fmt: skip
        yield from _of_pairs(file.name, pairs, Finder(file, root))


def _of_files(files: list[Path], root: Path) -> Iterator[SplitLists]:
    """The lists named after splits, train.txt beside val.txt. If a split has several, all that name different images
    are used, as for domains; for folds, which name the same images, the first."""
    named: dict[str, list[Path]] = defaultdict(list)
    for file in sorted(files, key=lambda file: (len(file.stem), file.name)):
        if (split := loose_split(file.stem)) is not None:
            named[split].append(file)
    if len(named) < 2:
        return
    splits: dict[str, tuple[str, ...]] = defaultdict(tuple)
    taken: list[str] = []
    for split, some in named.items():
        own: set[str] = set()
        for file in some:
            names = _listed(file, split, root)
            if names is None:
                return
            if own and not own.isdisjoint(names):
                continue
            own |= names.keys()
            taken.append(file.name)
            for name, own_splits in names.items():
                splits[name] = (*splits[name], *own_splits)
    yield _made(tuple(taken), dict(splits))


def _listed(file: Path, split: str, root: Path) -> dict[str, tuple[str, ...]] | None:
    """The images of a list with its split; None if it can't be read."""
    finder = Finder(file, root)
    try:
        sheet = headed(sheet_of(file), finder)
    except (InputError, OSError):
        return None
    column = chosen([plain(name) for name in sheet.columns], PATHS) or 0
    return _joined(((row[column], split) for row in sheet.rows() if len(row) > column), finder)


def _of_json(file: Path) -> Iterator[tuple[str, str]]:
    """(name, split) of each name in lists named after splits, of each record with both, and of each pair."""
    yield from _pairs(_loaded(file), DEEPEST)


def _loaded(file: Path) -> Any:
    """The content of a JSON file; None if it is too large or damaged."""
    try:
        return json.loads(file.read_text("utf-8-sig")) if file.stat().st_size <= LARGEST else None
    except (ValueError, OSError, RecursionError):
        return None


def _pairs(content: Any, deepest: int) -> Iterator[tuple[str, str]]:
    if isinstance(content, list):
        for one in content:
            split = _field(one, SPLITS) if isinstance(one, dict) else None
            if split and (name := _field(one, PATHS)):
                yield name, usage(split)
    if not isinstance(content, dict):
        return
    lists = {split: names for key, names in content.items() if isinstance(names, list) and (split := loose_split(key))}
    if len(lists) > 1:
        for split, names in lists.items():
            for one in names:
                name = one if isinstance(one, str) else _field(one, PATHS) if isinstance(one, dict) else None
                if name:
                    yield name, split
    elif content and all(isinstance(value, str) and loose_split(value) for value in islice(content.values(), 100)):
        yield from ((name, usage(value)) for name, value in content.items() if isinstance(value, str))
    elif deepest:
        for inner in content.values():
            yield from _pairs(inner, deepest - 1)


def _field(record: dict[str, Any], names: tuple[str, ...]) -> str | None:
    """The value of the likeliest field of these names, if it is text or a number."""
    bare = {plain(key): value for key, value in record.items() if isinstance(value, str | int)}
    return next((str(bare[name]) for name in names if name in bare), None)
