"""The group of an image, such as a patient, a slide or a camera, by its folders and its name."""

from __future__ import annotations

import os
from collections.abc import Container

from diagnose.dataset.sources.source import CAMEL


def same_key(cell: str) -> str:
    """A cell normalised so that equal keys compare equal: 07 and 7, 0.30 and 0.3, A01 and a01."""
    cell = cell.strip().lower()
    try:
        return repr(float(cell)) if cell[:1].isdigit() else cell
    except ValueError:
        return cell


def group_of(path: str, root: str, known: Container[str], but: str = "") -> str | None:
    """The known group of an image, as a key: the innermost of its folders that is one, else its name up to the end of a
    word. but: a folder to skip, such as the image's class."""
    *folders, name = os.path.relpath(path, root).split(os.sep)
    for part in reversed(folders):
        if part != but and (key := same_key(part)) in known:
            return key
    stem = os.path.splitext(name)[0]
    ends = {len(stem), *(found.start() for found in CAMEL.finditer(stem))}
    ends |= {place for place, letter in enumerate(stem) if letter in "_-. "}
    return next((key for end in sorted(ends, reverse=True) if end and (key := same_key(stem[:end])) in known), None)
