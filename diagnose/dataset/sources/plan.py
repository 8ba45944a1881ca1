"""The layout of a tree of folders: the plan that layout.py creates."""

from __future__ import annotations

from dataclasses import dataclass, field

from diagnose.dataset.sources.tree import Node, holds_images, images_in, is_hidden, shows_images, spread
from diagnose.model import Reading, printable


@dataclass
class Plan:
    """A layout: (split, class, folder) of each class folder, (split, folder) of images without a class, and notes on
    how it was read. endings: the file extensions of images."""

    folders: list[tuple[str, str, Node]] = field(default_factory=list)
    flat: list[tuple[str, Node]] = field(default_factory=list)
    notes: list[Reading] = field(default_factory=list)
    endings: tuple[str, ...] = ()
    refused: str = ""  # why there is no unambiguous reading, and what to give instead

    @property
    def classes(self) -> set[str]:
        """The names of the classes."""
        return {label for _, label, _ in self.folders}

    def note(self, kind: str, said: str, step: str = "", differs: bool = False, place: str = "") -> None:
        """Add a note, once per kind."""
        if all(note.kind != kind for note in self.notes):
            self.notes.append(Reading(kind, said, step, differs, place))


def shown(node: Node, root: Node) -> str:
    """A folder's path below the root."""
    inner = node.path[len(root.path) :].lstrip("/") if node.path.startswith(root.path) else node.path
    return printable(f"{inner}/") if inner else "the folder"


def take_classes(node: Node, split: str, plan: Plan, root: Node) -> None:
    """Add every folder in a folder as a class, including hidden and empty ones, as ImageFolder does."""
    plan.folders += [(split, inner.name, inner) for inner in node.folders]


def is_nested(node: Node, plan: Plan) -> bool:
    """Whether a folder holds no images itself, but folders with images."""
    return not (shows_images(node, plan.endings) or images_in(node, plan.endings)) and any(
        holds_images(inner, plan.endings) for inner in spread(node.folders) if not is_hidden(inner)
    )
