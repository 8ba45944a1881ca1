"""Folders as used by the layout: on disk, or built from the names inside an archive."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import PurePosixPath
from typing import Protocol

from diagnose.dataset.sources.source import IMAGE_ENDINGS, OTHER_ENDINGS
from diagnose.model import InputError, printable

MOST_FILES = 3_000  # of a folder that are read for its layout; the listing reads all
FEW_FILES = 64  # enough to recognise most folders of images
DEPTH = 12  # nested folders that are searched for images
LOOKED_AT = 24  # sibling folders that are searched
MOST_SEARCHED = 2_000  # folders that one search reads
# First bytes of images, for files without extension: JPEG, PNG, GIF, BMP, TIFF, WebP, and the brands of HEIC and AVIF.
BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"II*\x00", b"MM\x00*", b"BM")
# Prefixes of folders that tools leave behind.
HIDDEN = (".", "__")


class Node(Protocol):
    """A folder: its name, its path, the folders in it and the names of its files, each sorted."""

    @property
    def name(self) -> str:
        """The folder's own name."""
        ...

    @property
    def path(self) -> str:
        """Its full path."""
        ...

    @property
    def folders(self) -> list[Node]:
        """The folders in it."""
        ...

    @property
    def files(self) -> list[str]:
        """The names of its files, the first thousands."""
        ...

    @property
    def glance(self) -> list[str]:
        """The names of a few of its files."""
        ...

    def begins(self, file: str) -> bytes:
        """The first bytes of a file in it; empty if they are unknown."""
        ...


class Disk:
    """A folder on disk, read lazily."""

    def __init__(self, path: str, top: bool = False) -> None:
        self.path, self.name, self._top = path, os.path.basename(path.rstrip("/")), top

    @cached_property
    def _found(self) -> tuple[list[Node], list[str]]:
        folders: list[Node] = []
        files: list[str] = []
        try:
            with os.scandir(self.path) as items:
                for item in items:
                    if item.is_dir():
                        folders.append(Disk(item.path))
                    elif len(files) < MOST_FILES:
                        files.append(item.name)
                    elif not folders:
                        break  # a class of many images
        except PermissionError:
            if self._top:
                raise InputError(
                    f"{printable(self.path)} cannot be listed: permission denied; make it readable."
                ) from None
        except OSError:  # it vanished, or a drive failed
            pass
        return sorted(folders, key=lambda node: node.path), sorted(files)

    @property
    def folders(self) -> list[Node]:
        """The folders in it."""
        return self._found[0]

    @property
    def files(self) -> list[str]:
        """The names of its files, the first thousands."""
        return self._found[1]

    @cached_property
    def glance(self) -> list[str]:
        """The names of a few of its files, without reading a large folder in full."""
        try:
            with os.scandir(self.path) as items:
                return [item.name for item in islice(items, FEW_FILES) if not item.is_dir()]
        except OSError:
            return []

    def begins(self, file: str) -> bytes:
        """The first bytes of a regular file in it."""
        path = os.path.join(self.path, file)
        try:
            if not os.path.isfile(path):
                return b""
            with open(path, "rb") as stream:
                return stream.read(16)
        except OSError:
            return b""


@dataclass
class Named:
    """A folder inside an archive, built from its members' names."""

    name: str
    path: str
    inner: dict[str, Named] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)

    @property
    def folders(self) -> list[Node]:
        """The folders in it."""
        return [self.inner[name] for name in sorted(self.inner)]

    @property
    def glance(self) -> list[str]:
        """The names of a few of its files."""
        return self.files[:FEW_FILES]

    def begins(self, file: str) -> bytes:
        """Empty: an archive isn't opened for it."""
        return b""


@dataclass(frozen=True)
class Through:
    """A folder that holds a single folder, with that one's content: amazon for amazon/images/bike."""

    name: str
    inner: Node

    @property
    def path(self) -> str:
        """The inner folder's path."""
        return self.inner.path

    @property
    def folders(self) -> list[Node]:
        """The inner folder's folders."""
        return self.inner.folders

    @property
    def files(self) -> list[str]:
        """The inner folder's files."""
        return self.inner.files

    @property
    def glance(self) -> list[str]:
        """A few of the inner folder's files."""
        return self.inner.glance

    def begins(self, file: str) -> bytes:
        """The first bytes of a file in the inner folder."""
        return self.inner.begins(file)


def named_tree(names: Iterable[str], root: str = "") -> Named:
    """The folders in these paths. Paths that lead out of the archive are treated like any other name."""
    top = Named(root, "")
    for name in names:
        *folders, file = PurePosixPath(name).parts or ("",)
        node = top
        for folder in folders:
            if folder not in node.inner:
                node.inner[folder] = Named(folder, f"{node.path}/{folder}" if node.path else folder)
            node = node.inner[folder]
        node.files.append(file)
    return top


def is_hidden(node: Node) -> bool:
    """Whether the folder was left behind by a tool."""
    return node.name.startswith(HIDDEN)


def images_in(node: Node, endings: tuple[str, ...]) -> list[str]:
    """Files in the folder itself with these extensions; "" means files without extension that begin like images."""
    plain = tuple(ending for ending in endings if ending)
    found = [name for name in node.files if name.lower().endswith(plain) and not name.startswith("._")] if plain else []
    if not found and "" in endings:
        bare = [name for name in node.files if "." not in name]
        found = bare if any(is_image_beginning(node.begins(name)) for name in bare[:3]) else []
    return found


def holds_images(node: Node, endings: tuple[str, ...]) -> bool:
    """Whether there are images in the folder or below it, as far as it is searched."""
    waiting = [(node, DEPTH)]
    for _ in range(MOST_SEARCHED):
        if not waiting:
            return False
        one, depth = waiting.pop()
        if shows_images(one, endings) or images_in(one, endings):
            return True
        if depth:
            waiting += [(inner, depth - 1) for inner in reversed(spread(one.folders))]
    return False


def with_images(node: Node, endings: tuple[str, ...]) -> list[Node]:
    """The folders in a folder that hold images, without those that tools leave behind."""
    return [inner for inner in node.folders if not is_hidden(inner) and holds_images(inner, endings)]


def shows_images(node: Node, endings: tuple[str, ...]) -> bool:
    """Whether an image is among the first files of the folder: fast, and inconclusive if there is none."""
    plain = tuple(ending for ending in endings if ending)
    return bool(plain) and any(name.lower().endswith(plain) and not name.startswith("._") for name in node.glance)


def spread(nodes: list[Node], most: int = LOOKED_AT) -> list[Node]:
    """A few of them, evenly spaced: enough to recognise the layout of a thousand class folders."""
    step = max(1, len(nodes) // most)
    return nodes[::step]


def endings_of(root: Node) -> tuple[str, ...]:
    """The file extensions of images below this folder: the usual ones if there is any such file, else all known ones,
    else "" if files without extension begin like images."""
    for endings in (IMAGE_ENDINGS, OTHER_ENDINGS, ("",)):
        if holds_images(root, endings):
            return endings
    return IMAGE_ENDINGS


def is_image_beginning(head: bytes) -> bool:
    """Whether a file with these first bytes is an image."""
    return (
        head.startswith(BEGINNINGS)
        or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
        or head[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypavif")
    )
