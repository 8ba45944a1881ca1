"""Folders that look like classes but aren't: a list beside them names the images' classes, which differ from them.

Folders may be sites, batches or camera locations, while a table has the labels. The table counts only if its column has
a name for labels, its images exist, and its labels don't just rename the folders.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from diagnose.dataset.sources.agreement import tally
from diagnose.dataset.sources.annotated import ENDINGS, find_annotations
from diagnose.dataset.sources.beside import places
from diagnose.dataset.sources.described import find_described
from diagnose.dataset.sources.foldernames import in_series
from diagnose.dataset.sources.joining import find_joined
from diagnose.dataset.sources.listfiles import batch_lists, find_lists, is_guessed, lists_of_source, manifests_in
from diagnose.dataset.sources.manifest import Manifest, find_manifest
from diagnose.dataset.sources.plan import Plan
from diagnose.dataset.sources.source import Joined, Source, loose_split
from diagnose.dataset.sources.tree import spread
from diagnose.model import WHOLE, InputError, Reading, listed, printable

LOOKED_UP = 400  # rows whose images are looked up
COUNTED = 20_000  # rows that are checked for disagreement
PRESENT = 0.8  # share of the images that have to exist
HELD = ("metadata.csv", "metadata.jsonl")  # by Hugging Face's convention, in the folder of a split
NAMED = 4
SHARD = re.compile(r"[0-9a-f]{2}")


def labelled_otherwise(folder: Path, plan: Plan) -> Source | None:
    """The lists that override the folders; None if there are none. A list of the folders' own classes that disagrees on
    some images is noted in the plan, and doesn't override them."""
    held = list(_metadata(folder))
    whole = [find_lists(folder, Plan(endings=plan.endings))[0], batch_lists(folder)] if not held else []
    if not held and all(one is None or is_guessed(one) for one in whole):
        described = find_described(folder) if _has_records(plan) else None
        whole = [*whole, find_joined(folder), _annotated(folder), described]
    for source in ([_joined(folder, held)] if held else []) + [one for one in whole if one is not None]:
        parts = lists_of_source(source)
        seen = tally(parts, plan.classes, LOOKED_UP)
        if seen.placed < PRESENT * seen.rows or len(seen.labels) < 2:
            continue
        if (meant := seen.same_classes(not any(part.columns.guessed for part in parts))) is not None:
            _disagree(parts, plan, meant)
            continue
        if len(parts) > 1 and _number_otherwise(parts, plan):
            continue
        by_name = all(part.columns.sure for part in parts) or any(one.kind == "joined-lists" for one in source.notes)
        certain = not any(part.columns.guessed and not part.columns.worded for part in parts)
        mixed = by_name and 2 * seen.mixed > len(seen.folders)
        alone = certain or all(not part.sheet.columns and not part.columns.others for part in parts)
        if mixed or (alone and (_are_shards(seen.folders) or all(map(in_series, seen.folders)))):
            note = Reading(
                "list-over-folders",
                f"{printable(parts[0].sheet.file.name)} names the classes; the folders "
                f"{listed([printable(name) for name in sorted(plan.classes)[:NAMED]])} were not taken for them.",
                "If the folders are the classes, take the list away.",
                differs=True,
            )
            return replace(source, notes=(*source.notes, note))  # type: ignore[type-var]
    return None


def numbers_folders(folder: Path, plan: Plan) -> bool:
    """Whether lists assign a number to every class folder: the folders have the names, the lists the splits."""
    seen = tally(manifests_in(folder, Plan(endings=plan.endings))[0], plan.classes, LOOKED_UP)
    numbers = bool(seen.labels) and all(map(str.isdecimal, seen.labels)) and not any(map(str.isdecimal, seen.folders))
    return numbers and seen.same_classes(called=True) is not None


def _disagree(parts: list[Manifest], plan: Plan, meant: dict[str, str]) -> None:
    """Note how many images have a different class in the list than their folder."""
    seen = tally(parts, plan.classes, COUNTED)
    apart = seen.apart(meant)
    if not apart:
        return
    example, folder, label = next((one for one in seen.examples.values() if meant.get(one[1]) != one[2]), ("", "", ""))
    such = f", such as {printable(example)}: {printable(label)} in {printable(folder)}/" if example else ""
    plan.note(
        "table-disagrees",
        f"{printable(parts[0].sheet.file.name)} gives another class than the folder for {apart} of the {seen.placed} "
        f"images{' that were looked up' if seen.rows < seen.all_rows else ''} ({apart / seen.placed:.1%}){such}. The "
        "folders were read.",
        "Find out which of them is right: move those images, or correct the table.",
    )


def _number_otherwise(parts: list[Manifest], plan: Plan) -> bool:
    """Whether each list gives every folder a label, but not the same one as the others: classes were numbered
    separately per list, skipping those that a split lacks. Adds a note."""
    first: dict[str, tuple[str, str]] = {}  # the label of each folder, and its list
    for part in parts:
        meant = tally([part], plan.classes, LOOKED_UP).same_classes(called=True)
        if meant is None:
            return False
        file = printable(part.sheet.file.name)
        for folder, label in meant.items():
            before, other = first.setdefault(folder, (label, file))
            if before != label:
                plan.note(
                    "lists-disagree",
                    f"{other} gives the images in {printable(folder)}/ the label {printable(before)}, and {file} "
                    f"{printable(label)}: the lists do not mean the same classes. The folders were read.",
                    "Number the classes once for all lists, from one list of their names.",
                )
                return True
    return False


def _annotated(folder: Path) -> Source | None:
    """Annotations of whole images in a folder: boxes name parts of an image, and don't override its folder."""
    if not any(file.suffix.lower() in ENDINGS for place in places(folder) for file in place.iterdir()):
        return None
    found = find_annotations(folder)
    return None if found is None or any(note.kind == "boxes" for note in found.notes) else found


def _has_records(plan: Plan) -> bool:
    """Whether the first files of class folders, or of their subfolders, include records."""
    nodes = spread([node for _, _, node in plan.folders])
    return any(name.lower().endswith((".json", ".xml")) for node in nodes
               for one in (node, *spread(node.folders, 4)) for name in one.glance)  # fmt: skip


def _are_shards(folders: set[str]) -> bool:
    """Whether folders are named by two hexadecimal digits of a hash: 00 to ff, including letters."""
    return all(SHARD.fullmatch(name) for name in folders) and not all(name.isdecimal() for name in folders)


def _metadata(folder: Path) -> Iterator[Manifest]:
    """The metadata files of the splits' folders, at most two levels down."""
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
