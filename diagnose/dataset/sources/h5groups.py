"""HDF5 files with a group per class, and in it an array per image: /Betula/grain_0001, /train/Betula/0001."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from diagnose.dataset.sources.arrays import HDF5, Held, contents
from diagnose.dataset.sources.source import COLOURS, Entry, Joined, Listing, Source, exact_split, loose_split
from diagnose.model import WHOLE, InputError, Reading

NEARLY = 0.9  # share of a file's arrays that have to be images
SMALLEST = 8  # pixels of an image's side


def find_groups(path: Path) -> Source | None:
    """The groups of a file, or of the files in a folder; None unless two groups or more hold images."""
    files = [path] if path.is_file() else sorted(path.iterdir())
    found = [(file, one) for file in files if file.suffix.lower() in HDF5 and (one := _images(file))]
    classes = {label for _, images in found for _, label, _ in images}
    if len(classes) < 2:
        return None
    root = str(path if path.is_dir() else path.parent)
    parts = tuple(_listing(root, file, images, len(found) > 1) for file, images in found)
    return parts[0] if len(parts) == 1 else Joined(root, parts, ordered=True)


def _images(file: Path) -> list[tuple[str, str, str]]:
    """(split, class, key) of each image of a file; empty if it holds something else."""
    try:
        held = contents(str(file))
    except (InputError, OSError):
        return []
    images = [one for one in held if _is_image(one) and "/" in one.key]
    if not images or len(images) < NEARLY * len(held):
        return []
    found = []
    for one in images:
        *above, label, _ = one.key.split("/")
        found.append((next((split for name in above if (split := exact_split(name))), WHOLE), label, one.key))
    return found


def _is_image(one: Held) -> bool:
    sides = [side for side in one.shape if side not in COLOURS]
    return one.kind in "uif" and len(one.shape) in (2, 3) and len(sides) == 2 and min(sides) >= SMALLEST


def _listing(root: str, file: Path, images: list[tuple[str, str, str]], by_file: bool) -> Listing:
    own = loose_split(file.stem) if by_file else None

    def rows() -> Iterator[Entry]:
        state = file.stat()
        for number, (split, label, key) in enumerate(images):
            name = key.rpartition("/")[2]
            yield Entry(str(file), own or split, label, True, f"array|{key}|-1|{number}|{name}", state.st_size,
                        state.st_mtime_ns)  # fmt: skip

    return Listing(root, rows, notes=(Reading("pixels", f"The groups of {file.name} were read as the classes."),))
