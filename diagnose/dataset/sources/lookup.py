"""Find the images that a list names.

Lists often name images as on another machine: by an absolute path, with backslashes, without the folder, without the
extension. The rule that resolves one name usually resolves the next, so the last successful rule is tried first, and a
million names cost a million lookups.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections import deque
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from diagnose.dataset.sources.foldernames import BESIDE
from diagnose.dataset.sources.source import IMAGE_ENDINGS, OTHER_ENDINGS, loose_split
from diagnose.dataset.sources.tree import HIDDEN

MOST_FOLDERS = 400  # that are searched
DIRECTORY = 0o170000  # the bits of a mode for the kind of file
DEPTH = 4  # below the list's folder
UPLOADED = re.compile(r"[0-9a-f]{8}-(?=.)")  # Label Studio's prefix of an uploaded file's name
SUFFIX = re.compile(r"[_-][A-Za-z]{2,12}")
NUMBERED = re.compile(r"(?P<word>[^\d.]*)(?P<digits>\d+)(?P<ending>\.\w+)")
MOST_FILES = 20_000  # of a folder, among which such a file is searched
MOST_IN_VAIN = 200  # names searched everywhere without success, after which only the known rules are tried
ENDINGS = ("", ".jpg", ".jpeg", ".png", ".JPEG", ".JPG", ".PNG", ".tif", ".tiff", ".webp", ".bmp", ".ppm", ".dcm",
           ".dicom", ".npy", ".gif", ".heic", ".avif", ".jp2")  # fmt: skip


class Rule(NamedTuple):
    """How a name becomes a path: the base folder, how many of its last parts are kept, and the extension to add."""

    base: str
    kept: int | None  # None: all
    ending: str
    uploaded: bool = False  # whether Label Studio's prefix is removed
    suffix: str = ""  # added by a tool before the extension: 1_aligned.jpg for 1.jpg
    prefix: str = ""  # before a number: scan_0017.png for 17
    digits: int = 0  # that such a number is filled up to with zeros


class Found(NamedTuple):
    """An image: its path, size in bytes, and modification time."""

    path: str
    size: int
    changed: int


class Finder:
    """Finds images by their names in a list. file: the list; root: the folder given as DATA."""

    def __init__(self, file: Path, root: Path | None = None) -> None:
        self._folder = str(file.parent)
        self._root = str(root or file.parent)
        inner = root is not None and file.parent != root
        self._split = loose_split(file.stem) or (loose_split(file.parent.name) if inner else None)
        self._bases: list[str] | None = None
        self._rules: list[Rule] = [Rule(self._folder, None, "")]
        self._in_vain = 0
        self.first: tuple[str, Found, Rule] | None = None

    def find(self, name: str) -> Found | None:
        """The file with this name in the list; None if there is none."""
        if "\\" in name or ":" in name or "%" in name or "?" in name or name[:1] == " ":
            name = cleaned(name)
        if not name or "\0" in name:
            return None
        for place, rule in enumerate(self._rules):
            if (found := _tried(rule, name)) is not None:
                if place or self.first is None:
                    self._rules.insert(0, self._rules.pop(place))
                    self._note(name, found, rule)
                return found
        if self._in_vain >= MOST_IN_VAIN:
            return None
        for rule in self._everywhere(name):
            if (found := _tried(rule, name)) is not None:
                self._rules.insert(0, rule)
                return self._note(name, found, rule)
        self._in_vain += 1
        return None

    def path(self, name: str) -> str:
        """The path of the image according to the list."""
        name = cleaned(name) if "\\" in name else name
        return name if name[:1] == "/" else f"{self._folder}/{name}"

    @property
    def by_number(self) -> bool:
        """Whether the last image was found by its number alone."""
        return bool(self._rules[0].prefix)

    @property
    def places(self) -> int:
        """How many folders are searched."""
        return len(self._bases or ())

    def _note(self, name: str, found: Found, rule: Rule) -> Found:
        if self.first is None:
            self.first = (name, found, rule)
        return found

    def _everywhere(self, name: str) -> Iterator[Rule]:
        if self._bases is None:
            self._bases = list(self._searched())
        parts = [part for part in name.split("/") if part]
        whole = name.lower().endswith((*IMAGE_ENDINGS, *OTHER_ENDINGS))
        for kept in (None, *range(len(parts) - (not name.startswith("/")), 0, -1)):
            for base in self._bases:
                if kept is None and name.startswith("/"):
                    break
                for ending in ENDINGS[:1] if whole else ENDINGS:
                    yield Rule(base, kept, ending)
        if whole and parts and (suffix := self._suffix(parts[-1])) is not None:
            yield suffix
        if name.isdecimal() and (numbered := self._numbered(int(name))) is not None:
            yield numbered
        if UPLOADED.match(parts[-1] if parts else ""):
            yield from (
                Rule(base, 1, ending, True) for base in self._bases for ending in ENDINGS[: 1 if whole else None]
            )

    def _suffix(self, name: str) -> Rule | None:
        """The rule that finds a file of this name with a word before its extension, if exactly one word occurs."""
        stem, ending = os.path.splitext(name)
        for base in self._bases or ():
            with contextlib.suppress(OSError), os.scandir(base) as items:
                files = [item.name for item in islice(items, MOST_FILES)]
                words = {
                    one[len(stem) : -len(ending)] for one in files if one.startswith(stem) and one.endswith(ending)
                }
                if len(words) == 1 and SUFFIX.fullmatch(word := words.pop()):
                    return Rule(base, 1, "", suffix=word)
        return None

    def _numbered(self, number: int) -> Rule | None:
        """The rule that finds the files of a folder by their numbers, if all of them are one word and a number."""
        return next((rule for rule, numbers in self._series if number in numbers), None)

    @cached_property
    def _series(self) -> list[tuple[Rule, frozenset[int]]]:
        """Of each folder whose images are all one word and a number: the rule that finds them, and the numbers."""
        found = []
        for base in self._bases or ():
            with contextlib.suppress(OSError), os.scandir(base) as items:
                names = [NUMBERED.fullmatch(item.name) for item in islice(items, MOST_FILES)]
                images = [one for one in names if one and one["ending"].lower() in IMAGE_ENDINGS]
                kinds = {(one["word"], one["ending"]) for one in images}
                if len(kinds) == 1 and all(word for word, _ in kinds):
                    ((word, ending),) = kinds
                    widths = {len(one["digits"]) for one in images}
                    rule = Rule(base, 1, ending, prefix=word, digits=widths.pop() if len(widths) == 1 else 0)
                    found.append((rule, frozenset(int(one["digits"]) for one in images)))
        return found

    def _searched(self) -> Iterator[str]:
        """The list's folder, the root, and the folders below them: those of the list's own split first."""
        tops = dict.fromkeys((self._folder, self._root))
        if os.path.basename(self._folder).lower() in BESIDE | {"list", "csvs", "partitions", "split"}:
            tops[os.path.dirname(self._folder)] = None
        below: dict[str, None] = {}
        for top in tops:
            waiting = deque([(top, 0)])
            while waiting and len(below) < MOST_FOLDERS:
                folder, depth = waiting.popleft()
                for inner in _folders(folder):
                    below[inner] = None
                    if depth + 1 < DEPTH:
                        waiting.append((inner, depth + 1))
        yield from tops
        yield from sorted((one for one in below if one not in tops), key=self._distance)

    def _distance(self, folder: str) -> tuple[bool, bool, bool]:
        own = {loose_split(part) for part in os.path.relpath(folder, self._root).split(os.sep)} - {None}
        name = os.path.basename(folder).lower()
        foreign = bool(own) and self._split not in own and (self._split is not None or "train" not in own)
        return foreign, name in BESIDE, not (own and self._split in own)


def cleaned(name: str) -> str:
    """A name as a path of this system: without backslashes, a URL's address, or an annotation tool's query."""
    name = name.strip()
    if "?d=" in name:  # Label Studio's /data/local-files/?d=
        name = name.partition("?d=")[2]
    if "://" in name:
        name = name.partition("://")[2].partition("?")[0]
        name = name[name.find("/") :] if "/" in name else name
    if "%" in name:
        name = unquote(name)
    name = name.replace("\\", "/")
    return name[2:] if name[1:3] == ":/" else name


def _tried(rule: Rule, name: str) -> Found | None:
    if rule.kept is not None:
        name = "/".join(name.split("/")[-rule.kept :])
    if rule.uploaded:
        name = UPLOADED.sub("", name)
    if rule.suffix:
        stem, ending = os.path.splitext(name)
        name = f"{stem}{rule.suffix}{ending}"
    if rule.prefix:
        if not name.isdecimal():
            return None
        name = f"{rule.prefix}{int(name):0{rule.digits}d}"
    path = f"{rule.base}/{name}{rule.ending}" if name[:1] != "/" else name + rule.ending
    try:
        state = os.stat(path)
    except (OSError, ValueError):
        return None
    return None if state.st_mode & DIRECTORY == stat.S_IFDIR else Found(path, state.st_size, state.st_mtime_ns)


def _folders(folder: str) -> list[str]:
    found = []
    files = 0
    try:
        with os.scandir(folder) as items:
            for item in items:
                if item.is_dir():
                    if not item.name.startswith(HIDDEN):
                        found.append(item.path)
                else:
                    files += 1
                    if files > 5_000 and not found:
                        break
    except OSError:
        return []
    return sorted(found)
