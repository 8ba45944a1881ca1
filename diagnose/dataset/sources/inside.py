"""The class and split of a path inside an archive: by the layout of its folders, as on disk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path, PurePosixPath

from diagnose.dataset.sources.bylines import labels_by_line
from diagnose.dataset.sources.layout import plan_of
from diagnose.dataset.sources.source import loose_split
from diagnose.dataset.sources.tree import named_tree
from diagnose.model import WHOLE, Reading, printable

TABLES = (".csv", ".tsv", ".jsonl", ".parquet", ".xlsx")  # that may name splits or other labels
SHOWN = 3
LEFT_BEHIND = ("__MACOSX/",)  # added by macOS's archiver: never classes


def wanted(name: str) -> bool:
    """Whether an archive's member belongs to the data, and wasn't added by macOS's archiver."""
    return not name.startswith(LEFT_BEHIND) and not PurePosixPath(name).name.startswith("._")


class Inside:
    """The layout of an archive's paths. endings: the file extensions that count as images in it."""

    def __init__(self, names: Iterable[str]) -> None:
        names = list(names)
        plan = plan_of(named_tree(names))
        self.notes: tuple[Reading, ...] = tuple(
            replace(note, differs=False) for note in plan.notes if note.kind != "unwrapped"
        )  # no loader reads an archive
        if {split for split, _, _ in plan.folders} == {WHOLE} and (tables := list(filter(_is_table, names))):
            self.notes += (_unread(tables),)
        self.endings = plan.endings
        self._places = {node.path: (split, label) for split, label, node in plan.folders}
        self._listed: dict[str, tuple[str, str]] = {}
        only = {PurePosixPath(name).parts[:-1] for name in names}
        if not self._places and len(plan.flat) == 1 and len(only) == 1 and (folders := only.pop()):
            self._places = {"/".join(folders): (WHOLE, folders[-1])}  # a single class: the shared folder is the class

    def classes(self) -> set[str]:
        """The classes named by folders."""
        return {label for _, label in self._places.values()}

    def holds(self, names: Iterable[str]) -> bool:
        """Whether any of these paths has a class."""
        return any(self.of(name) for name in names)

    def label_by_lines(self, folder: Path, names: Iterable[str]) -> None:
        """Read the classes of images outside class folders from a file beside the archives with a line per image."""
        bare: dict[str, list[str]] = {}
        for name in names:
            if name.lower().endswith(self.endings) and self.of(name) is None:
                bare.setdefault(name.partition("/")[0], []).append(name)
        for top, own in bare.items():
            split = loose_split(top) or WHOLE
            found = labels_by_line(folder, len(own), split, self.classes())
            if found is not None:
                file, labels = found
                self._listed |= {name: (split, label) for name, label in zip(sorted(own), labels, strict=True)}
                said = (
                    f"The classes of {printable(top)} are the lines of {printable(file.name)}, in order of its names."
                )
                self.notes = (*(note for note in self.notes if note.kind != "unlabelled"), Reading("by-lines", said))

    def of(self, name: str) -> tuple[str, str] | None:
        """(split, class) of a path; None for one beside the class folders."""
        if name in self._listed:
            return self._listed[name]
        folders = PurePosixPath(name).parts[:-1]
        return next(
            (found for end in range(len(folders), 0, -1) if (found := self._places.get("/".join(folders[:end])))), None
        )


def one_tree(archives: Iterable[tuple[Path, str, list[str]]]) -> tuple[tuple[tuple[str, str], ...], list[str], Inside]:
    """Archives of a folder as one tree, each as a folder of its own name: (path and folder of each archive, all names,
    their layout). archives: (path, its own name, names in it)."""
    placed, names = [], []
    for path, own, held in archives:
        prefix = "" if all(name.startswith(f"{own}/") for name in held) else f"{own}/"  # train.zip often holds train/
        placed.append((str(path), prefix))
        names += [prefix + name for name in held]
    return tuple(placed), names, Inside(names)


def _is_table(name: str) -> bool:
    return wanted(name) and name.lower().removesuffix(".gz").endswith(TABLES)


def _unread(tables: list[str]) -> Reading:
    shown = printable(", ".join(PurePosixPath(name).name for name in tables[:SHOWN]))
    more = f" and {len(tables) - SHOWN} more" if len(tables) > SHOWN else ""
    said = f"Tables in the archive were not read ({shown}{more}): the folders are the classes, and no split is known."
    return Reading(
        "unread-tables", said, "Where one of them names the splits, unpack the archive and give that table as DATA."
    )
