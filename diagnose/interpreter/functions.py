"""Functions and classes beyond their bodies: decorators, binding, the fields of dataclasses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import Call, Class, Function, Instance, Ref, Table, Thing, Value, unknown
from diagnose.model import Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader


def decorator_name(value: Value) -> str:
    """The dotted name of a decorator, "" where it is not a library's."""
    return value.name if isinstance(value, Ref | Thing) else ""


def has_decorator(function: Function | Class, *shorts: str) -> bool:
    """Whether one of the decorators has one of these last parts of its name."""
    return any(decorator_name(part).rpartition(".")[2] in shorts for part in function.decorators)


def bind(function: Function, owner: Value) -> Function:
    """The function with `owner` as its first argument; a static method as it is."""
    if has_decorator(function, "staticmethod"):
        return function
    return replace(function, bound=owner)


def bind_method(reader: Reader, function: Function, owner: Instance, at: Location) -> Value:
    """A method of an instance, bound; a property's value, a class method bound to the class."""
    if has_decorator(function, "property", "cached_property"):
        return reader.call(bind(function, owner), Call((), {}, at))
    return bind(function, owner.cls if has_decorator(function, "classmethod") else owner)


def decorated(reader: Reader, function: Function) -> Value:
    """A function after its decorators.

    Decorators that fill its parameters are followed. The program's own decorators run for their effects, such as
    registering the function, but their wrappers are ignored. An object whose method decorates the function keeps the
    function under the method's name, as @app.command does on app."""
    run_own(reader, function)
    for decorator in function.decorators:
        name = decorator_name(decorator)
        given = (decorator.args, decorator.kwargs) if isinstance(decorator, Thing) else ((), {})
        names = (f"@{name}", f"@*.{name.rpartition('.')[2]}")
        reader.registry.handled(reader, names, function, Call(*given, decorator.at))
        if isinstance(decorator, Thing) and isinstance(decorator.base, Thing):
            decorator.base.attrs[f"__{decorator.short}__"] = function
    return function


def run_own(reader: Reader, decorated: Function | Class) -> None:
    """Call the program's own decorators on what they decorate, the nearest first."""
    for decorator in reversed(decorated.decorators):
        if isinstance(decorator, Function):
            reader.call(decorator, Call((decorated,), {}, decorated.at))


def applied(reader: Reader, decorator: Value | None, call: Call) -> Function | None:
    """The function that a library's decorator is explicitly called on, as in click.option("--lr")(main).

    None for any other call.
    """
    function = call.args[0] if len(call.args) == 1 else None
    if not isinstance(decorator, Thing) or not isinstance(function, Function) or decorator.name.startswith("."):
        return None  # what a method makes of a function is its library's to say
    names = (f"@{decorator.name}", f"@*.{decorator.short}")
    if not any(map(reader.registry.has, names)):
        return None
    reader.registry.handled(reader, names, function, Call(decorator.args, decorator.kwargs, decorator.at))
    return function


def fill_fields(reader: Reader, instance: Instance, call: Call) -> None:
    """Set the fields of a dataclass's instance as its generated __init__ would, then call __post_init__."""
    order: list[str] = []
    for cls in reversed(list(instance.cls.lineage())):
        annotated = cls.names.get("__annotations__")
        if isinstance(annotated, Table):
            order += [name for name in annotated.pairs if name not in order]
    given = dict(zip(order, call.args, strict=False)) | call.kwargs
    for name in order:
        value = given.get(name) or _field_default(reader, instance.cls.find(name), call.at)
        if value is None:
            value = unknown(Reason.NOWHERE, f"`{name}` of {instance.cls.name} has no default", call.at)
        instance.attrs[name] = value
    for name, value in call.kwargs.items():
        instance.attrs.setdefault(name, value)
    after = instance.cls.find("__post_init__")
    if isinstance(after, Function):
        reader.call(bind(after, instance), Call((), {}, call.at))


def _field_default(reader: Reader, value: Value | None, at: Location) -> Value | None:
    if isinstance(value, Thing) and value.short in ("field", "Field", "ib"):
        if default := value.arg(0 if value.short != "field" else -1, "default"):
            return default
        maker = value.arg(-1, "default_factory", "factory")
        return reader.call(maker, Call((), {}, value.at)) if maker else None
    return value
