"""Functions and classes as values, and the results of calling them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from diagnose.interpreter import expressions, foreign, functions
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import (
    Call,
    Class,
    Const,
    Either,
    Function,
    Instance,
    Items,
    Ref,
    Scope,
    Table,
    Thing,
    Value,
    either,
    unknown,
)
from diagnose.model import Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

DEEPEST = 28  # calls within calls
MOST_REPEATS = 2  # recursive calls of one function
MOST_REPEATS_OVER_DATA = 6  # where its arguments are plain data, such as nested settings
MOST_OPTIONS = 3  # how many of the values that a name may have are called


def lost(reader: Reader, name: str, call: Call, why: str) -> Value:
    """Record a call that is not followed as an event, and return an unknown value for the reason `why`.

    The call may have done anything to its arguments.
    """
    result = unknown(Reason.UNFOLLOWED, why, call.at)
    reader.event("unfollowed", name, None, call, result)
    return result


def _leave_out(reader: Reader, options: tuple[Value, ...], call: Call) -> None:
    if len(options) > MOST_OPTIONS:
        lost(reader, "one of several functions", call, "it is one of many functions")


def function(reader: Reader, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> Value:
    """A function as its definition leaves it, after its decorators."""
    decorators = tuple(reader.evaluate(part, scope) for part in node.decorator_list)
    made = Function(reader.at(node), node, scope, decorators=decorators, defaults=defaults(reader, node.args, scope))
    return functions.decorated(reader, made)


def defaults(reader: Reader, arguments: ast.arguments, scope: Scope) -> dict[str, Value]:
    """The default values of parameters, by name."""
    plain_ones = [*arguments.posonlyargs, *arguments.args]
    given = dict(zip(reversed([a.arg for a in plain_ones]), reversed(arguments.defaults), strict=False))
    given |= {a.arg: d for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None}
    return {name: reader.evaluate(default, scope) for name, default in given.items()}


def class_(reader: Reader, node: ast.ClassDef, scope: Scope) -> Class:
    """A class as its definition leaves it, its body read."""
    bases = tuple(reader.evaluate(base, scope) for base in node.bases)
    inner = Scope({}, scope.module, scope, is_class=True)
    decorators = tuple(reader.evaluate(part, scope) for part in node.decorator_list)
    made = Class(reader.at(node), node.name, bases, inner.names, scope, node, decorators)
    reader.body(node.body, inner)
    for value in inner.names.values():
        if isinstance(value, Function) and value.owner is None:
            value.owner = made
    functions.run_own(reader, made)
    return made


def called(reader: Reader, callee: Value, call: Call) -> Value:
    """The result of calling a value. Calls of libraries become events, and so do those that are not followed."""
    reader.step()
    match callee:
        case Function():
            return _call_function(reader, callee, call)
        case Class():
            return _make(reader, callee, call)
        case Instance():
            return _call_instance(reader, callee, call)
        case Either(options=options):
            _leave_out(reader, options, call)
            return either([called(reader, option, call) for option in options[:MOST_OPTIONS]], call.at)
        case Ref(name=name):
            return foreign.call(reader, name, None, call)
        case Thing():
            return functions.applied(reader, callee, call) or foreign.call(reader, "()", callee, call)
    return lost(reader, "an object that is not a function", call, "it is not a function that was found")


def method(reader: Reader, owner: Value, name: str, call: Call) -> Value:
    """The result of owner.name(…): by the program's own method, else by the library's."""
    if isinstance(owner, Either):
        _leave_out(reader, owner.options, call)
        return either([method(reader, option, name, call) for option in owner.options[:MOST_OPTIONS]], call.at)
    if reader.registry.ask("calls", owner, name):
        return called(reader, owner, call)
    found = expressions.own_attribute(reader, owner, name, call.at)
    if found is not None:
        return called(reader, found, call)
    return foreign.method(reader, owner, name, call)


def _call_function(reader: Reader, function: Function, call: Call) -> Value:
    if function.native:
        return function.native(call)
    repeats = sum(active.node is function.node for active in reader.functions)
    over_data = bool(call.args) and all(isinstance(one, Const | Items | Table) for one in call.args)
    if len(reader.functions) >= DEEPEST or repeats >= (MOST_REPEATS_OVER_DATA if over_data else MOST_REPEATS):
        return lost(reader, function.name, call, f"{function.name}() calls itself or lies too deep")
    function.called.append(True)
    scope = Scope(_bound(reader, function, call), function.scope.module, function.scope)
    depth, before = len(reader.contexts), (reader.file, reader.cell)
    reader.contexts += [part for part in function.decorators if isinstance(part, Ref | Thing)]
    reader.functions.append(function)
    reader.frames.append([])
    reader.scopes.append(scope)
    reader.file, reader.cell = function.at.file, function.at.cell
    try:
        if isinstance(function.node, ast.Lambda):
            return reader.evaluate(function.node.body, scope)
        signal = reader.body(function.node.body, scope)
        returned = reader.frames[-1]
        if signal is None and returned:
            returned = [value for value in returned if not (isinstance(value, Const) and value.data is None)]
        if signal == "raise" and not returned:
            return Thing(call.at, name="raised")
        if id(function.node) in reader.generators:
            return Thing(call.at, name="generator", args=tuple(returned))
        result = either(returned, call.at) if returned else Const(call.at, None)
        _note_maker(function, result, call)
        return result
    except RecursionError:
        return lost(reader, function.name, call, f"{function.name}() lies too deep")
    finally:
        reader.functions.pop()
        reader.frames.pop()
        reader.scopes.pop()
        del reader.contexts[depth:]
        reader.file, reader.cell = before


def _note_maker(function: Function, result: Value, call: Call) -> None:
    """Record on an object the functions of its class's file that returned it, innermost first."""
    if isinstance(result, Instance) and result.at.file == function.at.file and function.bound is None:
        known = result.attrs.get("__makers__")
        before = known.items if isinstance(known, Items) else ()
        result.attrs["__makers__"] = Items(call.at, (*before, Const(call.at, function.name)))


def _bound(reader: Reader, function: Function, call: Call) -> dict[Any, Value]:
    arguments = function.node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    given = [function.bound, *call.args] if function.bound is not None else list(call.args)
    names: dict[Any, Value] = dict(function.defaults)
    for parameter, value in zip(positional, given, strict=False):
        if call.partial and isinstance(value, Items) and value.partial:  # an unpacked * that is not fully known
            break
        names[parameter.arg] = value
    accepted = {parameter.arg for parameter in (*positional, *arguments.kwonlyargs)}
    names |= {name: value for name, value in call.kwargs.items() if name in accepted}
    for parameter in (*positional, *arguments.kwonlyargs):
        if parameter.arg not in names and reader.assumed.get(parameter.arg, "").endswith("()"):
            names[parameter.arg] = expressions.assumed(reader, parameter.arg, function.scope, reader.at(parameter))
        elif parameter.arg not in names:
            why = f"`{parameter.arg}` of {function.name}() is given by what calls it"
            names[parameter.arg] = unknown(
                Reason.GIVEN, why, Location(function.at.file, parameter.lineno, function.at.cell)
            )
    if arguments.vararg:
        rest = given[len(positional) :]
        names[arguments.vararg.arg] = Items(call.at, tuple(v for v in rest if v is not None), "tuple")
    if arguments.kwarg:
        extra = {name: value for name, value in (function.defaults | call.kwargs).items() if name not in accepted}
        names[arguments.kwarg.arg] = Table(call.at, extra)
    return names


def _make(reader: Reader, cls: Class, call: Call) -> Value:
    cls.made.append(True)
    made = Instance(call.at, cls)
    start = cls.find("__init__")
    if isinstance(start, Function):
        _call_function(reader, functions.bind(start, made), call)
    else:
        functions.fill_fields(reader, made, call)
        foreign.begin(reader, made, call)
    reader.event("make", cls.name, cls, call, made)
    return made


def _call_instance(reader: Reader, instance: Instance, call: Call) -> Value:
    foreign = instance.cls.foreign()
    for name in ("__call__", "forward", "call") if foreign else ("__call__",):
        found = instance.cls.find(name)
        if isinstance(found, Function):
            active = any(f.node is found.node and f.bound is instance for f in reader.functions)
            result = _call_function(reader, functions.bind(found, instance), call) if not active else None
            if result is None or (isinstance(result, Const) and result.data is None):
                result = Thing(call.at, name="()", base=instance, args=call.args, kwargs=call.kwargs)
            reader.event("call", "()", instance, call, result)
            return result
    result = Thing(call.at, name="()", base=instance, args=call.args, kwargs=call.kwargs)
    reader.event("call", "()", instance, call, result)
    return result
