"""Image folders: `root/class/*` or `root/train|val|test/class/*`, listed lazily."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from diagnose.dataset.sources.source import IMAGE_ENDINGS, Entry, told_split
from diagnose.model import WHOLE, InputError, printable


@dataclass(frozen=True)
class Folder:
    """The class folders of a root: (split, class name, path) each; the one split is "all" without splits."""

    root: str
    folders: tuple[tuple[str, str, str], ...]
    ordered: bool = False

    def entries(self) -> Iterator[Entry]:
        """Every file of every class folder, sub-folders included as ImageFolder includes them, sorted in each."""
        for split, label, folder in self.folders:
            yield from _walk(folder, split, label)

    def expected(self) -> tuple[tuple[str, str], ...]:
        """(split, class) of every class folder, empty ones included."""
        return tuple((split, label) for split, label, _ in self.folders)


def find_folder(root: Path) -> Folder:
    """The class folders below `root`; raises InputError where there is nothing to classify."""
    splits = [(split, path) for path in _folders(root) if (split := told_split(path.name)) is not None]
    if any(split == "train" for split, _ in splits):
        found = [(split, path) for split, folder in splits for path in _folders(folder)]
    else:
        found = [(WHOLE, path) for path in _folders(root)]
    if not found:
        raise InputError(f"{printable(str(root))} holds {_told(root)}")
    return Folder(str(root), tuple((split, path.name, str(path)) for split, path in found))


def _told(root: Path) -> str:
    """What stands there in the place of class folders."""
    with os.scandir(root) as items:
        files = [item.name for item in items if not item.is_dir()]
    images = sum(name.lower().endswith(IMAGE_ENDINGS) for name in files)
    wanted = "expected root/class/*.jpg or root/train|val|test/class/*.jpg"
    if images:
        return (
            f"no class folders: {images} images stand in it, without a class; {wanted}, or a "
            "manifest (path,label) that names their classes."
        )
    if files:
        return f"no class folders: {len(files)} files stand in it, such as {printable(min(files))}; {wanted}."
    return f"no class folders: {wanted}."


def _folders(root: Path) -> list[Path]:
    try:
        with os.scandir(root) as items:
            return sorted(Path(item.path) for item in items if item.is_dir())
    except PermissionError:
        raise InputError(f"{printable(str(root))} cannot be listed: permission denied; make it readable.") from None


def _walk(top: str, split: str, label: str) -> Iterator[Entry]:
    """Files below a folder, sorted in each, however deep; a link back to a folder already walked is not followed."""
    seen: set[tuple[int, int]] = set()
    waiting = [iter([top])]
    while waiting:
        path = next(waiting[-1], None)
        if path is None:
            waiting.pop()
            continue
        try:
            found = os.stat(path)
            inside = [f"{path}/{name}" for name in sorted(os.listdir(path))] if stat.S_ISDIR(found.st_mode) else None
        except OSError:
            if os.path.islink(path) and not os.path.isdir(path):  # to nothing
                yield Entry(path, split, label, path.lower().endswith(IMAGE_ENDINGS))
            continue  # a folder that may not be read, or something that vanished, holds nothing for training either
        if inside is None:
            is_image = path.lower().endswith(IMAGE_ENDINGS)
            yield Entry(path, split, label, is_image, None, found.st_size, found.st_mtime_ns)
        elif (found.st_dev, found.st_ino) not in seen:
            seen.add((found.st_dev, found.st_ino))
            waiting.append(iter(inside))
