"""A file per image with the image and its label as arrays: MATLAB's, HDF5, .npz, also in class folders.

An array of two or three dimensions is the image, and a number or a word beside it is the label. MATLAB's newer format
stores arrays transposed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from diagnose.dataset.sources.arrays import (
    HDF5,
    IMAGES,
    LABELS,
    TURNED,
    WHOLE_IMAGE,
    Held,
    contents,
    is_hdf5,
    loaded,
    mat,
    opened,
)
from diagnose.dataset.sources.layout import plan_of
from diagnose.dataset.sources.plan import Plan
from diagnose.dataset.sources.source import CAMEL, Entry, Listing, loose_split
from diagnose.dataset.sources.tree import Disk, holds_images
from diagnose.model import WHOLE, InputError, Reading, printable

ENDINGS = (".mat", ".npz", *HDF5)
LEAST = 8  # px of a side
FEWEST, LOOKED_AT = 4, 12  # files required, and how many of them are checked
MOST_FOLDERS = 2_000
MASK = re.compile(r"mask|border|seg|contour|roi", re.I)


def find_single(folder: Path) -> Listing | None:
    """The files with one image each, below a folder; None if there are none. Raises InputError if a library is
    missing."""
    if holds_images(Disk(str(folder)), (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp")):
        return None
    files = list(_files(folder))
    some = files[:: max(1, len(files) // LOOKED_AT)]
    if len(files) < FEWEST:
        return None
    images = [image for file in some if (image := _image(file)) is not None]
    if len(images) < 0.8 * len(some):
        return None
    labels = {value for file in some if (value := _label(file)) is not None}
    by_folder: Plan | None = None
    if not labels:
        by_folder = plan_of(Disk(str(folder)), tuple(ENDINGS))
        if len(by_folder.classes) < 2:
            return None

    def rows() -> Iterator[Entry]:
        named = by_folder.folders if by_folder is not None else [(WHOLE, "", Disk(str(folder)))]
        places = ((split, label, file) for split, label, node in named for file in _files(Path(node.path)))
        for split, label, file in places:
            image = _image(file)
            if image is None:
                continue
            class_name = label or _label(file) or "(no label)"
            part = next((s for p in file.relative_to(folder).parts[:-1] if (s := loose_split(p))), split)
            axis = TURNED if file.suffix.lower() == ".mat" and is_hdf5(str(file)) else WHOLE_IMAGE
            state = file.stat()
            member = f"array|{image.key}|{axis}|0|{file.stem}"
            yield Entry(str(file), part, class_name, True, member, state.st_size, state.st_mtime_ns)

    said = f"Each {files[0].suffix} file holds one image, {printable(images[0].key)}"
    said += ", and its label." if labels else "; the folders are the classes."
    return Listing(str(folder), rows, notes=(Reading("single", said),), ordered=False)


def _files(folder: Path) -> Iterator[Path]:
    for number, (place, folders, names) in enumerate(os.walk(folder)):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        if number > MOST_FOLDERS:
            return
        for name in sorted(names, key=_numbered):
            if name.lower().endswith(ENDINGS):
                yield Path(place, name)


def _numbered(name: str) -> tuple[int, str]:
    found = re.match(r"\d+", name)
    return int(found[0]) if found else 0, name


def _held(file: Path) -> list[Held]:
    """The arrays of a file, including those of a MATLAB structure, as structure/field."""
    try:
        if file.suffix.lower() == ".mat" and not is_hdf5(str(file)):
            return list(_in_structures(str(file)))
        return [one for one in contents(str(file)) if not one.key.startswith("#")]
    except InputError:
        raise
    except Exception:  # each format has its own errors; an unreadable file isn't such an image
        return []


def _in_structures(file: str) -> Iterator[Held]:
    for name, value in mat(file).items():
        if name.startswith("__"):
            continue
        for field in value.dtype.names or ():
            inner = value[field].reshape(-1)[0]
            yield Held(file, f"{name}/{field}", tuple(inner.shape), inner.dtype.kind)
        if not value.dtype.names:
            yield Held(file, name, tuple(value.shape), value.dtype.kind)


def _image(file: Path) -> Held | None:
    """The array of the image: by name, or the only one of two or three dimensions that isn't a mask."""
    fitting = [one for one in _held(file) if one.kind in "uifb" and len(one.shape) in (2, 3)
               and sorted(one.shape)[-2] >= LEAST and not MASK.search(one.key)]  # fmt: skip
    named = [one for one in fitting if _words(one) & IMAGES]
    return named[0] if named else fitting[0] if len(fitting) == 1 else None


def _words(one: Held) -> set[str]:
    return {word.lower() for word in CAMEL.split(one.key) if word}


def _label(file: Path) -> str | None:
    """The number or word with a name for labels; None if there is none."""
    for one in _held(file):
        if _words(one) & LABELS and (one.kind in "US" or max(one.shape, default=1) == 1):
            return _text(_value(one))
    return None


def _value(one: Held) -> Any:
    found = loaded(one.file)[one.key] if one.file.lower().endswith(".npz") else opened(one.file, one.key)
    return found[()] if is_hdf5(one.file) else found


def _text(value: Any) -> str:
    import numpy as np

    array = np.asarray(value).reshape(-1)
    cell = array[0] if array.size else ""
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    if isinstance(cell, str):
        return cell.strip()
    return str(int(cell)) if float(cell).is_integer() else str(cell)
