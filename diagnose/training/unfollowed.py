"""Calls that the reader did not follow, and their arguments: the basis of every claim that something is absent.

A call is followed where the program defines the callee, or where the callee's library is known to do nothing to a
network, its optimizer or its loaders beyond what is modelled. Every other call may do anything to its arguments.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Class, Either, Event, Function, Instance, Items, Ref, Table, Thing, Value
from diagnose.libraries import is_understood
from diagnose.model import Location

# Functions that only show or store their arguments, in any library.
SHOWING = ("print", "save", "log", "plot", "show", "draw", "summary", "count", "watch", "profile", "export", "write",
           "display", "record", "dump", "visuali", "report", "num_", "get_num", "format", "add_graph", "add_scalar",
           "backup", "store", "track", "seed", "set_seed", "fix_seed", "init_seed", "get_lr", "get_device",
           "to_device", "accuracy", "topk", "time", "average")  # fmt: skip
# Methods that return a part or another form of their object, and do nothing to it.
READING = frozenset((
    "parameters", "named_parameters", "state_dict", "children", "named_children", "modules", "named_modules", "items",
    "keys", "values", "get", "append", "extend", "to", "cuda", "cpu", "size", "numpy", "item", "detach", "format",
    "split", "join", "strip", "lower", "read", "copy", "tolist", "mean", "sum", "max", "min", "shape", "parse_args",
))  # fmt: skip
# Functions of known libraries that load weights into a network.
LOADING = ("load_checkpoint", "load_model", "load_weights", "load_state", "resume_checkpoint", "load_pretrained",
           "load_state_dict", "restore", "resume")  # fmt: skip
STARTERS = ("Process", "Thread", "submit", "start_processes", "run_in_executor", "notebook_launcher")
DEEPEST = 5


@dataclass(frozen=True, eq=False)
class UnfollowedCall:
    """A call that may do anything to its arguments.

    what: the callee as the program writes it. anything: it received a function of the program that nothing else
    calls, so that it can reach everything this function sees. loads: it is known to load weights.
    """

    what: str
    event: Event
    received: tuple[Value, ...]
    anything: bool = False
    loads: bool = False

    @property
    def at(self) -> Location:
        """Where the call is."""
        return self.event.at

    def reaches(self, wanted: Iterable[Value | None]) -> bool:
        """Whether one of the values went into the call, directly or inside another value."""
        ids = {id(value) for value in wanted if value is not None}
        return bool(ids) and (self.anything or any(id(one) in ids for one in within(self.received)))


# For each reader: how many of its events were checked, and the calls found among them.
_OF_READERS: WeakKeyDictionary[Reader, tuple[int, list[UnfollowedCall]]] = WeakKeyDictionary()


def unfollowed_calls(reader: Reader) -> list[UnfollowedCall]:
    """Every call that was not followed, in order. Each event is checked only once, however often this is called."""
    begin, known = _OF_READERS.get(reader, (0, []))
    known += [found for event in reader.trace[begin:] if (found := unfollowed(event)) is not None]
    _OF_READERS[reader] = len(reader.trace), known
    return list(known)


def unfollowed(event: Event) -> UnfollowedCall | None:
    """The event as a call that was not followed; None for any other."""
    given = (*event.args, *event.kwargs.values())
    if event.kind == "unfollowed":
        what = event.name if " " in event.name else f"{event.name}()"
        return UnfollowedCall(what, event, (*given, *_owner(event)), _hands_over(given))
    if event.kind != "call" or event.name == ".super":
        return None
    short = event.name.rpartition(".")[2]
    if event.name[:1].isalpha():
        package = event.name.partition(".")[0]
        starts = short in STARTERS and _hands_over(given)
        if is_understood(package) and not starts:
            return UnfollowedCall(f"{event.name}()", event, given, loads=True) if short in LOADING and given else None
        if short.lower().startswith(SHOWING) and not starts:
            return None
        return UnfollowedCall(f"{event.name}()", event, given, _hands_over(given))
    if event.target is None or _known_owner(event.target):
        return None
    if event.name.startswith(".") and (short.lower().startswith(SHOWING) or short in READING):
        return None
    owner = written(event.target)
    method = event.name if event.name != "()" else ""
    what = f"{owner}{method}()" if owner else f"{short}()" if method else "a function that is not known"
    return UnfollowedCall(what, event, (*given, event.target), _hands_over(given))


def _owner(event: Event) -> tuple[Value, ...]:
    return (event.target,) if event.target is not None else ()


def _known_owner(owner: Value) -> bool:
    """Whether the methods of an object, and a call of it, are understood."""
    match owner:
        case Instance(cls=cls):
            return all(is_understood(base.name.partition(".")[0]) for base in foreign_bases(cls))
        case Class():
            return all(is_understood(base.name.partition(".")[0]) for base in foreign_bases(owner))
        case Either(options=options):
            return all(map(_known_owner, options))
        case Ref(name=name):
            return is_understood(name.partition(".")[0])
        case Thing():
            return _known_origin(owner)
    return True


def _known_origin(thing: Thing) -> bool:
    """Whether a value's origin is understood; a network's tensor is, an unknown value isn't."""
    for _ in range(40):
        if thing.name == "":
            return False
        if thing.name[:1].isalpha() and thing.name != "item":
            return is_understood(thing.package) or ":" in thing.name or "." not in thing.name
        if not isinstance(thing.base, Thing):
            return thing.base is None or _known_owner(thing.base)
        thing = thing.base
    return True


def foreign_bases(cls: Class) -> Iterator[Ref]:
    """The library classes that a class of the program derives from."""
    for own in cls.lineage():
        for base in own.bases:
            if isinstance(base, Ref):
                yield base


def _hands_over(given: tuple[Value, ...]) -> bool:
    """Whether a function of the program that nothing called so far is among the values."""
    return any(isinstance(one, Function) and not one.called for one in within(given))


def within(values: Iterable[Value]) -> Iterator[Value]:
    """The values and everything in them: items, attributes, the arguments of a library's object."""
    waiting = [(value, 0) for value in values]
    seen: set[int] = set()
    while waiting:
        value, depth = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        yield value
        if depth < DEEPEST:
            waiting += [(part, depth + 1) for part in _held(value)]


def _held(value: Value) -> list[Value]:
    match value:
        case Items(items=items):
            return list(items)
        case Table(pairs=pairs):
            return list(pairs.values())
        case Either(options=options):
            return list(options)
        case Instance(attrs=attrs):
            return [part for name, part in attrs.items() if isinstance(part, Value) and not str(name).startswith("__")]
        case Function(bound=bound):
            return [bound] if bound is not None else []
        case Thing(name=name, base=base) if name.startswith((".", "[")):
            return [base] if base is not None else []
        case Thing(name=name, args=args, kwargs=kwargs) if name[:1].isalpha():
            return [*args, *kwargs.values()]
    return []


def described(value: Value | None) -> str:
    """A value's name in a message."""
    return written(value) or "an object that is not known"


def written(value: Value | None) -> str:
    """A value as the program would write it, in a few characters; empty where it has no name."""
    match value:
        case Thing(name=name, base=base) if name.startswith("."):
            owner = written(base)
            return f"{owner}{name}" if owner else name.lstrip(".")
        case Thing(name=name, base=base) if name.startswith("[") and base is not None:
            return f"{owner}[…]" if (owner := written(base)) else ""
        case Thing(name="()", base=base) if base is not None:
            return f"{owner}(…)" if (owner := written(base)) else ""
        case Thing(name=name, base=base) if name.startswith("child:"):
            owner, part = written(base), name.removeprefix("child:")
            return f"{owner}(…).{part}" if owner else part
        case Thing(name=name) | Ref(name=name) if name[:1].isalpha() and "." in name:
            return name.removeprefix("builtins.")  # names without a dot are the reader's own: op+, item, compare
        case Instance(cls=cls):
            return cls.name
    return ""
