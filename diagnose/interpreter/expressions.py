"""Evaluates expressions as far as possible without running them."""

from __future__ import annotations

import ast
import builtins
import os.path
from collections.abc import Callable
from pathlib import PurePath
from typing import TYPE_CHECKING

from diagnose.interpreter import calls, functions, imports, operators
from diagnose.interpreter.commandline import COMMAND_LINE, argv
from diagnose.interpreter.reasons import Reason, Unknown
from diagnose.interpreter.values import (
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
    cause,
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

# Attributes of pathlib's paths, which are strings here.
PATH_PARTS: dict[str, Callable[[str], str]] = {
    "parent": os.path.dirname,
    "name": os.path.basename,
    "stem": lambda text: os.path.splitext(os.path.basename(text))[0],
    "suffix": lambda text: os.path.splitext(text)[1],
}
BUILTINS = frozenset(dir(builtins))
LONGEST_RANGE = 64
MOST_ITEMS = 5_000


def evaluate(reader: Reader, node: ast.expr, scope: Scope) -> Value:
    """The value of an expression; unknown, with the reason, where it is known at run time only."""
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
            return operators.dict_of(reader, node, scope, at)
        case ast.BinOp(left=left, op=op, right=right):
            return operators.arithmetic(
                reader, op, evaluate(reader, left, scope), evaluate(reader, right, scope), at, node
            )
        case ast.UnaryOp(op=op, operand=operand):
            return operators.unary(reader, op, evaluate(reader, operand, scope), at)
        case ast.BoolOp():
            return operators.boolean(reader, node, scope, at)
        case ast.Compare():
            return operators.compare(reader, node, scope, at)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            known = truth(evaluate(reader, test, scope))
            if known is None:
                return either([evaluate(reader, body, scope), evaluate(reader, orelse, scope)], at)
            return evaluate(reader, body if known else orelse, scope)
        case ast.Subscript(value=owner, slice=key):
            return _subscript(reader, evaluate(reader, owner, scope), key, scope, at)
        case ast.JoinedStr(values=parts):
            return operators.text_of(reader, parts, scope, at)
        case ast.FormattedValue(value=value):
            return evaluate(reader, value, scope)
        case ast.Lambda(args=arguments):
            return Function(at, node, scope, defaults=calls.defaults(reader, arguments, scope))
        case ast.ListComp(generators=loops) | ast.SetComp(generators=loops) | ast.GeneratorExp(generators=loops):
            found: list[Value] = []
            whole = _comprehend(reader, loops, scope, lambda inner: found.append(evaluate(reader, node.elt, inner)))
            return Items(at, tuple(found), "set" if isinstance(node, ast.SetComp) else "list", not whole)
        case ast.DictComp(generators=loops):
            table = Table(at)

            def keep(inner: Scope) -> None:
                key = plain(evaluate(reader, node.key, inner))
                value = evaluate(reader, node.value, inner)
                if key is not None and is_key(key):
                    table.pairs[key] = value
                else:
                    table.partial = True

            table.partial = not _comprehend(reader, loops, scope, keep) or table.partial
            return table
        case ast.NamedExpr(target=target, value=value):
            given = evaluate(reader, value, scope)
            reader.assign(target, given, scope)
            return given
        case ast.Slice(lower=lower, upper=upper, step=step):
            bounds = [evaluate(reader, part, scope) if part else Const(at, None) for part in (lower, upper, step)]
            return Thing(at, name="slice", args=tuple(bounds))
        case ast.Starred(value=value) | ast.Await(value=value):
            return evaluate(reader, value, scope)
        case ast.Yield(value=value) | ast.YieldFrom(value=value):
            if value is not None and reader.frames:
                reader.generators.add(id(reader.functions[-1].node))
                reader.frames[-1].append(evaluate(reader, value, scope))
    return unknown(Reason.UNFOLLOWED, "it is not followed", at)


def lookup(reader: Reader, name: str, scope: Scope, at: Location) -> Value:
    """What a name refers to, by Python's scoping rules; unknown where nothing read so far defines it."""
    place: Scope | None = scope
    while place is not None:
        if name in place.names and (not place.is_class or place is scope):
            reader.fresh.pop((id(place.names), name), None)
            found = place.names[name]
            return found if isinstance(found, Value) else unknown(Reason.UNFOLLOWED, f"{name} is not followed", at)
        place = place.parent
    if name in BUILTINS:
        return Ref(at, f"builtins.{name}")
    if name in reader.assumed:
        return assumed(reader, name, scope, at)
    stars = scope.module.stars
    if stars:
        return Ref(at, f"{reader.registry.ask('home', name, stars) or stars[-1]}.{name}")
    key = (scope.module.path, name)
    return reader.undefined.setdefault(
        key, unknown(Reason.UNREAD, f"{name} is not defined as far as the program was read", at)
    )


def assumed(reader: Reader, name: str, scope: Scope, at: Location) -> Value:
    """The assumed value of a name that a snippet does not define; an object of that kind where it ends in ()."""
    dotted = reader.guessed.setdefault(name, reader.assumed[name])
    reader.libraries.add(dotted.partition(".")[0])
    made: Value = Ref(at, reader.registry.canonical(dotted))
    if dotted.endswith("()"):
        made = Thing(at, name=dotted.removesuffix("()"), why=Unknown(Reason.UNREAD, f"`{name}` is not shown"))
    scope.module.names[name] = made
    return made


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
    args, partial = _spread(reader, node.args, scope)
    kwargs: dict[str, Value] = {}
    for keyword in node.keywords:
        value = evaluate(reader, keyword.value, scope)
        if keyword.arg is not None:
            kwargs[keyword.arg] = value
        elif isinstance(value := _as_table(value), Table):
            value.read.update(value.pairs)
            kwargs |= {key: item for key, item in value.pairs.items() if isinstance(key, str)}
            partial = partial or value.partial
        else:
            partial = True
    if partial:
        reader.open_calls.add(at)
    return Call(tuple(args), kwargs, at, node, partial)


def _as_table(value: Value) -> Value:
    """The table that ** unpacks."""
    if isinstance(value, Instance) and value.cls.find("keys") is None:
        return Table(value.at, {key: one for key, one in value.attrs.items() if not str(key).startswith("__")})
    return value


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
    return unknown(Reason.NOWHERE, "super() outside of a method", at)


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
                return functions.bind_method(reader, found, owner, at)
            return found
        case Class(name=label):
            if name == "__name__":
                return Const(at, label)
            found = owner.find(name)
            is_class_method = isinstance(found, Function) and functions.has_decorator(found, "classmethod")
            return functions.bind(found, owner) if is_class_method and isinstance(found, Function) else found
        case Super(of=of, after=after):
            found = of.cls.find(name, after)
            return functions.bind(found, of) if isinstance(found, Function) else found
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
    """The value of owner.name; unknown, with the reason, where neither the program nor a library gives it."""
    found = own_attribute(reader, owner, name, at)
    if found is not None:
        return found
    match owner:
        case Ref(name=dotted):
            if (value := reader.registry.attribute(reader, owner, name, at)) is not None:
                return value
            if (dotted, name) == ("sys", "argv"):
                return argv(reader)
            return Ref(at, reader.registry.canonical(f"{dotted}.{name}"))
        case Either(options=options):
            return either([attribute(reader, option, name, at) for option in options], at)
        case Table():
            if name == "__dict__":
                return owner
            return unknown(Reason.NOWHERE, f"`{name}` is not among its options", at)
        case Module(path=path):
            inner = (
                imports.find_module(reader, f"{owner.name}.{name}", 0, owner) if path.name == "__init__.py" else None
            )
            return inner or unknown(Reason.UNREAD, f"{name} is not defined in {path.name} as far as it was read", at)
        case Instance(attrs=attrs):
            if name == "__dict__":
                return Table(at, attrs)
            if name == "__class__":
                return owner.cls
            value = reader.registry.attribute(reader, owner, name, at) or _by_own_rule(reader, owner, name, at)
            return value or Thing(at, name=f".{name}", base=owner)
        case Thing():
            value = reader.registry.attribute(reader, owner, name, at)
            if value is None:
                value = Thing(at, name=f".{name}", base=owner, why=owner.why)
                owner.attrs[name] = value
            return value
        case Const(data=str(text)) if name in PATH_PARTS:
            return Const(owner.at, PATH_PARTS[name](text))
        case Const(data=str(text)) if name == "parents":
            return Items(at, tuple(Const(owner.at, str(folder)) for folder in PurePath(text).parents), "tuple")
        case Const() if name in ("value",):
            return owner
    return unknown(Reason.UNFOLLOWED, f"`{name}` is not followed", at)


def _by_own_rule(reader: Reader, owner: Instance, name: str, at: Location) -> Value | None:
    """The result of a class's __getattr__; None where it has none, or raises."""
    own = owner.cls.find("__getattr__")
    if not isinstance(own, Function) or name.startswith("__"):
        return None
    found = reader.call(functions.bind(own, owner), Call((Const(at, name),), {}, at))
    return (
        None if isinstance(found, Thing) and (found.name in ("raised", "") or not found.name[:1].isalpha()) else found
    )


def item(reader: Reader, owner: Value, key: Value, at: Location) -> Value:
    """The value of owner[key]; unknown, with the reason, where the key or the item is."""
    if (owner, key) in reader.placed:
        return reader.placed[owner, key]
    known = plain(key)
    match owner:
        case Table(pairs=pairs):
            if is_key(known) and known in pairs:
                owner.read.add(known)
                found: Value = pairs[known]
                return found
            if not is_known(key) and pairs and not owner.partial:
                return either(pairs.values(), at)
            return unknown(Reason.NOWHERE, f"{known!r} is not among its keys", at)
        case Items(items=items):
            if isinstance(known, int) and -len(items) <= known < len(items):
                return items[known]
            if isinstance(key, Items):
                return Thing(at, name="[]", base=owner, args=(key,))  # of an array: [None, :, None]
            if items and not is_known(key):
                return either(items, at)
            if owner.at.file == COMMAND_LINE:
                return unknown(
                    Reason.GIVEN, "it is given on the command line: give it after the program, in quotes", at
                )
            return unknown(Reason.UNFOLLOWED, "it is an item that is not known", at)
        case Const(data=str(text)) if isinstance(known, int) and -len(text) <= known < len(text):
            return Const(at, text[known])
        case Either(options=options):
            return either([item(reader, option, key, at) for option in options], at)
        case Thing(attrs=attrs):
            slot = ("[]", known) if is_known(key) and is_key(known) else None
            if slot in attrs:
                kept = attrs[slot]
                if isinstance(kept, Value):
                    return kept
            part = reader.registry.item(reader, owner, known, at) or Thing(
                at, name="[]", base=owner, args=(key,), why=owner.why
            )
            if slot:
                owner.attrs[slot] = part
            return part
        case Instance():
            found_method = owner.cls.find("__getitem__")
            if isinstance(found_method, Function):
                return reader.call(functions.bind(found_method, owner), Call((key,), {}, at))
            return reader.registry.item(reader, owner, known, at) or Thing(at, name="[]", base=owner, args=(key,))
        case Ref(name=name) if name.endswith(".__dict__") and isinstance(known, str):
            return Ref(at, reader.registry.canonical(f"{name.removesuffix('.__dict__')}.{known}"))
        case Ref(name="os.environ"):
            return unknown(Reason.GIVEN, f"it is read from the environment ({known})", at)
        case Ref(name=name) if name.endswith("_Weights") and isinstance(known, str):
            return Ref(at, f"{name}.{known}")  # torchvision's weights, by name
        case Ref(name=name):
            return Ref(at, name)  # a type with parameters, such as Optional[int]
    return Thing(at, why=cause(owner))


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
    return Thing(at, name="[:]", base=owner, args=tuple(bounds), why=owner.why if isinstance(owner, Thing) else None)


# ---------------------------------------------------------------------- iteration


def listed(reader: Reader, value: Value) -> list[Value] | None:
    """Every item of an iterable; None where they are not all known or too many to read one by one."""
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
            return _zipped(reader, parts, value.at)
        case Thing(name="builtins.reversed", args=[inner]):
            known = listed(reader, inner)
            return known[::-1] if known is not None else None
        case Instance() | Thing():
            return reader.registry.listed(reader, value)
    return None


def _zipped(reader: Reader, parts: tuple[Value, ...], at: Location) -> list[Value] | None:
    """The rows of a zip; of a tensor beside plain numbers, the items at their places."""
    columns = [listed(reader, part) for part in parts]
    known = [column for column in columns if column is not None]
    numbers = all(isinstance(one, Const) for column in known for one in column)
    if not known or (len(known) < len(columns) and not numbers):
        return None
    length = min(len(column) for column in known)
    rows = zip(
        *(
            [item(reader, part, Const(at, place), at) for place in range(length)] if column is None else column
            for part, column in zip(parts, columns, strict=True)
        ),
        strict=False,
    )
    return [Items(at, row, "tuple") for row in rows]


def element(reader: Reader, value: Value, at: Location) -> Value:
    """One item that represents all those of an iterable whose items are not known."""
    match value:
        case Items(items=items) if items:
            return either(items, at)
        case Table(pairs=pairs) if pairs:
            return unknown(Reason.CONDITION, "it is one of several keys", at)
        case Thing(name="builtins.enumerate", args=[inner, *_]):
            return Items(at, (_counter(value, at), element(reader, inner, at)), "tuple")
        case Thing(name="builtins.zip", args=parts):
            return Items(at, tuple(element(reader, part, at) for part in parts), "tuple")
        case Thing(name="builtins.range"):
            return _counter(value, at)
        case Thing(name="generator", args=parts) if parts:
            return either(parts, at)
        case Instance():
            found = value.cls.find("__iter__")
            if isinstance(found, Function):
                return element(reader, reader.call(functions.bind(found, value), Call((), {}, at)), at)
            return Thing(at, name="item", base=value)
        case Either(options=options):
            return Thing(at, name="item", base=options[0])
    return Thing(at, name="item", base=value, why=value.why if isinstance(value, Thing) else None)


def _counter(over: Thing, at: Location) -> Thing:
    """A loop counter, which remembers what it counts."""
    number = unknown(Reason.PLACEHOLDER, "it counts in a loop", at)
    number.attrs["__counts__"] = over
    return number


def _comprehend(reader: Reader, loops: list[ast.comprehension], scope: Scope, keep: Callable[[Scope], None]) -> bool:
    """Call `keep` for each iteration; returns whether all of them were known."""
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
