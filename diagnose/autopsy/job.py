"""What the child is asked: the checkpoint, how the program feeds it, and the images; and its answers on the pipe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from diagnose.events import Note
from diagnose.model.checkpoint import Checkpoint, Feed, Known


@dataclass(frozen=True)
class Attribute:
    """What the scan measured of each validation image, as a few groups. groups: one name per image, in order."""

    name: str
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Job:
    """One checkpoint and the images that it is evaluated on.

    held_out, train: (absolute path, class index), each in a random order; shown: names of the held-out ones, as a
    report writes them; copies: of them, those whose picture is among the training images (for the parent). split:
    whether they are of a split of their own. written: the program's feed; size 0 where nothing says it. known: its
    parts that were read. model: package.module:factory, whose code is run; arch: a name that the person typed;
    said_arch: one that the program says. with_program: whether a program was given. seconds: after which no more is
    begun. program: the file of a program that is run and watched while it evaluates, "" for none, with its arguments;
    scratch: what it writes goes there; offline: whether it makes no connection.
    """

    file: str
    classes: tuple[str, ...] = ()
    held_out: tuple[tuple[str, int], ...] = ()
    train: tuple[tuple[str, int], ...] = ()
    shown: tuple[str, ...] = ()
    copies: tuple[int, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    split: bool = True
    written: Feed = field(default_factory=lambda: Feed(0))
    known: tuple[Known, ...] = ()
    assumed: tuple[str, ...] = ()
    stored_side: int = 224
    data_mean: tuple[float, ...] = ()
    data_std: tuple[float, ...] = ()
    model: str | None = None
    folders: tuple[str, ...] = ()
    arch: str | None = None
    said_arch: str | None = None
    device: str = "auto"
    with_program: bool = False
    seconds: float = 60.0
    program: str = ""
    arguments: tuple[str, ...] = ()
    scratch: str = ""
    offline: bool = False


class Examiner(Protocol):
    """Who examines. After `run`, checkpoint is what is known, hits has a "1" for each image it gets right, and why says
    what failed."""

    checkpoint: Checkpoint | None
    hits: str
    why: str

    def run(self, job: Job) -> Iterator[Note]:
        """Examines the checkpoint; yields what it is at."""
