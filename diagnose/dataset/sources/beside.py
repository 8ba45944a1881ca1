"""Folders beside images that describe them: by their names, or because they hold tables and no image."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

from diagnose.dataset.sources.foldernames import BESIDE
from diagnose.dataset.sources.source import CAMEL, IMAGE_ENDINGS, unnumbered
from diagnose.dataset.sources.tree import HIDDEN, Disk, holds_images

DESCRIBING = {"csv", "csvs", "split", "splits", "list", "lists", "partition", "partitions", "labels", "meta",
              "metadata", "annotations", "annos", "manifest", "manifests", "export", "exports", "labelling",
              "labeling"}  # fmt: skip
TABLES = (".csv", ".tsv", ".json", ".jsonl", ".xlsx", ".manifest")
FEW_TEXTS = 12  # more mean one per image
MOST, DEPTH = 40, 4  # folders that are searched, and levels
LOOKED_AT = 64  # files that are checked to classify a folder


def places(folder: Path) -> list[Path]:
    """A folder, and those in it that describe images: where lists and annotations are searched."""
    return [folder, *(folder / name for name in described(folder))]


def described(folder: Path) -> list[str]:
    """The folders in a folder that describe images, by their names or, if they are few, by their contents, some levels
    deep."""
    found: list[str] = []
    waiting = [("", 0)]
    for _ in range(MOST):
        if not waiting:
            break
        above, depth = waiting.pop(0)
        names = _folders_in(folder / above)
        for name in names:
            inner = os.path.join(above, name)
            if not depth and _describes(name):
                found.append(inner)
            elif len(names) > MOST:  # a thousand classes: none of them is searched
                continue
            elif _holds_tables(folder / inner):
                found.append(inner)
            elif depth + 1 < DEPTH and not _holds_images(folder / inner):
                waiting.append((inner, depth + 1))
    return sorted(found)


def _folders_in(folder: Path) -> list[str]:
    with os.scandir(folder) as items:
        return sorted(item.name for item in items if not item.name.startswith(HIDDEN) and _is_folder(item))


def _is_folder(item: os.DirEntry[str]) -> bool:
    """Whether it is a folder or a link to one; a link to itself isn't."""
    return item.is_dir(follow_symlinks=False) or (item.is_symlink() and os.path.isdir(item.path))


def _holds_images(folder: Path) -> bool:
    return holds_images(Disk(str(folder)), IMAGE_ENDINGS)


def _holds_tables(folder: Path) -> bool:
    """Whether a folder holds tables, but no images or folders."""
    try:
        with os.scandir(folder) as items:
            some = list(islice(items, LOOKED_AT))
            other = any(item.name.lower().endswith(IMAGE_ENDINGS) or item.is_dir() for item in some)
    except OSError:
        return False
    texts = len(some) <= FEW_TEXTS and any(item.name.lower().endswith(".txt") for item in some)
    return not other and (texts or any(item.name.lower().endswith(TABLES) for item in some))


def _describes(name: str) -> bool:
    """Whether a folder's name means that it describes images: annotations, Training_GroundTruth."""
    words = {word.lower() for word in CAMEL.split(unnumbered(name))}
    name = unnumbered(name).lower()
    return (
        name in BESIDE
        or bool(words & DESCRIBING)
        or name.endswith(
            ("groundtruth", "ground_truth", "groundtruths", "ground_truths", "_annotations", "_labels", "_metadata")
        )
    )
