"""Stacks of images, an array per class: cat.npy and dog.npy, train_cat.npy, or .npy files below class folders."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from diagnose.dataset.sources.arrays import FILES, HDF5, IMAGES, LABELS, LEAST_PIXELS, Arrays, Held, Pair, contents
from diagnose.dataset.sources.folder import walk
from diagnose.dataset.sources.source import COLOURS, Entry, Listing, bare_name, loose_split
from diagnose.dataset.sources.tree import images_in, spread
from diagnose.model import WHOLE, Reading

if TYPE_CHECKING:
    from diagnose.dataset.sources.plan import Plan

LOOKED_AT = 12  # files that are checked for stacks
ARRAYS = (".npy", ".npz")


def find_class_stacks(folder: Path) -> Arrays | None:
    """Files in a folder that each hold the images of one class, or of one class and split, by their names; None if
    there are none."""
    if not folder.is_dir():
        return None
    files = sorted(one for one in folder.iterdir() if one.name.lower().endswith((*ARRAYS, *HDF5)) and one.is_file())
    if len(files) == 1:
        return find_class_arrays(files[0])
    files = [one for one in files if one.name.lower().endswith(ARRAYS)][:FILES]
    held = [one for file in files for one in _held(str(file))]
    shapes = {one.shape[1:] for one in held}
    if len(held) < 2 or len(shapes) != 1 or len({one.file for one in held}) != len(held):
        return None
    if not all(len(one.shape) in (3, 4) or (len(one.shape) == 2 and one.shape[1] >= LEAST_PIXELS) for one in held):
        return None
    split = [loose_split(Path(one.file).stem) for one in held]
    labels = _without_common([_class(one, any(split)) for one in held])
    if not all(labels) or len(set(labels)) < 2 or (any(split) and not all(split)):
        return None
    pairs = zip(split, held, labels, strict=True)
    return Arrays(str(folder), tuple(Pair(part or WHOLE, one, None, 0, label) for part, one, label in pairs))


def find_class_arrays(file: Path) -> Arrays | None:
    """A file with an array of images per class, by the array's name: cat and dog, or train/cat/images; None if its
    arrays have other names."""
    if not file.is_file() or not file.name.lower().endswith((".npz", *HDF5)):
        return None
    held = _held(str(file))
    if len(held) < 2 or len({one.shape[1:] for one in held}) != 1 or len(held[0].shape) not in (3, 4):
        return None
    keys = [re.split(r"/", one.key) for one in held]
    splits = [next((split for part in parts if (split := loose_split(part))), None) for parts in keys]
    labels = ["/".join(part for part in parts if bare_name(part) and part.lower() not in IMAGES) for parts in keys]
    if not all(labels) or len(set(labels)) < 2 or any(set(label.lower().split("/")) & LABELS for label in labels):
        return None
    if len(held[0].shape) == 3 and len({one.shape[0] for one in held}) == 1 and held[0].shape[2] in COLOURS:
        return None  # single images
    pairs = zip(splits, held, labels, strict=True)
    return Arrays(str(file.parent), tuple(Pair(split or WHOLE, one, None, 0, label) for split, one, label in pairs))


def _class(one: Held, split: bool) -> str:
    """The class in a file's name; empty if it means images, labels or nothing."""
    name = bare_name(Path(one.file).stem) if split else Path(one.file).stem
    words = {word for word in re.split(r"[\W_]+", name.lower()) if word}
    return "" if words & (IMAGES | LABELS) else name


def _without_common(names: list[str]) -> list[str]:
    """Names without their common first words: cat for full_bitmap_cat beside full_bitmap_dog."""
    begin = next((n for n, letters in enumerate(zip(*names, strict=False)) if len(set(letters)) > 1), 0)
    while begin and names[0][begin - 1] not in "_-. ":
        begin -= 1
    return [name[begin:] for name in names] if len(set(names)) > 1 and all(name[begin:] for name in names) else names


def find_stacked(folder: Path, plan: Plan) -> Listing | None:
    """The images of the stacks below class folders; None if their arrays are single images, or differ in shape."""
    some = [
        os.path.join(node.path, name)
        for node in spread([node for _, _, node in plan.folders])
        for name in images_in(node, ARRAYS)[:2]
    ]
    shapes = [one.shape for path in some[:LOOKED_AT] for one in _held(path)]
    if len(shapes) < 2 or not _stacked(shapes):
        return None

    def rows() -> Iterator[Entry]:
        for split, label, node in plan.folders:
            for file in walk(node.path, split, label, plan.endings):
                if not file.path.lower().endswith(ARRAYS):
                    continue
                for held in _held(file.path) if file.is_image else ():
                    for number in range(held.shape[0]):
                        member = f"array|{held.key}|0|{number}|{number:06d}"
                        yield file._replace(member=member)

    said = "Each array below the class folders holds several images, which were read one by one."
    return Listing(str(folder), rows, notes=(*plan.notes, Reading("stacks", said)), ordered=False)


def _stacked(shapes: list[tuple[int, ...]]) -> bool:
    """Whether arrays hold several images: they have four dimensions, with the colours last or second, or three, of
    which only the first differs between arrays."""
    if all(len(shape) == 4 for shape in shapes):
        return len({shape[1:] for shape in shapes}) == 1 and (shapes[0][3] in COLOURS or shapes[0][1] in COLOURS)
    square = all(len(shape) == 3 and shape[1] == shape[2] and shape[1] * shape[2] >= LEAST_PIXELS for shape in shapes)
    return square and len({shape[1:] for shape in shapes}) == 1 and len({shape[0] for shape in shapes}) > 1


def _held(file: str) -> list[Held]:
    """The arrays of a file; empty if it can't be read."""
    try:
        return contents(file)
    except Exception:  # each format has its own errors
        return []
