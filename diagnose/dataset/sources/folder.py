"""Image folders: `root/class/*` or `root/train|val|test/class/*` as found by layout.py, listed lazily."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from diagnose.dataset.sources.plan import Plan
from diagnose.dataset.sources.source import IMAGE_ENDINGS, Entry
from diagnose.dataset.sources.tree import Disk
from diagnose.model import InputError, Reading, printable


@dataclass(frozen=True)
class Folder:
    """The class folders of a root, as (split, class name, path); without splits, the split is "all". endings: the file
    extensions of images, "" for a name without one."""

    root: str
    folders: tuple[tuple[str, str, str], ...]
    ordered: bool = False
    notes: tuple[Reading, ...] = ()
    endings: tuple[str, ...] = IMAGE_ENDINGS
    several: bool = False

    def entries(self) -> Iterator[Entry]:
        """Every file of every class folder, including subfolders as ImageFolder does, sorted per folder."""
        for split, label, folder in self.folders:
            yield from walk(folder, split, label, self.endings)

    def expected(self) -> tuple[tuple[str, str], ...]:
        """(split, class) of every class folder, empty ones included."""
        return tuple((split, label) for split, label, _ in self.folders)


def folder_of(root: Path, plan: Plan) -> Folder:
    """The class folders of a plan. Raises InputError if it has none."""
    if plan.refused:
        raise InputError(f"{printable(str(root))} {plan.refused}.")
    folders = [(split, label, node.path) for split, label, node in plan.folders]
    if not folders:  # folders without images: each may be a class that isn't filled yet
        folders = [("all", node.name, node.path) for node in Disk(str(root)).folders] if not plan.flat else []
    if not folders:
        raise InputError(f"{printable(str(root))} holds {_instead(root)}")
    return Folder(str(root), tuple(folders), False, tuple(plan.notes), plan.endings)


def _instead(root: Path) -> str:
    """What the folder holds instead of class folders."""
    with os.scandir(root) as items:
        files = [item.name for item in items if not item.is_dir()]
    wanted = "expected root/class/*.jpg or root/train|val|test/class/*.jpg"
    if files:
        return f"no class folders: {len(files)} files stand in it, such as {printable(min(files))}; {wanted}."
    return f"no class folders: {wanted}."


def walk(top: str, split: str, label: str, endings: tuple[str, ...] = IMAGE_ENDINGS) -> Iterator[Entry]:
    """Files below a folder, at any depth, sorted per folder; a link back to a folder already walked isn't followed.

    A folder that can't be listed, and a link to a parent of the class folder, are yielded as files for the scan to
    report: a training run loses their content too, or walks in circles.
    """
    above = _above(os.path.dirname(os.path.abspath(top)))
    seen: set[tuple[int, int]] = set()
    waiting = [iter([top])]
    bare = "" in endings
    while waiting:
        path = next(waiting[-1], None)
        if path is None:
            waiting.pop()
            continue
        is_image = path.lower().endswith(endings) and (not bare or "." not in path[path.rfind("/") + 1 :])
        try:
            found = os.stat(path)
            inside = [f"{path}/{name}" for name in sorted(os.listdir(path))] if stat.S_ISDIR(found.st_mode) else None
        except FileNotFoundError:
            if os.path.islink(path):  # to nothing
                yield Entry(path, split, label, is_image)
            continue  # it vanished
        except OSError as fault:
            yield Entry(path, split, label, is_image or fault.errno != errno.ELOOP)
            continue
        place = (found.st_dev, found.st_ino)
        if inside is None:
            yield Entry(path, split, label, is_image, None, found.st_size, found.st_mtime_ns)
        elif place in above:
            yield Entry(path, split, label)
        elif place not in seen:
            seen.add(place)
            waiting.append(iter(inside))


@cache
def _above(folder: str) -> frozenset[tuple[int, int]]:
    """A folder and all its parents."""
    folder = os.path.realpath(folder)
    chain = [folder]
    while (folder := os.path.dirname(folder)) != chain[-1]:
        chain.append(folder)
    places = set()
    for one in chain:
        with contextlib.suppress(OSError):
            state = os.stat(one)
            places.add((state.st_dev, state.st_ino))
    return frozenset(places)
