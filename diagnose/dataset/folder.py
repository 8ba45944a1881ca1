"""Image folders as a source: `root/class/*` or `root/train|val|test/class/*`, listed lazily."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from diagnose.model import InputError, printable

# What torchvision's ImageFolder reads (torchvision.datasets.folder.IMG_EXTENSIONS): other files are
# invisible to a training run, so they are no fault of it.
IMAGE_ENDINGS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")

SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}


@dataclass(frozen=True)
class Entry:
    """One file of a class folder. `path` is absolute; `is_image` goes by the ending alone."""

    path: str
    split: str
    label: str
    is_image: bool


@dataclass(frozen=True)
class Layout:
    """The class folders of a root: (split, class name, path) each; the one split is "all" without splits."""

    root: str
    folders: tuple[tuple[str, str, str], ...]


def find_layout(root: Path) -> Layout:
    """The class folders below `root`; raises InputError where there is nothing to classify."""
    if not root.exists():
        raise InputError(f"{printable(str(root))} does not exist: give the folder that holds your images.")
    if not root.is_dir():
        raise InputError(
            f"{printable(str(root))} is a file: give a folder with one sub-folder per class "
            "(root/class/* or root/train/class/*)."
        )
    splits = [path for path in _folders(root) if path.name.lower() in SPLIT_NAMES]
    if any(SPLIT_NAMES[path.name.lower()] == "train" for path in splits):
        found = [(SPLIT_NAMES[split.name.lower()], path) for split in splits for path in _folders(split)]
    else:
        found = [("all", path) for path in _folders(root)]
    if not found:
        raise InputError(
            f"{printable(str(root))} holds no class folders: expected root/class/*.jpg or "
            "root/train|val|test/class/*.jpg."
        )
    return Layout(str(root), tuple((split, path.name, str(path)) for split, path in found))


def _folders(root: Path) -> list[Path]:
    try:
        with os.scandir(root) as items:
            return sorted(Path(item.path) for item in items if item.is_dir())
    except PermissionError:
        raise InputError(f"{printable(str(root))} cannot be listed: permission denied; make it readable.") from None


def list_entries(layout: Layout) -> Iterator[Entry]:
    """Every file of every class folder, sub-folders included as ImageFolder includes them, sorted in each."""
    for split, label, folder in layout.folders:
        for path in _walk(folder, seen=set()):
            yield Entry(path, split, label, path.lower().endswith(IMAGE_ENDINGS))


def _walk(folder: str, seen: set[tuple[int, int]]) -> Iterator[str]:
    """Files below `folder`; a link back to a folder already walked is not followed again."""
    try:
        status = os.stat(folder)
        with os.scandir(folder) as items:
            listed = sorted(items, key=lambda item: item.name)
    except OSError:
        return  # a folder that vanished or may not be read holds nothing that training could read either
    if (status.st_dev, status.st_ino) in seen:
        return
    seen.add((status.st_dev, status.st_ino))
    for item in listed:
        if item.is_dir():
            yield from _walk(item.path, seen)
        else:
            yield item.path
