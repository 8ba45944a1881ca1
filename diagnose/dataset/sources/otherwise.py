"""Class folders that are none: a list beside them names the images' classes, and they differ from the folders.

Folders may be sites, batches or places of a camera, while a table has the labels. The table counts only where its
column is called so, where its images are there, and where its labels do not just repeat the folders by other names.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from diagnose.dataset.sources.layout import Plan
from diagnose.dataset.sources.listfiles import batch_lists, find_lists
from diagnose.dataset.sources.manifest import Manifest, find_manifest
from diagnose.dataset.sources.source import Joined, Source, loose_split
from diagnose.model import WHOLE, InputError, Reading, listed, printable

LOOKED_UP = 400  # rows whose images are looked for
PRESENT = 0.8  # of them, that have to be there
HELD = ("metadata.csv", "metadata.jsonl")  # by Hugging Face's convention, in the folder of a split
NAMED = 4


def labelled_otherwise(folder: Path, plan: Plan) -> Source | None:
    """The lists that go before the folders; None where there are none."""
    held = list(_metadata(folder))
    whole = [find_lists(folder, Plan(endings=plan.endings))[0], batch_lists(folder)] if not held else []
    for source in ([_joined(folder, held)] if held else []) + [one for one in whole if one is not None]:
        parts = [part for part in (source.parts if isinstance(source, Joined) else (source,))
                 if isinstance(part, Manifest)]  # fmt: skip
        by_name = all(part.columns.sure for part in parts) or any(one.kind == "joined-lists" for one in source.notes)
        if parts and by_name and _differ(parts, plan):
            note = Reading(
                "list-over-folders",
                f"{printable(parts[0].sheet.file.name)} names the classes; the folders "
                f"{listed([printable(name) for name in sorted(plan.classes)[:NAMED]])} were not taken for them.",
                "If the folders are the classes, take the list away.",
                differs=True,
            )
            return replace(source, notes=(*source.notes, note))  # type: ignore[type-var]
    return None


def _metadata(folder: Path) -> Iterator[Manifest]:
    """The metadata of each split's folder, at most two levels down."""
    for depth in ("", "*/", "*/*/"):
        for name in HELD:
            for file in sorted(folder.glob(f"{depth}{name}")):
                try:
                    found = find_manifest(file, file.parent, loose_split(file.parent.name) or WHOLE)
                except InputError:
                    continue
                if found.columns.present and "file_name" in found.sheet.columns:
                    yield found


def _joined(folder: Path, parts: list[Manifest]) -> Source:
    return parts[0] if len(parts) == 1 else Joined(str(folder), tuple(parts), ordered=True)


def _differ(parts: list[Manifest], plan: Plan) -> bool:
    """Whether lists tell other classes than the folders that their images stand in."""
    folders: dict[str, set[str]] = defaultdict(set)
    labels: dict[str, set[str]] = defaultdict(set)
    tried = found = 0
    for part in parts:
        rows = part.sheet.sample[:: max(1, len(part.sheet.sample) * len(parts) // LOOKED_UP)]
        label = part.columns.label
        for row in rows:
            if label is None or len(row) <= max(label, part.columns.path):
                continue
            tried += 1
            image = part.finder.find(row[part.columns.path])
            inside = [one for one in (image.path.split(os.sep) if image else ()) if one in plan.classes]
            if inside:
                found += 1
                folders[inside[-1]].add(row[label].strip())
                labels[row[label].strip()].add(inside[-1])
    mixed = sum(len(told) > 1 for told in folders.values())
    return len(labels) > 1 and found >= PRESENT * tried and 2 * mixed > len(folders)
