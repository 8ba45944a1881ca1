"""Tables in MATLAB files: an array of structures with a field for the image, as in annotations of older datasets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from diagnose.dataset.sources.arrays import is_hdf5, mat
from diagnose.dataset.sources.columns import LABELS, chosen, path_column, plain
from diagnose.dataset.sources.lookup import Finder
from diagnose.dataset.sources.manifest import Manifest, manifest_of
from diagnose.dataset.sources.sheet import made
from diagnose.model import InputError, Reading, printable

LARGEST = 100 << 20  # bytes
FEWEST = 4  # rows
FLAGS = ("test", "istest", "heldout")  # fields that are 1 for test images


def find_structs(folder: Path) -> Manifest | None:
    """The images named by a structure array in a .mat file of a folder; None if there is none."""
    for file in sorted(folder.glob("*.mat")):
        if not file.is_file() or file.stat().st_size > LARGEST or is_hdf5(str(file)):
            continue
        try:
            variables = mat(str(file))
        except Exception:  # scipy has its own errors; the file isn't a list then
            continue
        for value in variables.values():
            if getattr(getattr(value, "dtype", None), "names", None) and value.size >= FEWEST:
                found = _manifest(file, folder, value.reshape(-1), variables)
                if found is not None:
                    return found
    return None


def _manifest(file: Path, folder: Path, rows: Any, variables: dict[str, Any]) -> Manifest | None:
    names = list(rows.dtype.names)
    cells = [[text(row[name]) for name in names] for row in rows]
    bare = [plain(name) for name in names]
    path, present = path_column(bare, cells, len(names), Finder(file, folder))
    label = chosen(bare, LABELS, without=(path,))
    if path is None or not present or label is None:
        return None
    classes = _classes(variables, {row[label] for row in cells})
    flag = chosen(bare, FLAGS)
    table = [[row[path], classes.get(row[label], row[label]), _split(row, flag)] for row in cells]
    columns = ["path", "label", "split"] if flag is not None else ["path", "label"]
    try:
        found = manifest_of(made(file, columns, [row[: len(columns)] for row in table]), folder)
    except InputError:
        return None
    said = f"{printable(file.name)} names the images, and their classes in its field {printable(names[label])}."
    return replace(found, notes=(*found.notes, Reading("label-beside", said, differs=True)))


def _split(row: list[str], flag: int | None) -> str:
    return "" if flag is None else "test" if row[flag] not in ("0", "False", "") else "train"


def _classes(variables: dict[str, Any], labels: set[str]) -> dict[str, str]:
    """The names of numbered classes, from a list beside the rows, counted from 1 as in MATLAB."""
    if not all(label.isdecimal() for label in labels):
        return {}
    most = max(map(int, labels))
    for name, value in variables.items():
        size = getattr(value, "size", 0)
        if "name" in name.lower() and size >= most and getattr(getattr(value, "dtype", None), "kind", "") == "O":
            return {str(number): text(one) for number, one in enumerate(value.reshape(-1), start=1)}
    return {}


def text(value: Any) -> str:
    """The value that MATLAB has wrapped in arrays of one element, as text; empty for an empty array."""
    while hasattr(value, "reshape") and hasattr(value, "dtype") and value.shape:
        if not value.size:
            return ""
        value = value.reshape(-1)[0]
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
