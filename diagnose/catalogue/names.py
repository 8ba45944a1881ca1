"""Looks names up however they are written: AdamW, adamw, adam_w and "Adam-W" are one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar


class Named(Protocol):
    """An entry of the catalogue: its canonical name and every other that a library or a person gives it."""

    @property
    def name(self) -> str:
        """The canonical name."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """Every other name, as libraries and people write it."""
        ...


Entry = TypeVar("Entry", bound=Named)


def key(name: str) -> str:
    """The letters and digits of a name, in lower case."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def index(entries: Iterable[Entry]) -> dict[str, Entry]:
    """The entries by the `key` of each of their names. Raises ValueError where two entries share a key."""
    found: dict[str, Entry] = {}
    for entry in entries:
        for name in (entry.name, *entry.names):
            if found.setdefault(key(name), entry) is not entry:
                raise ValueError(f"{name} is both {found[key(name)].name} and {entry.name}")
    return found
