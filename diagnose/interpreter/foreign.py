"""Calls of things the program did not define: a library's names, and objects that a library returned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.interpreter.reasons import AT_RUN, Reason, Unknown
from diagnose.interpreter.values import Call, Const, Instance, Ref, Super, Thing, Value

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader


def call(reader: Reader, name: str, base: Value | None, call: Call) -> Value:
    """The result of calling a library's name, or an object that a library returned (`name` "()", the object as `base`).

    Records the call as an event.
    """
    name = reader.registry.canonical(name)
    names = ("()",) if name == "()" else (name, f"*.{name.rpartition('.')[2]}")
    result = reader.registry.handled(reader, names, base, call)
    if result is None:
        why = Unknown(Reason.RUN, f"it comes from {name}() when the program runs") if name != "()" else _why(base)
        result = Thing(call.at, name=name, args=call.args, kwargs=call.kwargs, base=base, why=why)
    reader.event("call", name, base, call, result)
    return result


def method(reader: Reader, owner: Value, name: str, made: Call) -> Value:
    """The result of a method that the program did not define itself. Records the call as an event."""
    if isinstance(owner, Ref):
        return call(reader, f"{owner.name}.{name}", None, made)
    if isinstance(owner, Super):
        if name == "__init__":
            reader.event("call", ".super", owner.of, made, owner.of)
            begin(reader, owner.of, made)
            return Const(made.at, None)
        owner = owner.of
    result = reader.registry.handled(reader, (f".{name}",), owner, made)
    if result is None:
        result = Thing(made.at, name=f".{name}", base=owner, args=made.args, kwargs=made.kwargs, why=_why(owner))
    reader.event("call", f".{name}", owner, made, result)
    return result


def begin(reader: Reader, instance: Instance, made: Call) -> None:
    """Do what a library class does by itself when the program instantiates a class derived from it."""
    for name in dict.fromkeys(instance.cls.foreign()):
        reader.registry.handled(reader, (f"<{name}",), instance, made)


def _why(owner: Value | None) -> Unknown:
    return owner.why if isinstance(owner, Thing) and owner.why else AT_RUN
