"""Two lists of equal length, one of images and one of their labels, line by line: train_img.txt, train_label.txt."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from diagnose.dataset.sources.beside import places
from diagnose.dataset.sources.lookup import Finder
from diagnose.dataset.sources.manifest import Manifest, manifest_of
from diagnose.dataset.sources.sheet import made
from diagnose.dataset.sources.source import Joined, Source, loose_split
from diagnose.model import WHOLE, InputError, Reading, listed, printable

ENDINGS = (".txt", ".lst", ".list", ".csv")
LARGEST = 50 << 20  # bytes of a list, which is held in memory
LOOKED_UP, FOUND = 24, 0.9  # lines that are looked up as images, and the share of them that has to exist


def find_parallel(folder: Path) -> Source | None:
    """The images of such lists in a folder, beside its annotations or one folder below; None if there are none."""
    below = sorted(inner for inner in folder.iterdir() if inner.is_dir() and not inner.name.startswith((".", "__")))
    for place in dict.fromkeys((*places(folder), *below)):
        parts = list(_pairs(place, folder))
        if parts:
            names = listed([printable(part.sheet.file.name) for part in parts])
            said = f"The lines of {names} go with those of the lists of labels beside them."
            note = Reading("parallel-lists", said, "Write one table of path and label: a lost line shifts all labels.")
            if len(parts) == 1:
                return replace(parts[0], notes=(*parts[0].notes, note))
            return Joined(str(folder), tuple(parts), (note,), ordered=True)
    return None


def _pairs(place: Path, folder: Path) -> Iterator[Manifest]:
    lists = {file: lines for file in sorted(place.iterdir())
             if file.suffix.lower() in ENDINGS and (lines := _lines(file)) is not None}  # fmt: skip
    for file, names in lists.items():
        finder = Finder(file, folder)
        some = names[:: max(1, len(names) // LOOKED_UP)]
        if sum(finder.find(name) is not None for name in some) < FOUND * len(some):
            continue
        split = loose_split(file.stem)
        for other, labels in lists.items():
            again = 2 <= len(set(labels)) <= 0.5 * len(labels)
            if other != file and len(labels) == len(names) and again and loose_split(other.stem) == split:
                rows = [[name, label] for name, label in zip(names, labels, strict=True)]
                try:
                    yield manifest_of(made(file, ["path", "label"], rows), folder, split or WHOLE)
                except InputError:
                    continue
                break


def _lines(file: Path) -> list[str] | None:
    """The lines of a single-column list; None for another file."""
    try:
        if not file.is_file() or os.path.getsize(file) > LARGEST:
            return None
        lines = [line.strip() for line in file.read_text("utf-8-sig").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError):
        return None
    return lines if len(lines) > 1 and not any("," in line or "\t" in line for line in lines[:50]) else None
