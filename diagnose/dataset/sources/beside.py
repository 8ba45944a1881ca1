"""Which folders stand beside images and describe them: by their names, or by holding tables and no image."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

from diagnose.dataset.sources.foldernames import BESIDE
from diagnose.dataset.sources.source import CAMEL, IMAGE_ENDINGS, unnumbered

DESCRIBING = {"csv", "csvs", "split", "splits", "list", "lists", "partition", "partitions", "labels", "meta",
              "metadata", "annotations", "annos", "manifest", "manifests", "export", "exports", "labelling",
              "labeling"}  # fmt: skip
TABLES = (".csv", ".tsv", ".json", ".jsonl", ".xlsx", ".manifest")
FEW_TEXTS = 12  # more are one for each image
LOOKED_AT = 64  # files that tell what a folder holds


def described(folder: Path) -> list[str]:
    """The folders in a folder that describe images, by their names or by what they hold."""
    with os.scandir(folder) as items:
        return sorted(
            item.name for item in items
            if os.path.isdir(item.path) and (_describes(item.name) or _holds_tables(item.path))
        )  # fmt: skip


def _holds_tables(folder: str) -> bool:
    """Whether a folder holds tables, and neither images nor folders."""
    if os.path.basename(folder).startswith((".", "__")):
        return False
    try:
        with os.scandir(folder) as items:
            some = list(islice(items, LOOKED_AT))
            other = any(item.name.lower().endswith(IMAGE_ENDINGS) or item.is_dir() for item in some)
    except OSError:
        return False
    texts = len(some) <= FEW_TEXTS and any(item.name.lower().endswith(".txt") for item in some)
    return not other and (texts or any(item.name.lower().endswith(TABLES) for item in some))


def _describes(name: str) -> bool:
    """Whether a folder's name says that it describes images: annotations, Training_GroundTruth."""
    words = {word.lower() for word in CAMEL.split(unnumbered(name))}
    name = unnumbered(name).lower()
    return (
        name in BESIDE
        or bool(words & DESCRIBING)
        or name.endswith(
            ("groundtruth", "ground_truth", "groundtruths", "ground_truths", "_annotations", "_labels", "_metadata")
        )
    )
