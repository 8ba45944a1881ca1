"""Evaluates operators on values that may be unknown: arithmetic, comparison, and, or, f-strings and dicts."""

from __future__ import annotations

import ast
import operator
import os.path
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from diagnose.interpreter.reasons import NOT_FOLLOWED, Reason
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
    cause,
    constant,
    either,
    is_key,
    is_known,
    plain,
    truth,
    unknown,
)
from diagnose.model import Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

ARITHMETIC: dict[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
    ast.FloorDiv: ("//", operator.floordiv),
    ast.Mod: ("%", operator.mod),
    ast.Pow: ("**", operator.pow),
    ast.BitOr: ("|", operator.or_),
    ast.BitAnd: ("&", operator.and_),
    ast.BitXor: ("^", operator.xor),
    ast.MatMult: ("@", operator.matmul),
}
SIGNS: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}
COMPARISON: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda one, other: one in other,
    ast.NotIn: lambda one, other: one not in other,
}
LARGEST_POWER, LONGEST_RESULT = 64, 10_000
MOST_ITEMS = 5_000


def arithmetic(reader: Reader, op: ast.operator, left: Value, right: Value, at: Location, node: ast.AST) -> Value:
    """The result of a binary operator: computed for constants, lists and dicts, else a Thing "op+" of both sides.

    Unknown where Python itself would fail or the result would be too large.
    """
    sign, compute = ARITHMETIC.get(type(op), ("?", operator.add))
    if isinstance(left, Const) and isinstance(right, Const) and sign != "?":
        if sign == "/" and isinstance(left.data, str) and isinstance(right.data, str):
            return Const(at, os.path.join(left.data, right.data))
        try:
            if sign == "**" and (abs(right.data) > LARGEST_POWER or abs(left.data) > 1e9):
                raise ValueError("too large a power")
            if sign == "*" and any(
                isinstance(one, str | bytes) and isinstance(n, int) and n * len(one) > LONGEST_RESULT
                for one, n in ((left.data, right.data), (right.data, left.data))
            ):
                raise ValueError("too long a text")
            return Const(_origin(left, right, at), compute(left.data, right.data))
        except Exception as fault:  # whatever Python itself would raise
            return unknown(Reason.UNFOLLOWED, f"it cannot be computed ({fault})", at)
    if isinstance(left, Items) and isinstance(right, Items) and sign == "+":
        return Items(at, left.items + right.items, left.kind, left.partial or right.partial)
    if isinstance(left, Items) and isinstance(right, Const) and sign == "*" and isinstance(right.data, int):
        whole = len(left.items) * right.data <= MOST_ITEMS
        return Items(at, left.items * (right.data if whole else 1), left.kind, left.partial or not whole)
    if isinstance(left, Const) and isinstance(left.data, str) and sign == "%":
        values = plain(right)
        if values is not None:
            try:
                return Const(at, left.data % values)
            except (TypeError, ValueError):
                pass
    if isinstance(left, Either) or isinstance(right, Either):
        lefts = left.options if isinstance(left, Either) else (left,)
        rights = right.options if isinstance(right, Either) else (right,)
        if len(lefts) * len(rights) <= 4 and all(isinstance(o, Const) for o in (*lefts, *rights)):
            return either([arithmetic(reader, op, a, b, at, node) for a in lefts for b in rights], at)
    for one in (left, right):
        if isinstance(one, Table) and sign == "|":
            return Table(
                at,
                {
                    **(left.pairs if isinstance(left, Table) else {}),
                    **(right.pairs if isinstance(right, Table) else {}),
                },
            )
    why = next((cause(one) for one in (left, right) if not is_known(one)), NOT_FOLLOWED)
    return Thing(at, name=f"op{sign}", args=(left, right), why=why)


def _origin(left: Const, right: Const, at: Location) -> Location:
    """Where a computed number comes from: the only operand that isn't a literal at that place."""
    elsewhere = [part.at for part in (left, right) if part.at != at and part.at.line != at.line]
    return elsewhere[0] if len(elsewhere) == 1 else at


def unary(reader: Reader, op: ast.unaryop, value: Value, at: Location) -> Value:
    """The result of not, -, + or ~; a Thing where the operand is unknown. Records ~ of a plain value as an event."""
    if isinstance(op, ast.Invert) and isinstance(value, Const | Either):
        reader.event("invert", "~", value, Call((), {}, at), value)
    if isinstance(op, ast.Not):
        known = truth(value)
        return Const(at, not known) if known is not None else Thing(at, name="opnot", args=(value,), why=cause(value))
    if isinstance(value, Const):
        try:
            return Const(value.at, SIGNS[type(op)](value.data))
        except Exception as fault:  # whatever Python itself would raise
            return unknown(Reason.UNFOLLOWED, f"it cannot be computed ({fault})", at)
    return Thing(at, name="op-", args=(value,), why=cause(value))


def boolean(reader: Reader, node: ast.BoolOp, scope: Scope, at: Location) -> Value:
    """The result of `and` or `or`, its parts evaluated until one decides; an Either or a Thing where none does."""
    stops = isinstance(node.op, ast.Or)
    open_ones: list[Value] = []
    for part in node.values:
        value = reader.evaluate(part, scope)
        known = truth(value)
        if known is stops:
            return either([*open_ones, value], at) if open_ones and stops else value
        if known is None:
            open_ones.append(value)
        last = value
    if not open_ones:
        return last
    return (
        either([*open_ones, last], at)
        if stops
        else Thing(at, name="opand", args=tuple(open_ones), why=cause(open_ones[0]))
    )


def compare(reader: Reader, node: ast.Compare, scope: Scope, at: Location) -> Value:
    """The result of a comparison: True or False where certain, else a Thing "compare" of the last two sides."""
    left = reader.evaluate(node.left, scope)
    results: list[bool | None] = []
    right = left
    for op, part in zip(node.ops, node.comparators, strict=True):
        right = reader.evaluate(part, scope)
        results.append(_compared(op, left, right))
        if len(node.ops) > 1:
            left = right
    if False in results:
        return Const(at, False)
    if None not in results:
        return Const(at, True)
    why = next((cause(one) for one in (left, right) if not is_known(one)), NOT_FOLLOWED)
    return Thing(at, name="compare", args=(left, right), why=why)


def _compared(op: ast.cmpop, left: Value, right: Value) -> bool | None:
    if isinstance(op, ast.Is | ast.IsNot):
        same = _identical(left, right)
        return same if same is None or isinstance(op, ast.Is) else not same
    try:
        return bool(COMPARISON[type(op)](constant(left), constant(right)))
    except ValueError:
        pass
    except Exception:  # values that cannot be compared
        return None
    if isinstance(op, ast.In | ast.NotIn) and is_known(left):
        inside: bool | None = None
        if isinstance(right, Table) and not right.partial:
            inside = plain(left) in right.pairs
        elif isinstance(right, Items) and any(plain(one, ...) == plain(left) for one in right.items):
            inside = True
        return inside if inside is None or isinstance(op, ast.In) else not inside
    if isinstance(op, ast.Eq | ast.NotEq):
        if isinstance(left, Instance | Class | Function) and left is right:
            return isinstance(op, ast.Eq)
        refs = isinstance(left, Ref) and isinstance(right, Ref)
        if refs and isinstance(left, Ref) and isinstance(right, Ref):
            return (left.name == right.name) is isinstance(op, ast.Eq)
        if isinstance(left, Const) != isinstance(right, Const):
            other = right if isinstance(left, Const) else left
            if isinstance(other, Items | Table | Function | Class | Instance | Ref):
                return isinstance(op, ast.NotEq)
    return None


def _identical(left: Value, right: Value) -> bool | None:
    for one, other in ((left, right), (right, left)):
        if isinstance(other, Const) and other.data is None:
            if isinstance(one, Const):
                return one.data is None
            if isinstance(one, Thing):
                return False if truth(one) or (one.name and not one.name.startswith((".", "op")) and one.args) else None
            if isinstance(one, Either):
                results = {_identical(option, other) for option in one.options}
                return results.pop() if len(results) == 1 else None
            return False
    if isinstance(left, Const) and isinstance(right, Const):
        return left.data is right.data or left.data == right.data
    return True if left is right else None


def text_of(reader: Reader, parts: list[ast.expr], scope: Scope, at: Location) -> Value:
    """An f-string as a string; a Thing "text" where a part of it is unknown."""
    values = [reader.evaluate(part, scope) for part in parts]
    if all(isinstance(value, Const) for value in values):
        return Const(at, "".join(str(value.data) for value in values if isinstance(value, Const)))
    return Thing(at, name="text", args=tuple(values), why=cause(next(v for v in values if not isinstance(v, Const))))


def dict_of(reader: Reader, node: ast.Dict, scope: Scope, at: Location) -> Table:
    """A dict display as a table, partial where a key or an unpacked dict is unknown."""
    table = Table(at)
    for key, part in zip(node.keys, node.values, strict=True):
        value = reader.evaluate(part, scope)
        known = plain(reader.evaluate(key, scope), ...) if key is not None else None
        if key is None and isinstance(value, Table):
            table.pairs |= value.pairs
            table.partial = table.partial or value.partial
        elif key is not None and is_key(known):
            table.pairs[known] = value
        else:
            table.partial = True
    return table
