"""Reads statements: assignments, conditions, loops, and definitions of functions and classes."""

from __future__ import annotations

import ast
import functools
from typing import TYPE_CHECKING, Any

from diagnose.interpreter import calls, expressions, functions, imports, operators
from diagnose.interpreter.reasons import GROWS, Reason
from diagnose.interpreter.values import (
    MISSING,
    Call,
    Class,
    Const,
    Either,
    Function,
    Instance,
    Items,
    Loop,
    Module,
    Scope,
    Table,
    Thing,
    Value,
    either,
    is_key,
    plain,
    truth,
    unknown,
)
from diagnose.model import Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

FEW_PLACES = 4  # most iterations of a loop that changes items, such as an image's channels
LONGEST_UNROLLED = 400  # items of a known list; ResNet152 has 467 parameters, ResNet50 161


def read(reader: Reader, statements: list[ast.stmt], scope: Scope) -> str | None:
    """Read statements in order. Returns None at their end, else "return", "break", "continue" or "raise"."""
    for statement in statements:
        reader.step()
        signal = _statement(reader, statement, scope)
        if signal:
            return signal
    return None


def _statement(reader: Reader, node: ast.stmt, scope: Scope) -> str | None:
    match node:
        case ast.Expr(value=value):
            result = reader.evaluate(value, scope)
            if isinstance(value, ast.Call):
                reader.unused_results.add((reader.file, reader.cell, value.lineno))
            return "raise" if isinstance(result, Thing) and reader.ends(result) else None
        case ast.Assign(targets=targets, value=value):
            result = reader.evaluate(value, scope)
            if _adds_to_itself(targets, value) and isinstance(result, Thing) and len(result.args) == 2:
                reader.event(
                    "add", ast.unparse(targets[0]), result.args[0], Call(result.args[1:], {}, reader.at(node)), result
                )
            for target in targets:
                assign(reader, target, result, scope)
        case ast.AnnAssign(target=target, value=given):
            if given is not None:
                assign(reader, target, reader.evaluate(given, scope), scope)
            if scope.is_class and isinstance(target, ast.Name):
                order = scope.names.setdefault("__annotations__", Table(reader.at(node)))
                assert isinstance(order, Table)
                order.pairs[target.id] = _annotation(reader, node.annotation, scope)
        case ast.AugAssign():
            _augmented(reader, node, scope)
        case ast.If(test=test, body=body, orelse=orelse):
            return _if(reader, test, body, orelse, scope)
        case ast.For() | ast.AsyncFor():
            return _for(reader, node, scope)
        case ast.While(test=test, body=body):
            return _while(reader, test, body, scope)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            give(reader, scope, node.name, calls.function(reader, node, scope))
        case ast.ClassDef():
            give(reader, scope, node.name, calls.class_(reader, node, scope))
        case ast.Return(value=value):
            reader.frames[-1].append(
                reader.evaluate(value, scope) if value else Const(reader.at(node), None)
            ) if reader.frames else None
            return "return"
        case ast.With() | ast.AsyncWith():
            return _with(reader, node, scope)
        case ast.Try() | ast.TryStar():
            return _try(reader, node, scope)
        case ast.Import() | ast.ImportFrom():
            imports.follow_import(reader, node, scope)
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            scope.outer_names.update(names)
        case ast.Raise():
            return "raise"
        case ast.Break():
            return "break"
        case ast.Continue():
            return "continue"
        case ast.Match(subject=subject, cases=cases):
            return _match(reader, reader.evaluate(subject, scope), cases, scope, reader.at(node))
    return None


def give(reader: Reader, scope: Scope, name: str, value: Value) -> None:
    """Assign a value to a name, and note a constant that is replaced before anything read it."""
    while name in scope.outer_names and scope.parent:
        scope = scope.parent
    slot = (id(scope.names), name)
    before = reader.fresh.get(slot)
    if before is not None and scope.names.get(name) is before and not reader.guards and isinstance(value, Const):
        reader.replaced.append((name, before, value))
    if isinstance(value, Const) and not reader.loops and not reader.guards:
        reader.fresh[slot] = value
    reader.write(scope.names, name, value)


def assign(reader: Reader, target: ast.expr, value: Value, scope: Scope) -> None:
    """Assign a value to a target: a name, an attribute, an item, or several at once."""
    match target:
        case ast.Name(id=name):
            give(reader, scope, name, value)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part, item in zip(parts, _unpacked(reader, value, parts, reader.at(target)), strict=True):
                assign(reader, part.value if isinstance(part, ast.Starred) else part, item, scope)
        case ast.Attribute(value=owner, attr=attr):
            set_attribute(reader, reader.evaluate(owner, scope), attr, value, reader.at(target))
        case ast.Subscript(value=owner, slice=key):
            _set_item(reader, reader.evaluate(owner, scope), reader.evaluate(key, scope), value, reader.at(target))


def _unpacked(reader: Reader, value: Value, parts: list[ast.expr], at: Location) -> list[Value]:
    star = next((i for i, part in enumerate(parts) if isinstance(part, ast.Starred)), None)
    if isinstance(value, Either) and (known := [o for o in value.options if isinstance(o, Items)]):
        columns = [_unpacked(reader, option, parts, at) for option in known]
        return [either(column, at) for column in zip(*columns, strict=True)]
    if isinstance(value, Items) and not value.partial:
        items = list(value.items)
        if star is not None and len(items) >= len(parts) - 1:
            end = len(items) - (len(parts) - star - 1)
            return [*items[:star], Items(at, tuple(items[star:end])), *items[end:]]
        if len(items) == len(parts):
            return items
    counted = len(parts) if star is None else star  # an index from the end is known at run time only
    return [
        expressions.item(reader, value, Const(at, number), at)
        if number < counted
        else unknown(Reason.RUN, "how many items come before it is known when the program runs", at)
        for number in range(len(parts))
    ]


def set_attribute(reader: Reader, owner: Value, attr: str, value: Value, at: Location) -> None:
    """Set an attribute: `owner.attr = value`. Records it as an event."""
    match owner:
        case Instance(attrs=store) if attr == "__dict__":
            for key, one in value.pairs.items() if isinstance(value, Table) else ():
                reader.write(store, key, one)
        case Instance(attrs=store) | Thing(attrs=store):
            reader.write(store, attr, value)
        case Table(pairs=store):
            reader.write(store, attr, value)
        case Class(names=store) | Module(names=store):
            reader.write(store, attr, value)
        case Either(options=options):
            for option in options:
                set_attribute(reader, option, attr, value, at)
            return
    reader.event("set", f".{attr}", owner, Call((value,), {}, at), value)


def _set_item(reader: Reader, owner: Value, key: Value, value: Value, at: Location) -> None:
    known = plain(key, MISSING)
    if known is MISSING and isinstance(owner, Items | Table | Thing):
        reader.write(reader.placed, (owner, key), value)
    if isinstance(owner, Table) and _hashable(known):
        reader.write(owner.pairs, known, value)
    elif isinstance(owner, Table):
        reader.write(vars(owner), "partial", True)
    elif isinstance(owner, Items) and isinstance(known, int) and -len(owner.items) <= known < len(owner.items):
        items = list(owner.items)
        items[known] = value
        reader.write(vars(owner), "items", tuple(items))
    elif isinstance(owner, Instance):
        own = owner.cls.find("__setitem__")
        if isinstance(own, Function):
            reader.call(functions.bind(own, owner), Call((key, value), {}, at))
        elif _hashable(known):
            reader.write(owner.attrs, known, value)
    elif isinstance(owner, Thing):
        if _hashable(known):
            reader.write(owner.attrs, ("[]", known), value)
        reader.event("set", f"[{known!r}]" if known is not MISSING else "[]", owner, Call((value, key), {}, at), value)


def _annotation(reader: Reader, node: ast.expr, scope: Scope) -> Value:
    """A field's annotation, Data for Optional[Data]; None for other parametrized types, and for strings."""
    if isinstance(node, ast.Subscript) and ast.unparse(node.value).rpartition(".")[2] == "Optional":
        node = node.slice
    plain_name = isinstance(node, ast.Name | ast.Attribute)
    return reader.evaluate(node, scope) if plain_name else Const(reader.at(node), None)


def _augmented(reader: Reader, node: ast.AugAssign, scope: Scope) -> None:
    loaded = ast.copy_location(
        ast.Name(node.target.id, ast.Load())
        if isinstance(node.target, ast.Name)
        else ast.Attribute(node.target.value, node.target.attr, ast.Load())
        if isinstance(node.target, ast.Attribute)
        else ast.Subscript(node.target.value, node.target.slice, ast.Load()),
        node.target,
    )
    before = reader.evaluate(loaded, scope)
    value = reader.evaluate(node.value, scope)
    at = reader.at(node)
    result = operators.arithmetic(reader, node.op, before, value, at, node)
    reader.event("add", ast.unparse(node.target), before, Call((value,), {}, at), result)
    assign(reader, node.target, result, scope)


def _if(reader: Reader, test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt], scope: Scope) -> str | None:
    decides = reader.evaluate(test, scope)
    known = truth(decides)
    if known is not None:
        return read(reader, body if known else orelse, scope)
    sides = [lambda: read(reader, body, scope), lambda: read(reader, orelse, scope)]
    return reader.branch(reader.at(test), sides, decides)


def _match(reader: Reader, subject: Value, cases: list[ast.match_case], scope: Scope, at: Location) -> str | None:
    def fits(pattern: ast.pattern) -> bool | None:
        match pattern:
            case ast.MatchValue(value=value):
                wanted = reader.evaluate(value, scope)
                return subject.data == wanted.data if isinstance(subject, Const) and isinstance(wanted, Const) else None
            case ast.MatchSingleton(value=value):
                return subject.data is value if isinstance(subject, Const) else None
            case ast.MatchOr(patterns=patterns):
                results = [fits(part) for part in patterns]
                return True if True in results else None if None in results else False
            case ast.MatchAs(pattern=None):
                return True
        return None

    open_cases = []
    for case in cases:
        fit = fits(case.pattern) if case.guard is None else None
        if fit is not False:
            open_cases.append(case)
        if fit is True:
            break
    if len(open_cases) == 1:
        return read(reader, open_cases[0].body, scope)
    sides = [functools.partial(read, reader, case.body, scope) for case in open_cases]
    return reader.branch(at, sides) if sides else None


def _for(reader: Reader, node: ast.For | ast.AsyncFor, scope: Scope) -> str | None:
    over = reader.evaluate(node.iter, scope)
    known = expressions.listed(reader, over)
    if known is None:
        known = _places(reader, over, node)
    if known is not None and len(known) <= LONGEST_UNROLLED:
        for item in known:
            with reader.loop(Loop(over, reader.at(node.iter), unrolled=True)):
                assign(reader, node.target, item, scope)
                signal = read(reader, node.body, scope)
            if signal == "break":
                return None
            if signal in ("return", "raise"):
                return signal
        return read(reader, node.orelse, scope)
    _forget_counters(reader, node.body, scope)
    with reader.loop(Loop(over, reader.at(node.iter))):
        assign(reader, node.target, expressions.element(reader, over, reader.at(node.iter)), scope)
        signal = read(reader, node.body, scope)
    if signal in ("return", "raise"):
        return signal if signal == "return" else None
    return read(reader, node.orelse, scope)


def _places(reader: Reader, over: Value, node: ast.For | ast.AsyncFor) -> list[Value] | None:
    """The indices of a short range whose loop only changes the items at them, such as an image's channels;
    None for any other loop."""
    bounds = [plain(bound) for bound in over.args] if isinstance(over, Thing) and over.name == "builtins.range" else []
    if not bounds or not all(isinstance(bound, int) for bound in bounds) or not isinstance(node.target, ast.Name):
        return None
    counts = range(*bounds)
    changed = [
        target
        for part in node.body
        for target in (
            part.targets
            if isinstance(part, ast.Assign)
            else [part.target]
            if isinstance(part, ast.AugAssign)
            else [part.value]
            if isinstance(part, ast.Expr)
            else [part]
        )
    ]
    if len(counts) > FEW_PLACES or not all(_item_at(node.target.id, target) for target in changed):
        return None
    return [Const(over.at, count) for count in counts]


def _item_at(counter: str, node: ast.AST) -> bool:
    """Whether an expression is an item at a loop counter, or calls its methods: x[:, c], x[c].sub_(m[c])."""
    while isinstance(node, ast.Call | ast.Attribute):
        node = node.func if isinstance(node, ast.Call) else node.value
    return isinstance(node, ast.Subscript) and any(
        isinstance(part, ast.Name) and part.id == counter for part in ast.walk(node.slice)
    )


def _while(reader: Reader, test: ast.expr, body: list[ast.stmt], scope: Scope) -> str | None:
    _forget_counters(reader, body, scope)
    condition = reader.evaluate(test, scope)
    if truth(condition) is False:
        return None
    with reader.loop(Loop(condition, reader.at(test))):
        signal = read(reader, body, scope)
    return signal if signal == "return" else None


def _forget_counters(reader: Reader, body: list[ast.stmt], scope: Scope) -> None:
    """Make variables that a loop adds to unknown, since the loop is only read once."""
    for statement in body:
        for node in ast.walk(statement):
            grown = (
                node.target
                if isinstance(node, ast.AugAssign)
                else node.targets[0]
                if isinstance(node, ast.Assign)
                and isinstance(node.targets[0], ast.Name)
                and any(isinstance(n, ast.Name) and n.id == node.targets[0].id for n in ast.walk(node.value))
                else None
            )
            if isinstance(grown, ast.Name | ast.Attribute):
                reader.step()
                loaded = (
                    scope.names.get(grown.id)
                    if isinstance(grown, ast.Name)
                    else reader.evaluate(
                        ast.copy_location(ast.Attribute(grown.value, grown.attr, ast.Load()), grown), scope
                    )
                )
                if isinstance(loaded, Const):
                    assign(reader, grown, Thing(reader.at(grown), why=GROWS), scope)


def _with(reader: Reader, node: ast.With | ast.AsyncWith, scope: Scope) -> str | None:
    depth = len(reader.contexts)
    for item in node.items:
        context = reader.evaluate(item.context_expr, scope)
        reader.contexts.append(context)
        if item.optional_vars is not None:
            assign(reader, item.optional_vars, context, scope)
    signal = read(reader, node.body, scope)
    del reader.contexts[depth:]
    return signal


def _try(reader: Reader, node: ast.Try | ast.TryStar, scope: Scope) -> str | None:
    signal = read(reader, node.body, scope)
    if signal == "raise" and node.handlers:
        signal = read(reader, node.handlers[0].body, scope)
    elif signal is None:
        signal = read(reader, node.orelse, scope)
    return read(reader, node.finalbody, scope) or signal


def _adds_to_itself(targets: list[ast.expr], value: ast.expr) -> bool:
    """Whether an assignment is total = total + loss, which equals total += loss."""
    sums = isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add)
    return sums and len(targets) == 1 and ast.unparse(targets[0]) == ast.unparse(value.left)  # type: ignore[attr-defined]


def _hashable(value: Any) -> bool:
    return value is not MISSING and is_key(value)
