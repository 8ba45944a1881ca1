"""A small text file beside each image that holds its class: 1.jpg and 1.txt."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from diagnose.dataset.sources.plan import Plan
from diagnose.dataset.sources.source import Entry, Listing, listed
from diagnose.dataset.sources.tree import images_in
from diagnose.model import Reading

ENDINGS = (".txt", ".cls", ".label")
LONGEST = 64  # bytes of a class's name
LOOKED_AT = 40  # images that are checked for such files
REPEATED = 0.5  # share of distinct names, above which they are captions


def find_sidecars(folder: Path, plan: Plan) -> Listing | None:
    """The images of folders in which text files name the classes; None if there are none."""
    found = [(split, node.path, ending) for split, node in plan.flat
             if (ending := _ending(node.path, images_in(node, plan.endings)))]  # fmt: skip
    if not found:
        return None

    def rows() -> Iterator[Entry]:
        for split, path, ending in found:
            for name in sorted(os.listdir(path)):
                if name.lower().endswith(plan.endings):
                    label = _label(os.path.join(path, os.path.splitext(name)[0] + ending))
                    yield listed(path, os.path.join(path, name), split, label or "(no label)")

    note = Reading("label-beside", f"Classes were read from the {found[0][2]} file beside each image.", differs=True)
    return Listing(str(folder), rows, notes=(note,))


def _ending(folder: str, names: list[str]) -> str | None:
    some = names[:: max(1, len(names) // LOOKED_AT)]
    for ending in ENDINGS:
        labels = [_label(os.path.join(folder, os.path.splitext(name)[0] + ending)) for name in some]
        if len(labels) > 3 and all(labels) and 2 <= len(set(labels)) <= REPEATED * len(labels):
            return ending
    return None


def _label(path: str) -> str:
    """The class that a file names; empty if the file doesn't exist or is too large."""
    if not os.path.isfile(path) or os.path.getsize(path) > LONGEST:
        return ""
    return Path(path).read_text("utf-8", "replace").strip().partition("\n")[0]
