"""What an expression comes to, as far as it can be known without running it."""

from __future__ import annotations

import ast
import operator
import os.path
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from diagnose.model import Location
from diagnose.program import library, modules
from diagnose.program.values import (
    Call,
    Class,
    Const,
    Either,
    Function,
    Instance,
    Items,
    Loop,
    Module,
    Ref,
    Scope,
    Super,
    Table,
    Thing,
    Value,
    constant,
    either,
    is_known,
    plain,
    reason,
    unknown,
)

if TYPE_CHECKING:
    from diagnose.program.reader import Reader

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
# Attributes of pathlib's paths, which are texts here.
PATH_PARTS: dict[str, Callable[[str], str]] = {
    "parent": os.path.dirname,
    "name": os.path.basename,
    "stem": lambda text: os.path.splitext(os.path.basename(text))[0],
    "suffix": lambda text: os.path.splitext(text)[1],
}
LARGEST_POWER, LONGEST_RESULT = 64, 10_000
LONGEST_RANGE = 64
MOST_ITEMS = 5_000


def evaluate(reader: Reader, node: ast.expr, scope: Scope) -> Value:
    reader.step()
    at = reader.at(node)
    match node:
        case ast.Constant(value=value):
            return Const(at, value)
        case ast.Name(id=name):
            return lookup(reader, name, scope, at)
        case ast.Attribute(value=owner, attr=attr):
            return attribute(reader, evaluate(reader, owner, scope), attr, at)
        case ast.Call():
            return _call(reader, node, scope, at)
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            items, partial = _spread(reader, parts, scope)
            return Items(at, tuple(items), type(node).__name__.lower(), partial)
        case ast.Dict():
            return _dict(reader, node, scope, at)
        case ast.BinOp(left=left, op=op, right=right):
            return arithmetic(reader, op, evaluate(reader, left, scope), evaluate(reader, right, scope), at, node)
        case ast.UnaryOp(op=op, operand=operand):
            return _unary(op, evaluate(reader, operand, scope), at)
        case ast.BoolOp():
            return _boolean(reader, node, scope, at)
        case ast.Compare():
            return _compare(reader, node, scope, at)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            known = truth(evaluate(reader, test, scope))
            if known is None:
                return either([evaluate(reader, body, scope), evaluate(reader, orelse, scope)], at)
            return evaluate(reader, body if known else orelse, scope)
        case ast.Subscript(value=owner, slice=key):
            return _subscript(reader, evaluate(reader, owner, scope), key, scope, at)
        case ast.JoinedStr(values=parts):
            return _text(reader, parts, scope, at)
        case ast.FormattedValue(value=value):
            return evaluate(reader, value, scope)
        case ast.Lambda(args=arguments):
            return Function(at, node, scope, defaults=reader.defaults(arguments, scope))
        case ast.ListComp(generators=loops) | ast.SetComp(generators=loops) | ast.GeneratorExp(generators=loops):
            found: list[Value] = []
            whole = _comprehend(reader, loops, scope, lambda inner: found.append(evaluate(reader, node.elt, inner)))
            return Items(at, tuple(found), "set" if isinstance(node, ast.SetComp) else "list", not whole)
        case ast.DictComp(generators=loops):
            table = Table(at)

            def keep(inner: Scope) -> None:
                key = plain(evaluate(reader, node.key, inner))
                value = evaluate(reader, node.value, inner)
                if isinstance(key, str | int | float | tuple):
                    table.pairs[key] = value
                else:
                    table.partial = True

            table.partial = not _comprehend(reader, loops, scope, keep) or table.partial
            return table
        case ast.NamedExpr(target=target, value=value):
            given = evaluate(reader, value, scope)
            reader.assign(target, given, scope)
            return given
        case ast.Starred(value=value) | ast.Await(value=value):
            return evaluate(reader, value, scope)
        case ast.Yield(value=value) | ast.YieldFrom(value=value):
            if value is not None and reader.frames:
                reader.generators.add(id(reader.functions[-1].node))
                reader.frames[-1].append(evaluate(reader, value, scope))
    return unknown("it is not followed", at)


def lookup(reader: Reader, name: str, scope: Scope, at: Location) -> Value:
    """A name, by Python's order of scopes; a method does not see the names of its class."""
    place: Scope | None = scope
    while place is not None:
        if name in place.names and (not place.is_class or place is scope):
            reader.fresh.pop((id(place.names), name), None)
            found = place.names[name]
            return found if isinstance(found, Value) else unknown(f"{name} is not followed", at)
        place = place.parent
    if name in library.BUILTINS:
        return Ref(at, f"builtins.{name}")
    stars = scope.module.stars
    if stars:
        return Ref(at, f"{library.star_home(name, stars)}.{name}")
    return unknown(f"{name} is not defined as far as the program was read", at)


def truth(value: Value) -> bool | None:
    """Whether a value counts as true, None where that is known at run time only."""
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
            told = {truth(option) for option in options}
            return told.pop() if len(told) == 1 else None
    return None


# ---------------------------------------------------------------------- calls


def _call(reader: Reader, node: ast.Call, scope: Scope, at: Location) -> Value:
    if isinstance(node.func, ast.Name) and node.func.id == "super" and "super" not in scope.names:
        return _super(scope, reader, at)
    if isinstance(node.func, ast.Attribute):
        owner = evaluate(reader, node.func.value, scope)
        return reader.method(owner, node.func.attr, _arguments(reader, node, scope, at))
    callee = evaluate(reader, node.func, scope)
    call = _arguments(reader, node, scope, at)
    if isinstance(callee, Ref) and callee.name in ("builtins.locals", "builtins.vars") and not call.args:
        return Table(at, dict(scope.names))
    return reader.call(callee, call)


def _arguments(reader: Reader, node: ast.Call, scope: Scope, at: Location) -> Call:
    args, _ = _spread(reader, node.args, scope)
    kwargs: dict[str, Value] = {}
    for keyword in node.keywords:
        value = evaluate(reader, keyword.value, scope)
        if keyword.arg is not None:
            kwargs[keyword.arg] = value
        elif isinstance(value, Table):
            value.read.update(value.pairs)
            kwargs |= {key: item for key, item in value.pairs.items() if isinstance(key, str)}
    return Call(tuple(args), kwargs, at, node)


def _spread(reader: Reader, parts: list[ast.expr], scope: Scope) -> tuple[list[Value], bool]:
    """The values of a list of expressions, and whether some are missing since a *part is not known."""
    items: list[Value] = []
    partial = False
    for part in parts:
        value = evaluate(reader, part, scope)
        if not isinstance(part, ast.Starred):
            items.append(value)
            continue
        known = listed(reader, value)
        items += known if known is not None else [value]
        partial = partial or known is None
    return items, partial


def _super(scope: Scope, reader: Reader, at: Location) -> Value:
    function = reader.functions[-1] if reader.functions else None
    if function and isinstance(function.bound, Instance) and function.owner:
        return Super(at, function.bound, function.owner)
    return unknown("super() outside of a method", at)


# ---------------------------------------------------------------------- attributes and items


def own_attribute(reader: Reader, owner: Value, name: str, at: Location) -> Value | None:
    """An attribute that the program itself gave, None where there is none."""
    match owner:
        case Instance(attrs=attrs, cls=cls):
            if name in attrs:
                found: Value | None = attrs[name]
                return found
            found = cls.find(name)
            if isinstance(found, Function):
                return library.bind_method(reader, found, owner, at)
            return found
        case Class(name=label):
            if name == "__name__":
                return Const(at, label)
            found = owner.find(name)
            is_class_method = isinstance(found, Function) and library.has_decorator(found, "classmethod")
            return library.bind(found, owner) if is_class_method and isinstance(found, Function) else found
        case Super(of=of, after=after):
            found = of.cls.find(name, after)
            return library.bind(found, of) if isinstance(found, Function) else found
        case Module(names=names):
            found = names.get(name)
            return found if isinstance(found, Value) else None
        case Thing(attrs=attrs):
            found = attrs.get(name)
            return found if isinstance(found, Value) else None
        case Table(pairs=pairs):
            if name in pairs:
                owner.read.add(name)
                found = pairs[name]
                return found
    return None


def attribute(reader: Reader, owner: Value, name: str, at: Location) -> Value:
    found = own_attribute(reader, owner, name, at)
    if found is not None:
        return found
    match owner:
        case Ref(name=dotted):
            if dotted.endswith("flags.FLAGS") and name in reader.flags.pairs:
                flag: Value = reader.flags.pairs[name]
                return flag
            return Ref(at, library.canonical(f"{dotted}.{name}"))
        case Either(options=options):
            return either([attribute(reader, option, name, at) for option in options], at)
        case Table():
            if name == "__dict__":
                return owner
            return unknown(f"`{name}` is not among its options", at)
        case Module(path=path):
            inner = reader._local(f"{owner.name}.{name}", 0, owner) if path.name == "__init__.py" else None
            return inner or unknown(f"{name} is not defined in {path.name} as far as it was read", at)
        case Instance(attrs=attrs):
            if name == "__dict__":
                return Table(at, attrs)
            if name == "__class__":
                return owner.cls
            told = modules.attribute(reader, owner, name, at)
            return told or Thing(at, name=f".{name}", base=owner)
        case Thing():
            told = modules.attribute(reader, owner, name, at)
            if told is None:
                told = Thing(at, name=f".{name}", base=owner, why=owner.why)
                owner.attrs[name] = told
            return told
        case Const(data=str(text)) if name in PATH_PARTS:
            return Const(owner.at, PATH_PARTS[name](text))
        case Const() if name in ("value",):
            return owner
    return unknown(f"`{name}` is not followed", at)


def item(reader: Reader, owner: Value, key: Value, at: Location) -> Value:
    """owner[key]."""
    known = plain(key)
    match owner:
        case Table(pairs=pairs):
            if isinstance(known, str | int | float | tuple) and known in pairs:
                owner.read.add(known)
                found: Value = pairs[known]
                return found
            if not is_known(key) and pairs and not owner.partial:
                return either(pairs.values(), at)
            return unknown(f"{known!r} is not among its keys", at)
        case Items(items=items):
            if isinstance(known, int) and -len(items) <= known < len(items):
                return items[known]
            if items and not is_known(key):
                return either(items, at)
            return unknown("it is an item that is not known", at)
        case Const(data=str(text)) if isinstance(known, int) and -len(text) <= known < len(text):
            return Const(at, text[known])
        case Either(options=options):
            return either([item(reader, option, key, at) for option in options], at)
        case Thing(attrs=attrs):
            slot = ("[]", known) if is_known(key) and isinstance(known, str | int | tuple) else None
            if slot in attrs:
                kept = attrs[slot]
                if isinstance(kept, Value):
                    return kept
            told = modules.item(reader, owner, known, at) or Thing(
                at, name="[]", base=owner, args=(key,), why=owner.why
            )
            if slot:
                owner.attrs[slot] = told
            return told
        case Instance():
            found_method = owner.cls.find("__getitem__")
            if isinstance(found_method, Function):
                return reader.call(library.bind(found_method, owner), Call((key,), {}, at))
            return modules.item(reader, owner, known, at) or Thing(at, name="[]", base=owner, args=(key,))
        case Ref(name=name) if name.endswith(".__dict__") and isinstance(known, str):
            return Ref(at, library.canonical(f"{name.removesuffix('.__dict__')}.{known}"))
        case Ref(name=name):
            return Ref(at, name)  # a type with parameters, such as Optional[int]
    return unknown(reason(owner), at)


def _subscript(reader: Reader, owner: Value, key: ast.expr, scope: Scope, at: Location) -> Value:
    if not isinstance(key, ast.Slice):
        return item(reader, owner, evaluate(reader, key, scope), at)
    bounds = [evaluate(reader, part, scope) if part else Const(at, None) for part in (key.lower, key.upper, key.step)]
    known = [plain(bound, ...) for bound in bounds]
    if all(bound is None or isinstance(bound, int) for bound in known):
        cut = slice(*known)
        if isinstance(owner, Items) and not owner.partial:
            return Items(at, owner.items[cut], owner.kind)
        if isinstance(owner, Const) and isinstance(owner.data, str):
            return Const(at, owner.data[cut])
    if isinstance(owner, Items):
        return Items(at, owner.items, owner.kind, partial=True)
    return Thing(at, name="[:]", base=owner, args=tuple(bounds), why=owner.why if isinstance(owner, Thing) else "")


# ---------------------------------------------------------------------- iteration


def listed(reader: Reader, value: Value) -> list[Value] | None:
    """Every item of what is iterated over, None where they are not all known or too many to read one by one."""
    match value:
        case Items(items=items, partial=False):
            return list(items)
        case Table(pairs=pairs, partial=False):
            return [Const(value.at, key) for key in pairs]
        case Const(data=str(text)):
            return [Const(value.at, letter) for letter in text[:LONGEST_RANGE]]
        case Thing(name="builtins.enumerate", args=[inner, *rest]):
            known = listed(reader, inner)
            start = plain(value.arg(1, "start"), 0) if rest or value.kwargs else 0
            if known is None or not isinstance(start, int):
                return None
            return [Items(value.at, (Const(value.at, n), one), "tuple") for n, one in enumerate(known, start)]
        case Thing(name="builtins.zip", args=parts):
            columns = [listed(reader, part) for part in parts]
            if any(column is None for column in columns):
                return None
            return [Items(value.at, row, "tuple") for row in zip(*(c for c in columns if c is not None), strict=False)]
        case Thing(name="builtins.reversed", args=[inner]):
            known = listed(reader, inner)
            return known[::-1] if known is not None else None
        case Instance() | Thing():
            return modules.listed(reader, value)
    return None


def element(reader: Reader, value: Value, at: Location) -> Value:
    """One item of something that is passed through without its items being known."""
    match value:
        case Items(items=items) if items:
            return either(items, at)
        case Table(pairs=pairs) if pairs:
            return unknown("it is one of several keys", at)
        case Thing(name="builtins.enumerate", args=[inner, *_]):
            return Items(at, (unknown("it counts in a loop", at), element(reader, inner, at)), "tuple")
        case Thing(name="builtins.zip", args=parts):
            return Items(at, tuple(element(reader, part, at) for part in parts), "tuple")
        case Thing(name="builtins.range"):
            return unknown("it counts in a loop", at)
        case Thing(name="generator", args=parts) if parts:
            return either(parts, at)
        case Instance():
            found = value.cls.find("__iter__")
            if isinstance(found, Function):
                return element(reader, reader.call(library.bind(found, value), Call((), {}, at)), at)
            return Thing(at, name="item", base=value)
        case Either(options=options):
            return Thing(at, name="item", base=options[0])
    return Thing(at, name="item", base=value, why=value.why if isinstance(value, Thing) else "")


def _comprehend(reader: Reader, loops: list[ast.comprehension], scope: Scope, keep: Callable[[Scope], None]) -> bool:
    """Calls `keep` for each passage; says whether all of them were known."""
    if not loops:
        keep(scope)
        return True
    loop, *rest = loops
    inner = Scope({}, scope.module, scope)
    over = evaluate(reader, loop.iter, scope)
    known = listed(reader, over)
    if known is None and isinstance(over, Thing) and over.name == "builtins.range":
        bounds = [plain(bound) for bound in over.args]
        if bounds and all(isinstance(bound, int) for bound in bounds):
            numbers = range(*bounds)
            known = [Const(over.at, number) for number in numbers] if len(numbers) <= LONGEST_RANGE else None
    whole = known is not None
    if known is None:
        at = reader.at(loop.iter)
        with reader.loop(Loop(over, at)):
            reader.assign(loop.target, element(reader, over, at), inner)
            if False not in [truth(evaluate(reader, test, inner)) for test in loop.ifs]:
                _comprehend(reader, rest, inner, keep)
        return False
    for one in known[:MOST_ITEMS]:
        reader.assign(loop.target, one, inner)
        tests = [truth(evaluate(reader, test, inner)) for test in loop.ifs]
        if False in tests:
            continue
        whole = _comprehend(reader, rest, inner, keep) and whole and None not in tests
    return whole


# ---------------------------------------------------------------------- operators


def arithmetic(reader: Reader, op: ast.operator, left: Value, right: Value, at: Location, node: ast.AST) -> Value:
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
            return unknown(f"it cannot be computed ({fault})", at)
    if isinstance(left, Items) and isinstance(right, Items) and sign == "+":
        return Items(at, left.items + right.items, left.kind, left.partial or right.partial)
    if isinstance(left, Items) and isinstance(right, Const) and sign == "*" and isinstance(right.data, int):
        whole = len(left.items) * right.data <= MOST_ITEMS
        return Items(at, left.items * (right.data if whole else 1), left.kind, left.partial or not whole)
    if isinstance(left, Const) and isinstance(left.data, str) and sign == "%":
        told = plain(right)
        if told is not None:
            try:
                return Const(at, left.data % told)
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
    why = next((reason(one) for one in (left, right) if not is_known(one)), "it is not followed")
    return Thing(at, name=f"op{sign}", args=(left, right), why=why)


def _origin(left: Const, right: Const, at: Location) -> Location:
    """Where a computed number comes from: the one part that was not written in place."""
    elsewhere = [part.at for part in (left, right) if part.at != at and part.at.line != at.line]
    return elsewhere[0] if len(elsewhere) == 1 else at


def _unary(op: ast.unaryop, value: Value, at: Location) -> Value:
    if isinstance(op, ast.Not):
        known = truth(value)
        return Const(at, not known) if known is not None else Thing(at, name="opnot", args=(value,), why=reason(value))
    if isinstance(value, Const):
        try:
            return Const(value.at, SIGNS[type(op)](value.data))
        except Exception as fault:  # whatever Python itself would raise
            return unknown(f"it cannot be computed ({fault})", at)
    return Thing(at, name="op-", args=(value,), why=reason(value))


def _boolean(reader: Reader, node: ast.BoolOp, scope: Scope, at: Location) -> Value:
    stops = isinstance(node.op, ast.Or)
    open_ones: list[Value] = []
    for part in node.values:
        value = evaluate(reader, part, scope)
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
        else Thing(at, name="opand", args=tuple(open_ones), why=reason(open_ones[0]))
    )


def _compare(reader: Reader, node: ast.Compare, scope: Scope, at: Location) -> Value:
    left = evaluate(reader, node.left, scope)
    told: list[bool | None] = []
    right = left
    for op, part in zip(node.ops, node.comparators, strict=True):
        right = evaluate(reader, part, scope)
        told.append(_compared(op, left, right))
        if len(node.ops) > 1:
            left = right
    if False in told:
        return Const(at, False)
    if None not in told:
        return Const(at, True)
    why = next((reason(one) for one in (left, right) if not is_known(one)), "it is not followed")
    return Thing(at, name="compare", args=(left, right), why=why)


def _compared(op: ast.cmpop, left: Value, right: Value) -> bool | None:
    if isinstance(op, ast.Is | ast.IsNot):
        same = _identical(left, right)
        return same if same is None or isinstance(op, ast.Is) else not same
    try:
        return bool(COMPARISON[type(op)](constant(left), constant(right)))
    except ValueError:
        pass
    except Exception:  # values that do not compare
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
                told = {_identical(option, other) for option in one.options}
                return told.pop() if len(told) == 1 else None
            return False
    if isinstance(left, Const) and isinstance(right, Const):
        return left.data is right.data or left.data == right.data
    return True if left is right else None


def _text(reader: Reader, parts: list[ast.expr], scope: Scope, at: Location) -> Value:
    values = [evaluate(reader, part, scope) for part in parts]
    if all(isinstance(value, Const) for value in values):
        return Const(at, "".join(str(value.data) for value in values if isinstance(value, Const)))
    return Thing(at, name="text", args=tuple(values), why=reason(next(v for v in values if not isinstance(v, Const))))


def _dict(reader: Reader, node: ast.Dict, scope: Scope, at: Location) -> Table:
    table = Table(at)
    for key, part in zip(node.keys, node.values, strict=True):
        value = evaluate(reader, part, scope)
        known = plain(evaluate(reader, key, scope), ...) if key is not None else None
        if key is None and isinstance(value, Table):
            table.pairs |= value.pairs
            table.partial = table.partial or value.partial
        elif key is not None and isinstance(known, str | int | float | bool | tuple | type(None)):
            table.pairs[known] = value
        else:
            table.partial = True
    return table
