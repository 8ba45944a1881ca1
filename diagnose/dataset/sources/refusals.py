"""Why images without class folders can't be read: what was found, what was tried, and what to give instead."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from diagnose.dataset.sources.annotated import find_annotated
from diagnose.dataset.sources.beside import places
from diagnose.dataset.sources.namecodes import pattern_for
from diagnose.dataset.sources.plan import Plan
from diagnose.dataset.sources.tree import images_in
from diagnose.model import InputError, listed, printable

SHEETS = (".xls", ".ods", ".numbers")  # tables in unsupported formats
SHOWN = 3


def without_classes(folder: Path, plan: Plan, inner: Path) -> str:
    """The message for a folder whose images are in folders that aren't classes. inner: the folder that holds the data,
    below its wrappers."""
    places = sorted({printable(os.path.relpath(node.path, folder)) for _, node in plan.flat})
    where = "it" if places == ["."] else ", ".join(f"{place}/" for place in places[:SHOWN])
    example = next((name for _, node in plan.flat for name in images_in(node, plan.endings)), "")
    said = f"{printable(str(folder))} holds no class folders: images stand in {where} without a class, such as "
    said += printable(example)
    tried = [*_annotations(inner), *_tables(inner)]
    if tried:
        said += f". {tried[0]}"
    pattern = pattern_for(plan)
    if pattern:
        return f"{said}{'. ' + pattern[0].upper() + pattern[1:] if tried else '; ' + pattern}"
    return (
        f"{said}{'. Expected' if tried else '; expected'} root/class/*.jpg or root/train|val|test/class/*.jpg, a list "
        "(path,label) of their classes, or "
        "--label-pattern such as '{label}_*' where file names hold the class."
    )


def _annotations(folder: Path) -> Iterator[str]:
    """Why annotations beside the images weren't read."""
    for place in places(folder):
        for file in sorted(place.iterdir())[:40]:
            if file.suffix.lower() not in (".json", ".xml"):
                continue
            try:
                find_annotated(file, folder)
            except InputError as fault:
                yield str(fault).rstrip(".")


def _tables(folder: Path) -> Iterator[str]:
    """Tables beside the images in unsupported formats."""
    found = [file.name for place in places(folder)
             for file in sorted(place.iterdir()) if file.suffix.lower() in SHEETS]  # fmt: skip
    if found:
        yield f"{listed([printable(name) for name in found[:SHOWN]])} is not read: save it as .xlsx or .csv beside it"
