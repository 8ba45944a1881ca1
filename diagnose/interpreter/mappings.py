"""Objects of the program's own classes that are dicts, such as a Config: their keys are their attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from diagnose.interpreter.builtin import copy_of, dict_of, update
from diagnose.interpreter.overlay import Overlay
from diagnose.interpreter.values import Call, Const, Instance, Table, Value
from diagnose.model import Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

OVERLAY = Overlay("mappings")
BASES = ("dict", "OrderedDict", "UserDict", "EasyDict", "AttrDict", "Dict", "Namespace", "SimpleNamespace")


def is_mapping(value: Value | None) -> bool:
    """Whether a value is an instance of one of the program's classes that derives from dict or a similar class."""
    return isinstance(value, Instance) and any(name in BASES for name in value.cls.foreign())


def view(owner: Value | None) -> Table:
    """The object's keys as a live view: writes go to the object."""
    assert isinstance(owner, Instance)
    return Table(owner.at, owner.attrs)


def keys(owner: Value | None) -> Table:
    """The object's own keys, without those that the reader adds."""
    assert isinstance(owner, Instance)
    return Table(owner.at, {key: one for key, one in owner.attrs.items() if not str(key).startswith("__")})


@OVERLAY.handles(*(f"<{name}" for name in BASES))
def _begin(reader: Reader, made: Value | None, call: Call) -> Value | None:
    """Fill the object with the arguments of dict.__init__."""
    given = dict_of(reader, None, call)
    if isinstance(made, Instance) and isinstance(given, Table):
        for key, value in given.pairs.items():
            reader.write(made.attrs, key, value)
    return None


@OVERLAY.answer("item")
def _item(reader: Reader, owner: Value, key: Any, at: Location) -> Value | None:
    found: Value | None = view(owner).pairs.get(key) if is_mapping(owner) and isinstance(key, str | int) else None
    return found


@OVERLAY.answer("listed")
def _listed(reader: Reader, value: Value) -> list[Value] | None:
    return [Const(value.at, key) for key in keys(value).pairs] if is_mapping(value) else None


@OVERLAY.handles(".update", of=is_mapping)
def _update(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    return update(reader, view(owner), call)


@OVERLAY.handles(".copy", of=is_mapping)
def _copy(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    return copy_of(reader, keys(owner), call)


def _as_table(name: str) -> None:
    @OVERLAY.handles(f".{name}", of=is_mapping)
    def run(reader: Reader, owner: Value | None, call: Call) -> Value | None:
        return reader.registry.handled(reader, (f".{name}",), keys(owner), call)


for _name in ("get", "items", "keys", "values", "pop"):
    _as_table(_name)
