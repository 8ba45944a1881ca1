"""What every source is: a root, and the images below it with their class and split."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from diagnose.model import WHOLE

# What torchvision's ImageFolder reads (torchvision.datasets.folder.IMG_EXTENSIONS): other files are
# invisible to a training run, so they are no fault of it.
IMAGE_ENDINGS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")

SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "val",
    "test": "test",
    "testing": "test",
}


class Entry(NamedTuple):
    """One image, or a file beside them. path: of the file that holds it; member: which part of that file, as
    dataset/reading.py understands it, None for all of it. size, changed: what tells whether it is still the same."""

    path: str
    split: str
    label: str
    is_image: bool = True
    member: str | None = None
    size: int = -1
    changed: int = 0

    @property
    def mark(self) -> bytes:
        """All of it, to tell one listing from another."""
        return os.fsencode("\0".join(map(str, self)))


def listed(file: str, path: str, split: str, label: str) -> Entry:
    """The image at a path that a list names; a relative path starts at the list's folder."""
    path = os.path.join(os.path.dirname(file), path)
    try:
        state = os.stat(path)
    except (OSError, ValueError):  # it is not there, which the scan finds out
        return Entry(path, split, label)
    return Entry(path, split, label, True, None, state.st_size, state.st_mtime_ns)


def named_split(name: str) -> str:
    """The split that a list calls so: one of the usual, or as it stands."""
    return told_split(name) or name or WHOLE


class Source(Protocol):
    """A set of labelled images. ordered: whether it has an order of its own, as a manifest has and a folder has not."""

    @property
    def root(self) -> str:
        """The folder, file or URL that names of images are relative to."""
        ...

    @property
    def ordered(self) -> bool:
        """Whether the source has an order of its own."""
        ...

    def entries(self) -> Iterator[Entry]:
        """Every image, always in the same order."""
        ...

    def expected(self) -> tuple[tuple[str, str], ...]:
        """(split, class) that the source names, with images or without."""
        ...


def told_split(name: str) -> str | None:
    """The split that a folder or file of this name holds, None where the name says nothing of it."""
    return SPLIT_NAMES.get(name.lower())
