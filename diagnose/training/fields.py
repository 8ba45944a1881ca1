"""Collects a program's value for each field of the configuration, with its place, or why it is unknown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from diagnose.interpreter.values import Either, Items, Table, Thing, Value, clause, is_known, plain
from diagnose.model import Config, Location, Setting

# The fields for how images reach the network: augmentations, size, scaling, mean, std, for each split.
TRAIN_FIELDS = ("train_augmentations", "input_size", "scaling", "mean", "std")
LARGEST = 1e300  # a larger integer doesn't fit a float
VAL_FIELDS = ("val_augmentations", "val_input_size", "val_scaling", "val_mean", "val_std")


class Fields:
    """Fields of the configuration as they become known. The first known value of a field stays."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.settings: dict[str, Setting[Any]] = {}

    def know(self, name: str, data: Any, at: Location) -> None:
        """Set a field to a value read at `at`, unless it is already known."""
        old = self.settings.get(name)
        if old is None or not old.known:
            self.settings[name] = Setting(data, True, at.file, at.line, at.cell, why="")

    def unknown(self, name: str, why: str) -> None:
        """Mark a field as unknown, with the reason `why` as a clause, unless it is already set."""
        self.settings.setdefault(name, Setting(file=self.file, why=f"`{name}` is not known: {why}"))

    def take(self, name: str, value: Value | None, kind: type, default: Any = None, at: Location | None = None) -> None:
        """Set a field from a value of the program, as `kind`: float, int, str or bool.

        default: the library's default where the value is missing or None; without `at` it is not used. A value that is
        unknown or of another type marks the field as unknown; a missing one without a default sets nothing.
        """
        if value is None:
            if default is not None and at is not None:
                self.know(name, default, at)
            return
        data = plain(value)
        if kind is float and isinstance(data, int) and not isinstance(data, bool) and abs(data) < LARGEST:
            data = float(data)
        if kind is int and isinstance(data, float) and data.is_integer():
            data = int(data)
        if isinstance(data, kind) and not (kind is not bool and isinstance(data, bool)):
            self.know(name, data, value.at)
        elif is_known(value) and data is None and default is not None and at is not None:
            self.know(name, default, at)
        else:
            self.unknown(name, f"it is {data!r}" if is_known(value) else clause(value))

    def forget(self, name: str, why: str) -> None:
        """Mark a field as unknown, even if known: the program gives it several values."""
        self.settings[name] = Setting(file=self.file, why=f"`{name}` is not known: {why}")

    def differ(self, later: Fields, verb: str) -> None:
        """Mark known fields as unknown where a later training of the program sets another value or leaves them unknown.

        verb: what the program does more than once, "trains" or "fits".
        """
        for name, one in list(self.settings.items()):
            two = later.settings.get(name)
            if two is None or not one.known or (two.known and one.value == two.value):
                continue
            then = f"{shown_setting(two)} (line {two.line})" if two.known else "a value that is not known"
            self.forget(name, f"the program {verb} more than once: {shown_setting(one)} (line {one.line}), then {then}")

    def config(self) -> Config:
        """The fields as a Config; fields that were never set are unknown: the program does not give them."""
        silent: dict[str, Setting[Any]] = {
            name: Setting(file=self.file, why=f"the program does not say `{name}`")
            for name, _ in Config().settings()
            if name not in self.settings
        }
        return Config(**silent, **self.settings)


def shown_setting(setting: Setting[Any]) -> str:
    """A known value as text for a sentence."""
    value = setting.value
    return (", ".join(map(str, value)) or "none") if isinstance(value, tuple) else str(value)


def ancestors(value: Value | None, most: int = 4000) -> Iterator[Value]:
    """Everything that a value was computed from, at most `most` values: itself first, then nearest first."""
    waiting: list[Value] = [value] if value is not None else []
    seen: set[int] = set()
    place = 0
    while place < len(waiting) and place < most:
        one = waiting[place]
        place += 1
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        if isinstance(one, Thing):
            waiting += [part for part in (one.base, *one.args, *one.kwargs.values()) if part is not None]
        elif isinstance(one, Items):
            waiting += one.items
        elif isinstance(one, Table):
            waiting += one.pairs.values()
        elif isinstance(one, Either):
            waiting += one.options


def snake(name: str) -> str:
    """RandomHorizontalFlip as random_horizontal_flip."""
    out = []
    for place, letter in enumerate(name):
        after_lower = place and letter.isupper() and (name[place - 1].islower() or name[place - 1].isdigit())
        before_lower = (
            place and letter.isupper() and name[place - 1].isupper() and name[place + 1 : place + 2].islower()
        )
        out.append(("_" if after_lower or before_lower else "") + letter.lower())
    return "".join(out)
