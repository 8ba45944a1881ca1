"""The values of a program's names while it is read: constants, results of library calls, and unknowns.

Every value knows where it was written. A value that is only known at run time is a Thing without a name, which
records the reason; it can still be called and followed, so that calls on it are seen.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diagnose.interpreter.reasons import AT_RUN, Reason, Unknown
from diagnose.model import Location

MISSING: Any = object()  # no value, not even an unknown one


@dataclass(eq=False)
class Value:
    """The value of a name or expression, with the place where it was written. Compared by identity."""

    at: Location


@dataclass(eq=False)
class Const(Value):
    """None, a bool, a number or a string."""

    data: Any


@dataclass(eq=False)
class Items(Value):
    """A list, tuple or set. `partial`: there may be more than the items known."""

    items: tuple[Value, ...] = ()
    kind: str = "list"
    partial: bool = False


@dataclass(eq=False)
class Table(Value):
    """A dict, a namespace of options or a config object. read: the keys that the program looked at.

    raw: for values that replaced an interpolation such as ${lr}, its text and the new value.
    """

    pairs: dict[Any, Value] = field(default_factory=dict)
    partial: bool = False
    read: set[Any] = field(default_factory=set)
    raw: dict[Any, tuple[Value, Value]] = field(default_factory=dict)

    def original(self, key: Any) -> Value:
        """A value with the file's interpolation, unless the program has replaced it since."""
        text, put = self.raw.get(key, (None, None))
        return text if text is not None and put is self.pairs[key] else self.pairs[key]


@dataclass(eq=False)
class Ref(Value):
    """A dotted name of a library: torch.optim.SGD."""

    name: str


class Given:
    """Mixin of everything that has `args` and `kwargs`."""

    args: tuple[Value, ...]
    kwargs: dict[str, Value]

    def arg(self, position: int, *names: str) -> Value | None:
        """An argument by any of its names, else by position (-1: by name only); None where it is not given."""
        for name in names:
            if name in self.kwargs:
                return self.kwargs[name]
        return self.args[position] if 0 <= position < len(self.args) else None


@dataclass(eq=False)
class Thing(Value, Given):
    """What a library returned. `name` is the dotted callee, or ".method" on `base`, "()" for a call of `base`,
    "[]" for an item of it, "op+" for arithmetic; empty where unknown. why: the reason it is not known."""

    name: str = ""
    args: tuple[Value, ...] = ()
    kwargs: dict[str, Value] = field(default_factory=dict)
    base: Value | None = None
    attrs: dict[Any, Any] = field(default_factory=dict)
    why: Unknown | None = None

    @property
    def short(self) -> str:
        """The last part of the callee's name."""
        return self.name.rpartition(".")[2]

    @property
    def package(self) -> str:
        """The first part of the callee's name: the library."""
        return self.name.partition(".")[0]


@dataclass(eq=False)
class Either(Value):
    """One of several values; which one is known at run time only."""

    options: tuple[Value, ...] = ()


@dataclass(eq=False)
class Scope:
    """Names of a function, class or module, and the enclosing scope."""

    names: dict[Any, Value]
    module: Module
    parent: Scope | None = None
    outer_names: set[str] = field(default_factory=set)  # declared global or nonlocal
    is_class: bool = False


@dataclass(eq=False)
class Module(Value):
    """A file of the program."""

    name: str
    path: Path
    names: dict[Any, Value] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)  # libraries imported by *


@dataclass(eq=False)
class Function(Value):
    """A function or lambda of the program, or one that the reader provides (`native`).

    bound: the first argument of a bound method. owner: the class that defines it. defaults: by parameter.
    """

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: Scope
    owner: Class | None = None
    bound: Value | None = None
    defaults: dict[str, Value] = field(default_factory=dict)
    decorators: tuple[Value, ...] = ()
    called: list[bool] = field(default_factory=list)  # shared by its bound copies; not empty once called
    native: Callable[[Call], Value] | None = None

    @property
    def name(self) -> str:
        """The name it is defined with, "<lambda>" for a lambda."""
        return getattr(self.node, "name", "<lambda>")


@dataclass(eq=False)
class Class(Value):
    """A class of the program. made: not empty once it was instantiated."""

    name: str
    bases: tuple[Value, ...]
    names: dict[Any, Value]
    scope: Scope
    node: ast.ClassDef
    decorators: tuple[Value, ...] = ()
    made: list[bool] = field(default_factory=list)

    def lineage(self) -> Iterable[Class]:
        """The class and its bases that the program itself defines, nearest first."""
        yield self
        for base in self.bases:
            if isinstance(base, Class) and base is not self:
                yield from base.lineage()

    def foreign(self) -> tuple[str, ...]:
        """The unqualified names of the library classes that it derives from."""
        return tuple(
            base.name.rpartition(".")[2] for own in self.lineage() for base in own.bases if isinstance(base, Ref)
        )

    def find(self, name: str, after: Class | None = None) -> Value | None:
        """An attribute by the order of bases, only beyond the class `after` where given; None where there is none."""
        searching = after is None
        for own in self.lineage():
            if searching and name in own.names:
                return own.names[name]
            searching = searching or own is after
        return None


@dataclass(eq=False)
class Instance(Value):
    """An instance of a class of the program."""

    cls: Class
    attrs: dict[Any, Value] = field(default_factory=dict)


@dataclass(eq=False)
class Super(Value):
    """The result of super(): the attributes of `of` that are defined beyond the class `after`."""

    of: Instance
    after: Class


@dataclass(frozen=True, eq=False)
class Loop:
    """A loop being read. `over`: what it iterates over; `unrolled`: whether each item was read by itself."""

    over: Value | None
    at: Location
    unrolled: bool = False


@dataclass(frozen=True)
class Guard:
    """One side of a condition that is only known at run time. test: the condition, where it is an expression."""

    number: int
    side: bool
    at: Location
    test: Value | None = None

    def excludes(self, other: Guard) -> bool:
        """Whether the two are different sides of one condition."""
        return self.number == other.number and self.side != other.side


@dataclass(frozen=True, eq=False)
class Call(Given):
    """A call about to be made."""

    args: tuple[Value, ...]
    kwargs: dict[str, Value]
    at: Location
    node: ast.AST | None = None
    partial: bool = False  # whether there may be more arguments, from * or ** of an unknown value


@dataclass(frozen=True, eq=False)
class Event(Given):
    """One action of the program, in order.

    kind: call, make (an instance of the program's class), set (an attribute or item), add (+=), append, invert
    (~), managed (what a library's own loop does) or unfollowed. guards: the run-time conditions it stands in.
    """

    kind: str
    name: str
    target: Value | None
    args: tuple[Value, ...]
    kwargs: dict[str, Value]
    result: Value
    at: Location
    index: int
    loops: tuple[Loop, ...]
    guards: tuple[Guard, ...]
    contexts: tuple[Value, ...]
    functions: tuple[Function, ...]

    @property
    def short(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]


def unknown(reason: Reason, clause: str, at: Location) -> Thing:
    """An unknown value, with the kind of reason and the clause that users see."""
    return Thing(at, why=Unknown(reason, clause))


def constant(value: Value | None) -> Any:
    """The plain Python value: a number, text, list, tuple or dict. Raises ValueError where a part is unknown."""
    match value:
        case Const(data=data):
            return data
        case Items(items=items, kind=kind, partial=False):
            plain = [constant(item) for item in items]
            return tuple(plain) if kind == "tuple" else plain
        case Table(pairs=pairs, partial=False):
            return {key: constant(item) for key, item in pairs.items()}
    raise ValueError(clause(value))


def is_key(data: Any) -> bool:
    """Whether plain data may be the key of a table: a tuple only where nothing in it is a list or table."""
    try:
        hash(data)
    except TypeError:
        return False
    return isinstance(data, str | int | float | bool | tuple | type(None))


def is_known(value: Value | None) -> bool:
    """Whether the whole value is known as plain Python data."""
    try:
        constant(value)
    except ValueError:
        return False
    return True


def plain(value: Value | None, default: Any = None) -> Any:
    """The plain Python value, or the default where a part of it is unknown."""
    try:
        return constant(value)
    except ValueError:
        return default


def named_source(value: Value | None) -> str | None:
    """The function or method that a value comes from, as the program writes it; None where it has no name.

    Items, arithmetic and the like count as coming from their operands.
    """
    for _ in range(20):
        if not isinstance(value, Thing) or not value.name:
            return None
        bare = value.name.lstrip(".")
        if value.name[:1] in ".abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_" and (
            "." in value.name and ":" not in value.name and not value.name.startswith("managed.")
        ):
            return bare.removeprefix("builtins.")
        value = value.base
    return None


def clause(value: Value | None) -> str:
    """Why a value is not known, as users see it."""
    return cause(value).clause


def cause(value: Value | None) -> Unknown:
    """Why a value is not known."""
    match value:
        case None:
            return Unknown(Reason.NOWHERE, "it is not given")
        case Thing(name=""):
            return value.why or AT_RUN
        case Thing(base=Thing(name="", why=Unknown() as why)):
            return why
        case Thing():
            source = named_source(value)
            if source is None:
                return value.why or AT_RUN
            return Unknown(Reason.RUN, f"it comes from {source}() when the program runs")
        case Either(options=options):
            alternatives = " or ".join(dict.fromkeys(shown(option) for option in options))
            if alternatives == "unknown":
                return cause(options[0])
            return Unknown(Reason.CONDITION, f"it is {alternatives}, by a condition that is known only at run time")
        case Items(items=items):
            return _of_parts(items)
        case Table(pairs=pairs):
            return _of_parts(pairs.values())
    return Unknown(Reason.UNFOLLOWED, "it isn't a plain value")


def _of_parts(parts: Iterable[Value]) -> Unknown:
    rest = Unknown(Reason.UNREAD, "not all of it is known")
    return next((cause(part) for part in parts if not is_known(part)), rest)


def shown(value: Value) -> str:
    """A value in a few characters."""
    match value:
        case Const(data=data):
            return repr(data)
        case Ref(name=name):
            return name
        case Thing():
            source = named_source(value)
            return f"{source}(…)" if source else "unknown"
        case Instance(cls=cls):
            return f"{cls.name}(…)"
    return repr(plain(value, "unknown"))


def same(one: Value | None, other: Value | None) -> bool:
    """Whether two values are certainly the same: one object, equal constants of one type, or one library name."""
    if one is other:
        return True
    if isinstance(one, Const) and isinstance(other, Const):
        return type(one.data) is type(other.data) and one.data == other.data
    if isinstance(one, Ref) and isinstance(other, Ref):
        return one.name == other.name
    return False


def either(options: Iterable[Value], at: Location) -> Value:
    """Several values as one: the value itself where all are the same, else an Either of at most six."""
    flat: list[Value] = []
    for option in options:
        for part in option.options if isinstance(option, Either) else (option,):
            if not any(same(part, kept) for kept in flat):
                flat.append(part)
    return flat[0] if len(flat) == 1 else Either(at, tuple(flat[:6]))


def truth(value: Value) -> bool | None:
    """Whether a value counts as true; None where that is known at run time only."""
    match value:
        case Const(data=data):
            return bool(data)
        case Items(items=items, partial=partial):
            return True if items else (None if partial else False)
        case Table(pairs=pairs, partial=partial):
            return True if pairs else (None if partial else False)
        case Function() | Class() | Instance() | Module():
            return True
        case Thing(name=name, attrs=attrs):
            made = name.rpartition(".")[2][:1].isupper() or "__true__" in attrs
            return True if made and not name.startswith(".") else None
        case Either(options=options):
            truths = {truth(option) for option in options}
            return truths.pop() if len(truths) == 1 else None
    return None
