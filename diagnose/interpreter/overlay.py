"""Models of libraries for the interpreter: overlays, one for each library, and the registry of those in use.

An overlay defines the results of calls: by the called name, or by a method's name and the kind of object that it is
called on. The interpreter itself knows no library: it asks its registry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from diagnose.interpreter.values import Call, Value
from diagnose.model import Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

Handler = Callable[["Reader", Value | None, Call], Value | None]
Receiver = Callable[[Value | None], bool]
# What an overlay may know about an object from its kind alone, with the arguments of each question:
QUESTIONS = (
    "attribute",  # (reader, owner, name, at): an attribute, as a Value
    "item",  # (reader, owner, key, at): an item at a plain key, as a Value
    "listed",  # (reader, value): its parts in order, as a list of Values
    "length",  # (value, at): its len(), as a Value
    "home",  # (name, stars): which of several libraries a name from `import *` is likely from
    "calls",  # (owner, name): True where calling the object calls this method
    "trains",  # (event): True where the event trains a network
    "finishes",  # (reader, module): True where it followed a file that describes a training without calling one
    "unmade",  # (reader, class): True where it followed a class that nothing instantiates
)


class Overlay:
    """The model of one library.

    packages: its top-level names, so that a copy of it beside the program is not read as part of the program. aliases:
    other prefixes of its names, by its own prefix. understood: packages whose functions neither train, validate nor
    change the mode of their arguments, except as modelled. ends: calls that end the program.
    """

    def __init__(
        self,
        name: str,
        packages: Iterable[str] = (),
        aliases: Mapping[str, str] | None = None,
        understood: Iterable[str] = (),
        ends: Iterable[str] = (),
    ) -> None:
        self.name, self.packages, self.aliases = name, frozenset(packages), dict(aliases or {})
        self.understood, self.ends = frozenset(understood), frozenset(ends)
        self.handlers: list[tuple[str, Receiver | None, Handler]] = []
        self.answers: dict[str, Callable[..., Any]] = {}

    def handles(self, *names: str, of: Receiver | None = None) -> Callable[[Handler], Handler]:
        """Register a handler for the results of calls: by full name, "*.Name" of any library, ".method", "()" for
        calling a library's object, "@decorator" where it decorates a function, "<Base" where the program instantiates a
        class derived from it. of: the objects whose method is meant. A handler that returns None leaves the call to
        the next one."""

        def register(handler: Handler) -> Handler:
            self.handlers += [(name, of, handler) for name in names]
            return handler

        return register

    def answer(self, question: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register the answer to one of the QUESTIONS; returning None leaves it unanswered."""
        assert question in QUESTIONS

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            self.answers[question] = function
            return function

        return register


class Registry:
    """The overlays in use. Raises ValueError for two handlers of one name and one kind of object."""

    def __init__(self, overlays: Iterable[Overlay]) -> None:
        self.overlays = tuple(overlays)
        self._aliases = {there: own for one in self.overlays for there, own in one.aliases.items()}
        self._packages = frozenset().union(*(one.packages for one in self.overlays))
        self.understood = frozenset().union(*(one.understood for one in self.overlays))
        self.ends = frozenset().union(*(one.ends for one in self.overlays))
        self._handlers: dict[str, list[tuple[Receiver | None, Handler]]] = {}
        owners: dict[tuple[str, Receiver | None], str] = {}
        for overlay in self.overlays:
            for name, of, handler in overlay.handlers:
                if (name, of) in owners:
                    raise ValueError(f"{name} is handled by {owners[name, of]} and by {overlay.name}")
                owners[name, of] = overlay.name
                known = self._handlers.setdefault(name, [])
                known.insert(0 if of else len(known), (of, handler))

    def canonical(self, name: str) -> str:
        """The library's main name for an object with several, such as tensorflow.keras and keras."""
        end = len(name)
        while end > 0:
            if (own := self._aliases.get(name[:end])) is not None:
                return own + name[end:]
            end = name.rfind(".", 0, end)
        return name

    def is_library(self, package: str) -> bool:
        """Whether the first part of a name is a known library's."""
        return package in self._packages

    def handled(self, reader: Reader, names: Iterable[str], base: Value | None, call: Call) -> Value | None:
        """The result from the first handler of the first of these names that has one; None where none applies."""
        for name in names:
            if name not in self._handlers:
                continue
            for of, handler in self._handlers[name]:
                if (of is None or of(base)) and (result := handler(reader, base, call)) is not None:
                    return result
            return None
        return None

    def has(self, name: str) -> bool:
        """Whether anything handles the name."""
        return name in self._handlers

    def attribute(self, reader: Reader, owner: Value, name: str, at: Location) -> Value | None:
        """An attribute that an object has by its kind; None where no overlay knows it."""
        value: Value | None = self.ask("attribute", reader, owner, name, at)
        return value

    def item(self, reader: Reader, owner: Value, key: Any, at: Location) -> Value | None:
        """The item at a plain key of an object; None where no overlay knows it."""
        value: Value | None = self.ask("item", reader, owner, key, at)
        return value

    def listed(self, reader: Reader, value: Value) -> list[Value] | None:
        """The parts of an object in order; None where no overlay knows them."""
        parts: list[Value] | None = self.ask("listed", reader, value)
        return parts

    def length(self, value: Value | None, at: Location) -> Value | None:
        """len() of an object; None where no overlay knows it."""
        length: Value | None = self.ask("length", value, at)
        return length

    def ask(self, question: str, *about: Any) -> Any:
        """The first answer to one of the QUESTIONS; None where no overlay has one."""
        for overlay in self.overlays:
            if question in overlay.answers and (answer := overlay.answers[question](*about)) is not None:
                return answer
        return None
