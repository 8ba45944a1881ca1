"""Which class and split a path inside an archive has: by the layout of its folders, as on disk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePosixPath

from diagnose.dataset.sources.layout import plan_of
from diagnose.dataset.sources.tree import named_tree
from diagnose.model import WHOLE, Reading

LEFT_BEHIND = ("__MACOSX/",)  # what a Mac's archiver adds: no classes of anyone


def wanted(name: str) -> bool:
    """Whether an archive's member is anyone's: not what a Mac's archiver adds."""
    return not name.startswith(LEFT_BEHIND) and not PurePosixPath(name).name.startswith("._")


class Inside:
    """The layout of an archive's paths. endings: those that count as an image's there."""

    def __init__(self, names: Iterable[str]) -> None:
        names = list(names)
        plan = plan_of(named_tree(names))
        self.notes: tuple[Reading, ...] = tuple(
            replace(note, differs=False) for note in plan.notes if note.kind != "unwrapped"
        )  # no loader is given an archive
        self.endings = plan.endings
        self._places = {node.path: (split, label) for split, label, node in plan.folders}
        only = {PurePosixPath(name).parts[:-1] for name in names}
        if not self._places and len(plan.flat) == 1 and len(only) == 1 and (folders := only.pop()):
            self._places = {"/".join(folders): (WHOLE, folders[-1])}  # one class alone: the shared folder is the class

    def of(self, name: str) -> tuple[str, str] | None:
        """(split, class) of a path; None for one beside the class folders."""
        folders = PurePosixPath(name).parts[:-1]
        return next(
            (found for end in range(len(folders), 0, -1) if (found := self._places.get("/".join(folders[:end])))), None
        )
