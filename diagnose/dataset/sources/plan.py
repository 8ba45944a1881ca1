"""What stands where in a tree of folders: the plan that layout.py makes of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from diagnose.dataset.sources.tree import Node, holds_images, images_in, is_hidden, shows_images, spread
from diagnose.model import Reading, printable


@dataclass
class Plan:
    """What stands where: (split, class, folder) of each class folder, (split, folder) of images without a class, and
    what was done to see it so. endings: those that count as an image's."""

    folders: list[tuple[str, str, Node]] = field(default_factory=list)
    flat: list[tuple[str, Node]] = field(default_factory=list)
    notes: list[Reading] = field(default_factory=list)
    endings: tuple[str, ...] = ()
    refused: str = ""  # why there is no right reading, and what to give instead

    @property
    def classes(self) -> set[str]:
        """The names of the classes."""
        return {label for _, label, _ in self.folders}

    def note(self, kind: str, said: str, step: str = "", differs: bool = False, place: str = "") -> None:
        """Write down what was done, once."""
        if all(note.kind != kind for note in self.notes):
            self.notes.append(Reading(kind, said, step, differs, place))


def shown(node: Node, root: Node) -> str:
    """A folder's path below the root."""
    inner = node.path[len(root.path) :].lstrip("/") if node.path.startswith(root.path) else node.path
    return printable(f"{inner}/") if inner else "the folder"


def take_classes(node: Node, split: str, plan: Plan, root: Node) -> None:
    """Every folder of it as a class, hidden and empty ones too, as ImageFolder takes them."""
    plan.folders += [(split, inner.name, inner) for inner in node.folders]


def is_nested(node: Node, plan: Plan) -> bool:
    """Whether it holds no image itself, but folders with images."""
    return not (shows_images(node, plan.endings) or images_in(node, plan.endings)) and any(
        holds_images(inner, plan.endings) for inner in spread(node.folders) if not is_hidden(inner)
    )
