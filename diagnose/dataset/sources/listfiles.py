"""The lists in a folder that name the classes of its images: train.csv, val/val_annotations.txt, metadata.jsonl."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, islice
from pathlib import Path

from diagnose.dataset.sources.annotated import find_annotated
from diagnose.dataset.sources.beside import places
from diagnose.dataset.sources.manifest import NONE, Manifest, find_manifest, labels_of
from diagnose.dataset.sources.plan import Plan
from diagnose.dataset.sources.sheet import ENDINGS, is_regular
from diagnose.dataset.sources.source import IMAGE_ENDINGS, Joined, Source, loose_split
from diagnose.model import WHOLE, InputError, Reading, listed, printable

# Names of lists, the likeliest first; all others come after them.
LIKELY = (
    "train",
    "labels",
    "metadata",
    "manifest",
    "annotations",
    "data",
    "dataset",
    "list",
    "trainlabels",
    "trainval",
)
# Files that don't list images with classes: sample submissions, class names, descriptions of the dataset.
NO_LISTS = (
    "submission", "readme", "license", "licence", "requirements", "class_names", "classnames",
    "class_list", "names", "wnids", "words",
    "notes", "boxes", "bbox",
    "bounding", "attributes", "parts", "changelog", "citation", "synset", "categories", "label_map", "labelmap", "log",
)  # fmt: skip
LOOKED_UP = 400  # rows whose images are looked up
FIRST_ROWS = 20_000  # of lists that are compared with each other
MOST_COMPARED = 50_000  # rows of lists that are compared with the images beside them
LEFT = 0.1  # share of unlisted images, above which the lists are probably incomplete
MOST = 12  # lists that are tried
MOST_BATCHES, FIRST_BATCHES = 200, 5  # folders with a list each; how many of the first must include one
LARGEST = 4 << 30  # bytes


def lists_in(folder: Path, others: bool = False) -> list[Path]:
    """The files in a folder that may be lists of images, the likeliest first. others: include those named like lists of
    classes or boxes."""
    found = []
    with os.scandir(folder) as items:
        for item in items:
            name = item.name.lower()
            stem = os.path.splitext(name)[0]
            if not name.endswith(ENDINGS) or name.startswith((".", "__", "~$")) or (not others and _is_other(stem)):
                continue
            if is_regular(item.path) and item.stat().st_size < LARGEST:
                found.append(Path(item.path))
    return sorted(found, key=_rank)[:MOST]


def _is_other(stem: str) -> bool:
    """Whether a file's name means that it lists something else; Roboflow's _classes.csv lists images."""
    return stem == "classes" or any(word in stem for word in NO_LISTS)


def _rank(file: Path) -> tuple[int, int, str]:
    stem = "".join(character for character in file.stem.lower() if character.isalnum())
    place = next((place for place, word in enumerate(LIKELY) if stem == word), len(LIKELY))
    endings = (".csv", ".tsv", ".jsonl", ".txt")
    ending = file.suffix.lower()
    return place, endings.index(ending) if ending in endings else len(endings), file.name


def manifests_in(folder: Path, plan: Plan) -> tuple[list[Manifest], str]:
    """The lists in a folder, beside its annotations or in its splits' folders that name the classes of images; if there
    are none, why the likeliest was rejected."""
    why = ""
    parts: list[Manifest] = []
    guessed: list[Manifest] = []  # a list beside the annotations with a named label column comes before these
    for some in ([folder], places(folder)[1:]):
        read = list(_read([file for place in some for file in lists_in(place)], folder, WHOLE))
        why = why or next((fault for _, fault in read if fault and _is_likely(fault)), "")
        found = [one for one, _ in read if one is not None]
        parts = _chosen([one for one in found if not one.columns.guessed] or found, folder)
        if parts and not all(part.columns.guessed for part in parts):
            break
        guessed, parts = guessed or parts, []
    parts = parts or guessed
    return parts or list(split_lists(plan, folder)), why


def find_lists(folder: Path, plan: Plan) -> tuple[Source | None, str]:
    """The dataset described by lists in a folder, beside its annotations or in its splits' folders; if there are none,
    why the likeliest was rejected."""
    parts, why = manifests_in(folder, plan)
    if not parts:
        return None, why
    left = (*unlabelled(parts, plan, folder), *_unlisted(parts))
    if len(parts) == 1:
        return replace(parts[0], root=str(folder), notes=(*parts[0].notes, *left)), ""
    notes = tuple(dict.fromkeys((*(note for part in parts for note in part.notes), *left)))
    return Joined(str(folder), tuple(parts), notes, ordered=True), ""


def split_lists(plan: Plan, root: Path) -> Iterator[Manifest]:
    """The lists in the folders of images without a class, just above them, or at the root with the split's name."""
    done: set[str] = set()
    at_root = [file for file in lists_in(root) if loose_split(file.stem)]
    for split, node in plan.flat:
        own = [file for file in at_root if loose_split(file.stem) == split and Path(node.path) != root]
        if split != WHOLE and (named := next((one for one, _ in _read(own, root, split) if one is not None), None)):
            yield named
            continue
        for place in (Path(node.path), Path(node.path).parent):
            if str(place) in done:
                break
            found = next((one for one, _ in _read(lists_in(place), place, split) if one is not None), None)
            if found is not None and (loose_split(place.name) == split or place == Path(node.path)):
                done.add(str(place))
                yield found
                break


def unlabelled(parts: list[Manifest], plan: Plan, root: Path) -> tuple[Reading, ...]:
    """Notes on folders of images that no list names."""
    used = set()
    for part in parts:
        rows = [row for row in part.sheet.sample if len(row) > part.columns.path]
        found = (part.finder.find(row[part.columns.path]) for row in rows[:: max(1, len(rows) // LOOKED_UP)])
        used |= {os.path.dirname(image.path) for image in found if image is not None}
    left = [node.path for _, node in plan.flat if node.path not in used]
    if not left:
        return ()
    folders = listed([printable(os.path.relpath(path, root)) + "/" for path in left[:4]])
    return (Reading("unlabelled", f"{folders} holds images that no list names; they were left out."),)


def _unlisted(parts: list[Manifest]) -> tuple[Reading, ...]:
    """Notes on images that no list names, in folders where the lists name others."""
    named: set[str] = set()
    rows = ((part, row) for part in parts for row in part.sheet.rows())
    for number, (part, row) in enumerate(rows):
        if number == MOST_COMPARED:
            return ()
        image = part.finder.find(row[part.columns.path]) if len(row) > part.columns.path else None
        if image is not None:
            named.add(os.path.normpath(image.path))
    there = [path for folder in {os.path.dirname(path) for path in named} for path in _images_in(folder)]
    left = [path for path in there if path not in named]
    if not left:
        return ()
    said = f"{len(left)} of {len(there)} images, such as {printable(os.path.basename(min(left)))}, are in no list"
    kind = "unlisted" if len(left) > LEFT * len(there) else "unlabelled"
    return (Reading(kind, f"{said}; they were left out.", "Add them to a list, or move them out of the data."),)


def _images_in(folder: str) -> list[str]:
    with os.scandir(folder) as items:
        return [os.path.normpath(item.path) for item in items if item.name.lower().endswith(IMAGE_ENDINGS)]


def batch_lists(folder: Path) -> Source | None:
    """The lists of folders with one list each, such as a protocol beside the images of every batch, as one dataset."""
    parts: list[Manifest] = []
    names: set[str] = set()
    for number, top in enumerate(_folders_in(folder)[:MOST_BATCHES]):
        if number == FIRST_BATCHES and not parts:
            return None
        for place in (top, *_folders_in(top))[:MOST]:
            files = [file for file in lists_of(place) if not names or _bare(file, top) in names]
            split = loose_split(top.name) or WHOLE
            found = next((one for one, _ in _read(files, top, split) if one), None) or _record(place, top, split)
            if found is not None:
                names.add(_bare(found.sheet.file, top))
                parts.append(found)
                break
    if len(parts) < 2 or not all(map(_is_protocol, parts)):
        return None
    if {part.split for part in parts} > {WHOLE}:  # round_1/ and round_2/ beside test/
        parts = [replace(part, split="train") if part.split == WHOLE else part for part in parts]
    notes = tuple(dict.fromkeys(note for part in parts for note in part.notes if note.kind != "moved"))
    said = (
        f"Each of {len(parts)} folders has a list of its own, {printable(parts[0].sheet.file.name)}; they were joined."
    )
    return Joined(str(folder), tuple(parts), (*notes, Reading("joined-lists", said, differs=True)), ordered=True)


def _record(place: Path, top: Path, split: str) -> Manifest | None:
    """The first JSON or YAML file in a folder that names classes of the images there."""
    try:
        files = sorted(file for file in place.iterdir() if file.suffix.lower() in (".json", ".yaml", ".yml"))
    except OSError:
        return None
    for file in files[:MOST]:
        try:
            found = find_annotated(file, top, split)
        except InputError:
            continue
        if found is not None and found.columns.present:
            return found
    return None


def _bare(file: Path, folder: Path) -> str:
    """A list's name without the folder's name and numbers, which differ from batch to batch."""
    return re.sub(r"\d+", "", file.name.replace(folder.name, ""))


def _folders_in(folder: Path) -> list[Path]:
    """The folders in a folder, in order; empty if it can't be listed."""
    try:
        with os.scandir(folder) as items:  # distinguishes folders from files without a stat call
            return sorted(
                Path(one.path) for one in items if not one.name.startswith((".", "__", "~$")) and one.is_dir()
            )
    except OSError:
        return []


def lists_of(folder: Path, others: bool = False) -> list[Path]:
    """The lists in a folder; empty if it can't be listed."""
    try:
        return lists_in(folder, others)
    except OSError:
        return []


def lists_of_source(source: Source) -> list[Manifest]:
    """The lists that a source consists of; empty for another kind of source."""
    parts = source.parts if isinstance(source, Joined) else (source,)
    return [part for part in parts if isinstance(part, Manifest)]


def is_guessed(source: Source) -> bool:
    """Whether none of its lists has a column with a name for labels."""
    parts = source.parts if isinstance(source, Joined) else (source,)
    return all(isinstance(part, Manifest) and part.columns.guessed for part in parts)


def _is_protocol(part: Manifest) -> bool:
    """Whether a list has a label per image: in a column with such a name, or in the only one beside the images."""
    columns = part.columns
    return bool(columns.one_hot) or (
        columns.label is not None and (not columns.guessed or columns.worded or len(part.sheet.first) == 2)
    )


def _read(files: list[Path], root: Path, split: str) -> Iterator[tuple[Manifest | None, str]]:
    for file in files:
        try:
            found = find_manifest(file, root, split)
        except InputError as fault:
            yield None, str(fault)
            continue
        if not found.columns.present or (found.columns.label is None and not found.columns.one_hot and _one(found)):
            yield None, ""
            continue
        label_of = labels_of(found.columns)
        if all(label_of(row) == NONE for row in found.sheet.sample if len(row) > (found.columns.label or 0)):
            yield None, ""  # not labelled yet
            continue
        yield found, ""


def _is_likely(fault: str) -> bool:
    """Whether a list's fault is worth reporting: it is a table, or is named like a list."""
    return ".csv" in fault or ".tsv" in fault or any(f"/{word}." in fault for word in LIKELY)


def _one(found: Manifest) -> bool:
    """Whether all paths of a list without labels lead into one folder."""
    return len({entry_folder(row[found.columns.path]) for row in found.sheet.sample if row}) < 2


def entry_folder(path: str) -> str:
    """The folder of an image according to its list."""
    return path.replace("\\", "/").rpartition("/")[0]


def _chosen(found: list[Manifest], folder: Path) -> list[Manifest]:
    """One list per split, or one for all: those whose names contain a split, if there are any, else the likeliest."""
    named: dict[str, list[Manifest]] = defaultdict(list)
    for one in found:
        split = loose_split(one.sheet.file.stem)
        if split is not None:
            named[split].append(one)
    if "train" in named or len(named) > 1:
        return [replace(one, split=split) for split, some in named.items() for one in _one_fold(some, named)]
    if not found:
        return []
    first = found[0]
    alike = [one for one in found if one.sheet.columns == first.sheet.columns and one.columns == first.columns]
    if len(alike) > 1 and first.sheet.columns and not _overlap(alike):  # for example a table per week
        said = (
            f"{listed([printable(one.sheet.file.name) for one in alike[:4]])} have the same columns; they were joined."
        )
        return [replace(one, notes=(*one.notes, Reading("joined-lists", said, differs=True))) for one in alike]
    rows = [row for row in first.sheet.sample if len(row) > first.columns.path]
    images = (first.finder.find(row[first.columns.path]) for row in rows[:: max(1, len(rows) // 200)])
    splits = {_folder_split(image.path, folder) for image in images if image is not None}
    if len(splits) > 1 and first.columns.split is None:
        return [replace(first, by_folder=str(folder))]
    return [replace(first, split=_split_of_images(first, folder))]


def _one_fold(some: list[Manifest], named: dict[str, list[Manifest]]) -> list[Manifest]:
    """The lists of a split: all if they name different images, as for domains; for folds, which name the same images,
    the first."""
    if len(some) < 2 or not any(map(_overlap, named.values())):
        return some
    left = listed([printable(one.sheet.file.name) for one in some[1:4]]) + (" and more" if len(some) > 4 else "")
    said = f"{printable(some[0].sheet.file.name)} was read, and not {left}, which list the same images in another way."
    note = Reading("fold-lists", said, "Give a table of path, label and split for another one.")
    return [replace(some[0], notes=(*some[0].notes, note))]


def _overlap(some: list[Manifest]) -> bool:
    """Whether two lists of a split name the same images."""
    names = [{row[one.columns.path] for row in islice(one.sheet.rows(), FIRST_ROWS) if len(row) > one.columns.path}
             for one in some]  # fmt: skip
    return any(10 * len(one & other) > min(len(one), len(other)) for one, other in combinations(names, 2))


def _folder_split(path: str, folder: Path) -> str | None:
    parts = Path(os.path.relpath(path, folder)).parts[:-1]
    return next((split for part in parts if (split := loose_split(part)) is not None), None)


def _split_of_images(one: Manifest, folder: Path) -> str:
    """The split whose folder holds the list's images: train for train/0001.jpg; WHOLE if a column has the split."""
    if one.finder.first is None or one.columns.split is not None:
        return WHOLE
    return _folder_split(one.finder.first[1].path, folder) or WHOLE
