"""Which class and split a path inside an archive has: as in an image folder, below the folders that all share."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from diagnose.dataset.sources.source import told_split
from diagnose.model import WHOLE


class Inside:
    """The layout of an archive's paths: class folders at the top, or below train/, val/ and test/."""

    def __init__(self, names: Iterable[str]) -> None:
        shared: tuple[str, ...] | None = None
        tops: set[str] = set()
        names = list(names)
        for name in names:
            folders = PurePosixPath(name).parts[:-1]
            shared = folders if shared is None else _common(shared, folders)
        self._depth = len(shared or ())
        tops = {parts[self._depth] for name in names if len(parts := PurePosixPath(name).parts) > self._depth + 1}
        if self._depth and not tops:
            self._depth -= 1  # one class alone: the shared folder is the class
        self._split = any(told_split(top) == "train" for top in tops)

    def of(self, name: str) -> tuple[str, str] | None:
        """(split, class) of a path; None for one beside the class folders."""
        folders = PurePosixPath(name).parts[self._depth : -1]
        if self._split:
            split = told_split(folders[0]) if folders else None
            return (split, folders[1]) if split is not None and len(folders) > 1 else None
        return (WHOLE, folders[0]) if folders else None


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return one[:place]
    return min(one, other, key=len)
