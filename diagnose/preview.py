"""What a folder would be read as, before a run: its classes, images and splits, or why it cannot be read.

`python -m diagnose.preview here|preview PATH` prints the answer as JSON: for a process that can be ended.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from diagnose.dataset.sources.factory import is_factory
from diagnose.dataset.sources.find import find_source
from diagnose.dataset.sources.remote import is_remote
from diagnose.dataset.sources.source import Source
from diagnose.meant import program_in
from diagnose.model import InputError, printable

MOST = 100_000  # images that are counted


@dataclass(frozen=True)
class Preview:
    """text: a sentence for a person; readable: whether a run could read the images."""

    text: str
    readable: bool


@dataclass(frozen=True)
class Here:
    """What stands in a folder: images, or a program, or both. text: "photos/ (6 classes, 309 images) + train.py"."""

    data: str | None
    config: str | None
    text: str


def preview(data: str) -> Preview:
    """What `data` would be read as. Nothing of a person's is run, and nothing is fetched, for it."""
    if not data:
        return Preview("", False)
    if is_remote(data):
        return Preview("At a URL: it is fetched when the run starts.", True)
    if is_factory(data):
        return Preview("A function of yours: it is run when the run starts.", True)
    try:
        return Preview(f"{_counted(find_source(data))}.", True)
    except InputError as fault:
        return Preview(printable(str(fault)), False)


def here(folder: Path) -> Here | None:
    """The images and the training program of a folder, as far as there are any; None where there is neither."""
    parts, data, config = [], None, program_in(folder)
    try:
        source = find_source(str(folder))
        data = _inmost(source)
        parts.append(f"{printable(Path(data).absolute().name)}/ ({_counted(source)})")
    except InputError:
        pass  # there are no images
    parts += [printable(Path(config).name)] if config else []
    return Here(data, config, " + ".join(parts)) if parts else None


def _inmost(source: Source) -> str:
    """The folder of the images: of a project's folder, the only one in it that has any."""
    root = source.root
    first = {
        os.path.relpath(entry.path, root).split(os.sep)[0] for entry in islice(source.entries(), MOST) if entry.is_image
    }
    if len(first) == 1 and os.path.isdir(below := os.path.join(root, first.pop())):
        try:
            if find_source(below).expected() == source.expected():
                return below
        except InputError:
            pass  # it needs what stands beside it
    return root


def _counted(source: Source) -> str:
    """Classes, images and splits in a few words. Raises InputError where it cannot be read."""
    splits: Counter[str] = Counter()
    classes: set[str] = set()
    for entry in source.entries():
        if entry.is_image:
            splits[entry.split] += 1
            classes.add(entry.label)
        if splits.total() >= MOST:
            break
    more = "more than " if splits.total() >= MOST else ""
    named = ", ".join(f"{count:,} {split}" for split, count in splits.items()) if len(splits) > 1 else ""
    size = f"{len(classes)} class{'' if len(classes) == 1 else 'es'}, {more}{splits.total():,} images"
    return f"{size}: {named}" if named else size


if __name__ == "__main__":
    asked, path = sys.argv[1:]
    answer = here(Path(path)) if asked == "here" else preview(path)
    json.dump(asdict(answer) if answer else None, sys.stdout)
