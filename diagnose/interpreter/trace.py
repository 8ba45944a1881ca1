"""The events of a program in order, indexed by name for fast look-up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import overload

from diagnose.interpreter.values import Event, Loop, Value


class Trace(Sequence[Event]):
    """The events of a program that was read. It grows while the program is being read."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._named: dict[tuple[str, str], list[Event]] = defaultdict(list)  # by kind and name
        self._kinds: dict[str, list[Event]] = defaultdict(list)

    def append(self, event: Event) -> None:
        """Add the next event; its index is its position."""
        self._events.append(event)
        self._named[event.kind, event.name].append(event)
        self._kinds[event.kind].append(event)

    def __len__(self) -> int:
        return len(self._events)

    def __iter__(self) -> Iterator[Event]:
        return iter(self._events)

    @overload
    def __getitem__(self, place: int) -> Event: ...

    @overload
    def __getitem__(self, place: slice) -> list[Event]: ...

    def __getitem__(self, place: int | slice) -> Event | list[Event]:
        return self._events[place]

    def calls(self, *names: str, before: int | None = None, of: Value | None = None) -> list[Event]:
        """The calls of these names, all calls where none is given, in order. before: an index; of: the object whose
        method is called."""
        return self._found("call", names, before, of)

    def sets(self, *attributes: str, before: int | None = None, of: Value | None = None) -> list[Event]:
        """Where one of these attributes is set, such as "requires_grad"; see `calls`."""
        return self._found("set", tuple(f".{name}" for name in attributes), before, of)

    def inside(self, loop: Loop) -> list[Event]:
        """The events within a loop."""
        return [event for event in self._events if loop in event.loops]

    def _found(self, kind: str, names: tuple[str, ...], before: int | None, of: Value | None) -> list[Event]:
        if not names:
            found = self._kinds[kind]
        elif len(names) == 1:
            found = self._named[kind, names[0]]
        else:
            found = sorted((one for name in names for one in self._named[kind, name]), key=lambda one: one.index)
        return [one for one in found if (before is None or one.index < before) and (of is None or one.target is of)]
