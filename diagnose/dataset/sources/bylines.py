"""Labels listed line by line, for the images in the order of their names, as in ImageNet's
validation_ground_truth.txt: line 1 is the class of ILSVRC2012_val_00000001.JPEG. A table beside it maps the numbers.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from diagnose.dataset.sources.source import Entry, Listing, listed, loose_split
from diagnose.dataset.sources.tree import Node
from diagnose.model import Reading, printable

if TYPE_CHECKING:
    from diagnose.dataset.sources.plan import Plan

LARGEST = 16 << 20  # bytes of a file of labels
SAID = re.compile(r"ground[_ -]?truth|labels?|gt|targets?|answers?|classes", re.I)
NAMES = re.compile(r"synset|class|map|word|names|categor|labels?", re.I)
DEPTH = 2  # folders below the data


def labels_by_line(folder: Path, count: int, split: str, classes: Collection[str]) -> tuple[Path, list[str]] | None:
    """(file, label of each image in order) for `count` images; None if no file has as many lines of one word, or its
    words aren't classes, neither directly nor by a table of their meanings."""
    texts = list(_texts(folder))
    for file in texts:
        if not SAID.search(file.stem) or loose_split(file.stem) not in (None, split):
            continue
        lines = file.read_text("utf-8", "replace").split("\n")
        labels = [line.strip() for line in (lines[:-1] if lines and not lines[-1].strip() else lines)]
        if len(labels) != count or any(len(one.split()) != 1 for one in labels) or 2 * len(set(labels)) > count:
            continue
        if set(labels) <= set(classes):
            return file, labels
        known = next(
            (table for other in texts if (table := _meanings(other, classes)) and set(labels) <= table.keys()), None
        )
        if known is not None:
            return file, [known[one] for one in labels]
    return None


def find_lines(folder: Path, split: str, node: Node, plan: Plan) -> Listing | None:
    """The images of a folder without classes, beside class folders, whose labels are the lines of a text; None if there
    is no such text."""
    names = sorted(name for name in os.listdir(node.path) if name.lower().endswith(plan.endings))
    found = labels_by_line(folder, len(names), split, plan.classes) if names else None
    if found is None:
        return None
    file, labels = found

    def rows() -> Iterator[Entry]:
        for name, label in zip(names, labels, strict=True):
            yield listed(os.path.join(node.path, "x"), name, split, label)

    said = f"The classes of {printable(node.name)}/ are the lines of {printable(file.name)}, in the order of its names."
    return Listing(str(folder), rows, notes=(Reading("by-lines", said),))


def _texts(folder: Path) -> Iterator[Path]:
    for depth in range(DEPTH + 1):
        for file in islice(sorted(folder.glob("*/" * depth + "*.txt")), 200):
            if file.is_file() and file.stat().st_size <= LARGEST:
                yield file


def _meanings(file: Path, classes: Collection[str]) -> dict[str, str]:
    """{number: class} of a table whose lines begin with a number and name one of the classes: 1 n01440764 tench."""
    if not NAMES.search(file.stem):
        return {}
    found = {}
    for line in file.read_text("utf-8", "replace").splitlines():
        words = line.replace(",", " ").replace("\t", " ").split()
        name = next((word for word in words[1:] if word in classes), None)
        if len(words) > 1 and words[0].isdigit() and name is not None:
            found[words[0]] = name
    return found
