"""Evaluates Python's built-in functions and the methods of strings, lists and dicts on known values."""

from __future__ import annotations

import math
import os.path
import sys
from typing import TYPE_CHECKING, Any

from diagnose.interpreter import calls, expressions
from diagnose.interpreter.functions import bind
from diagnose.interpreter.overlay import Overlay
from diagnose.interpreter.reasons import AT_RUN, Reason
from diagnose.interpreter.tables import copied, veil
from diagnose.interpreter.values import (
    Call,
    Class,
    Const,
    Either,
    Function,
    Instance,
    Items,
    Module,
    Ref,
    Table,
    Thing,
    Value,
    constant,
    either,
    is_key,
    plain,
    truth,
    unknown,
)

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader


ENDS = ("sys.exit", "os._exit", "builtins.exit", "builtins.quit")  # calls after which nothing follows
TEXT_METHODS = frozenset((
    "lower", "upper", "strip", "lstrip", "rstrip", "split", "rsplit", "replace", "startswith", "endswith",
    "format", "join", "title", "capitalize", "isdigit", "find", "count", "isupper", "islower", "zfill",
    "removeprefix", "removesuffix", "partition", "rpartition", "splitlines", "isnumeric", "isdecimal",
))  # fmt: skip
COMPUTED = {
    "builtins.int": int, "builtins.float": float, "builtins.bool": bool, "builtins.str": str, "builtins.abs": abs,
    "builtins.round": round, "builtins.min": min, "builtins.max": max, "builtins.sum": sum, "builtins.any": any,
    "builtins.all": all, "math.ceil": math.ceil, "math.floor": math.floor, "math.sqrt": math.sqrt,
    "math.log": math.log, "math.log2": math.log2, "math.pow": math.pow, "math.exp": math.exp, "builtins.pow": None,
    "os.path.join": os.path.join, "os.path.basename": os.path.basename, "os.path.dirname": os.path.dirname,
    "os.path.abspath": os.path.normpath, "os.path.realpath": os.path.normpath, "os.path.splitext": os.path.splitext,
    "os.path.expanduser": str, "pathlib.Path": lambda *parts: os.path.join(*map(str, parts)) if parts else ".",
    "pathlib.PurePath": str,
}  # fmt: skip


MODULES = sys.stdlib_module_names
OVERLAY = Overlay("Python", packages=MODULES, understood=(*MODULES, "builtins"), ends=ENDS)


def _plain_value(data: Any, at: Any) -> Value:
    """A Value for what Python computed."""
    if isinstance(data, list | tuple):
        return Items(at, tuple(_plain_value(one, at) for one in data), type(data).__name__)
    return Const(at, data)


def computed(overlay: Overlay, name: str, function: Any) -> None:
    """Let an overlay compute a function of known values as Python would."""

    @overlay.handles(name)
    def run(reader: Reader, base: Value | None, call: Call) -> Value | None:
        if function is None:
            return None
        args: list[Value] = list(call.args)
        if len(args) == 1 and name in ("builtins.min", "builtins.max", "builtins.sum", "builtins.any", "builtins.all"):
            known = expressions.listed(reader, args[0])
            if known is None:
                return None
            args = [Items(call.at, tuple(known))]
        if name == "builtins.bool" and args and (known_truth := truth(args[0])) is not None:
            return Const(args[0].at, known_truth)
        if len(args) == 1 and isinstance(args[0], Either):
            return either(
                [reader.call(Ref(call.at, name), Call((one,), call.kwargs, call.at)) for one in args[0].options],
                call.at,
            )
        try:
            result = function(*[constant(value) for value in args])
        except ValueError:
            return None
        except Exception as fault:  # whatever Python itself would raise
            return unknown(Reason.UNFOLLOWED, f"{name}() cannot be computed ({fault})", call.at)
        where = args[0].at if len(args) == 1 and isinstance(args[0], Const) else call.at
        others = [one.at for one in args if one.at.line != call.at.line]
        return _plain_value(result, others[0] if len(others) == 1 else where)


for _name, _function in COMPUTED.items():
    computed(OVERLAY, _name, _function)


@OVERLAY.handles("builtins.len")
def _len(reader: Reader, base: Value | None, call: Call) -> Value | None:
    value = call.arg(0)
    if isinstance(value, Items | Table) and not value.partial:
        return Const(call.at, len(value.items if isinstance(value, Items) else value.pairs))
    if isinstance(value, Const) and isinstance(value.data, str):
        return Const(call.at, len(value.data))
    if isinstance(value, Instance) and isinstance(found := value.cls.find("__len__"), Function):
        return reader.call(bind(found, value), Call((), {}, call.at))
    return reader.registry.length(value, call.at)


@OVERLAY.handles("builtins.list", "builtins.tuple", "builtins.set", "builtins.sorted", "collections.deque")
def list_of(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """A list of what is given, where its items are known."""
    value = call.arg(0)
    if value is None:
        return Items(call.at)
    known = expressions.listed(reader, value)
    if known is None and isinstance(value, Thing) and value.name == "builtins.range":
        bounds = [plain(bound) for bound in value.args]
        if bounds and all(isinstance(bound, int) for bound in bounds) and len(range(*bounds)) <= 1000:
            known = [Const(value.at, number) for number in range(*bounds)]
    if known is None:
        return None
    name = getattr(getattr(call.node, "func", None), "id", "")
    if name == "sorted" and "key" not in call.kwargs and all(isinstance(one, Const) for one in known):
        try:
            known = sorted(known, key=plain, reverse=bool(plain(call.kwargs.get("reverse"), False)))
        except TypeError:
            return None
    return Items(value.at, tuple(known))


@OVERLAY.handles("builtins.iter")
def _iter(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """The iterable itself: iter(range(200)) counts as range(200) does."""
    return call.args[0] if len(call.args) == 1 else None


@OVERLAY.handles(
    "builtins.dict", "collections.OrderedDict", "types.SimpleNamespace", "argparse.Namespace", "types.MappingProxyType",
    "dataclasses.asdict", "copy.deepcopy", "copy.copy",
)  # fmt: skip
def dict_of(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """A table of a dict, of pairs, of an object's fields or of keyword arguments."""
    value = call.arg(0)
    given = {name: one for name, one in call.kwargs.items() if name != "dict_factory"}
    if isinstance(value, Table):
        made = copied(value)
        assert isinstance(made, Table)
        made.pairs |= given
        made.partial = made.partial or call.partial
        made.read = value.read if not given else set()
        return made
    if isinstance(value, Instance) and value.cls.find("forward") is None:
        return Table(value.at, dict(value.attrs))
    if isinstance(value, Items) and all(isinstance(pair, Items) and len(pair.items) == 2 for pair in value.items):
        table = Table(call.at, partial=value.partial)
        for pair in value.items:
            assert isinstance(pair, Items)
            table.pairs[plain(pair.items[0])] = pair.items[1]
        return table
    if isinstance(value, Items | Const):
        return value
    made = Table(call.at, given, call.partial)
    return made if value is None or isinstance(value, Ref | Function) else None


@OVERLAY.handles("builtins.vars")
def _vars(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """The object's own dict: what is written to it is written to the object."""
    value = call.arg(0)
    if isinstance(value, Instance) and value.cls.find("forward") is None:
        return Table(value.at, value.attrs)
    return value if isinstance(value, Table) else None


@OVERLAY.handles("omegaconf.OmegaConf.set_struct", "omegaconf.OmegaConf.set_readonly", "omegaconf.OmegaConf.resolve")
def _kept(reader: Reader, base: Value | None, call: Call) -> Value | None:
    return Const(call.at, None)


@OVERLAY.handles("builtins.type")
def _type(reader: Reader, base: Value | None, call: Call) -> Value | None:
    value = call.arg(0)
    if isinstance(value, Const) and len(call.args) == 1:
        return Ref(call.at, f"builtins.{type(value.data).__name__}")
    return value.cls if isinstance(value, Instance) and len(call.args) == 1 else None


@OVERLAY.handles("builtins.dir")
def _dir(reader: Reader, base: Value | None, call: Call) -> Value | None:
    value = call.arg(0)
    names = value.names if isinstance(value, Module | Class) else value.attrs if isinstance(value, Instance) else None
    if names is None:
        return None
    return Items(call.at, tuple(Const(call.at, name) for name in names if isinstance(name, str)))


@OVERLAY.handles("builtins.isinstance")
def _isinstance(reader: Reader, base: Value | None, call: Call) -> Value | None:
    value, kinds = call.arg(0), call.arg(1)
    wanted = kinds.items if isinstance(kinds, Items) else (kinds,)
    names = {one.name for one in wanted if isinstance(one, Ref)}
    if isinstance(value, Const):
        own = f"builtins.{type(value.data).__name__}"
        return Const(call.at, own in names or (own == "builtins.bool" and "builtins.int" in names))
    if isinstance(value, Items | Table):
        own = f"builtins.{value.kind}" if isinstance(value, Items) else "builtins.dict"
        return Const(call.at, own in names)
    if isinstance(value, Instance):
        lineage = list(value.cls.lineage())
        bases = {base.name for own in lineage for base in own.bases if isinstance(base, Ref)}
        if bases & names or any(one in lineage for one in wanted):
            return Const(call.at, True)
        whole = not bases or all(isinstance(one, Class) for one in wanted)
        return Const(call.at, False) if whole else None
    if isinstance(value, Thing) and value.name[:1].isalpha() and value.short[:1].isupper() and names:
        return Const(call.at, any(name.rpartition(".")[2] == value.short for name in names))
    if isinstance(value, Function | Class | Module) and names:
        return Const(call.at, False)
    return None


@OVERLAY.handles("builtins.hasattr", "builtins.callable")
def _hasattr(reader: Reader, base: Value | None, call: Call) -> Value | None:
    value, name = call.arg(0), plain(call.arg(1))
    if name is None:
        return Const(call.at, True) if isinstance(value, Function | Class) else None
    if value is not None and expressions.own_attribute(reader, value, name, call.at) is not None:
        return Const(call.at, True)
    whole = not value.partial if isinstance(value, Table) else isinstance(value, Instance) and not value.cls.foreign()
    return Const(call.at, False) if whole else None


@OVERLAY.handles("builtins.getattr")
def _getattr(reader: Reader, base: Value | None, call: Call) -> Value | None:
    value, name = call.arg(0), plain(call.arg(1))
    if value is None or not isinstance(name, str):
        return None
    found = expressions.own_attribute(reader, value, name, call.at)
    if found is None and len(call.args) > 2 and isinstance(value, Table | Instance):
        if isinstance(value, Table) and value.partial:
            return unknown(Reason.UNREAD, f"`{name}` may be among its options, which were not all read", call.at)
        return call.args[2]
    return found or expressions.attribute(reader, value, name, call.at)


@OVERLAY.handles("builtins.setattr")
def _setattr(reader: Reader, base: Value | None, call: Call) -> Value | None:
    owner, name, value = call.arg(0), plain(call.arg(1)), call.arg(2)
    if owner is not None and value is not None and isinstance(name, str):
        reader.set_attribute(owner, name, value, call.at)
    elif owner is not None:
        calls.lost(reader, "setattr() of a name that is not known", call, "the name is known when the program runs")
    return Const(call.at, None)


@OVERLAY.handles("builtins.map", "builtins.filter")
def _map(reader: Reader, base: Value | None, call: Call) -> Value | None:
    function, over = call.arg(0), call.arg(1)
    known = expressions.listed(reader, over) if over is not None else None
    if over is None or not isinstance(function, Function | Ref | Class):
        return None
    if known is None:
        one = reader.call(function, Call((expressions.element(reader, over, call.at),), {}, call.at))
        return Thing(call.at, name="builtins.map", args=(one, over), why=AT_RUN)
    node = getattr(call.node, "func", None)
    if getattr(node, "id", "") == "map":
        return Items(call.at, tuple(reader.call(function, Call((one,), {}, call.at)) for one in known))
    kept, whole = [], True
    for one in known:
        keeps = truth(reader.call(function, Call((one,), {}, call.at)))
        whole = whole and keeps is not None
        if keeps is not False:
            kept.append(one)
    return Items(call.at, tuple(kept), partial=not whole)


@OVERLAY.handles("builtins.next")
def _next(reader: Reader, base: Value | None, call: Call) -> Value | None:
    over = call.arg(0)
    return expressions.element(reader, over, call.at) if over is not None else None


@OVERLAY.handles("functools.partial")
def _partial(reader: Reader, base: Value | None, call: Call) -> Value | None:
    callee, *given = call.args
    if not isinstance(callee, Function | Class | Ref):
        return None

    def later(more: Call) -> Value:
        return reader.call(callee, Call((*given, *more.args), {**call.kwargs, **more.kwargs}, more.at))

    import ast

    node = ast.Lambda(args=ast.arguments([], [], None, [], [], None, []), body=ast.Constant(None))
    return Function(call.at, node, None, native=later)  # type: ignore[arg-type]


@OVERLAY.handles("os.environ.get", "os.getenv")
def _environment(reader: Reader, base: Value | None, call: Call) -> Value | None:
    return unknown(Reason.GIVEN, f"it is read from the environment ({plain(call.arg(0))})", call.at)


# ---------------------------------------------------------------------- methods


def _text_method(name: str) -> None:
    @OVERLAY.handles(f".{name}")
    def run(reader: Reader, owner: Value | None, call: Call) -> Value | None:
        if isinstance(owner, Items) and name == "count":
            return None
        if not isinstance(owner, Const) or not isinstance(owner.data, str):
            return None
        try:
            args = [constant(one) for one in call.args]
            kwargs = {key: constant(one) for key, one in call.kwargs.items()}
            return _plain_value(getattr(owner.data, name)(*args, **kwargs), owner.at)
        except Exception:  # unknown parts, or whatever Python itself would raise
            return None


for _word in TEXT_METHODS:
    _text_method(_word)


@OVERLAY.handles(".append", ".add", ".extend", ".insert", ".appendleft")
def _append(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    if not isinstance(owner, Items):
        return None
    name = getattr(getattr(call.node, "func", None), "attr", "append")
    value = call.args[-1] if call.args else unknown(Reason.PLACEHOLDER, "nothing", call.at)
    if name == "extend":
        known = expressions.listed(reader, value)
        more = [expressions.element(reader, value, call.at)] if known is None else known
        reader.write(vars(owner), "items", (*owner.items, *more))
        if known is None:
            reader.write(vars(owner), "partial", True)
    elif name == "insert" and isinstance(place := plain(call.arg(0)), int):
        items = list(owner.items)
        items.insert(place, value)
        reader.write(vars(owner), "items", tuple(items))
    else:
        reader.write(vars(owner), "items", (*owner.items, value))
    if any(not loop.unrolled for loop in reader.loops):
        reader.write(vars(owner), "partial", True)
    reader.event("append", ".append", owner, call, value)
    return Const(call.at, None)


@OVERLAY.handles(".setdefault")
def _setdefault(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    if not isinstance(owner, Table):
        return None
    key, default = plain(call.arg(0), ...), call.arg(1, "default") or Const(call.at, None)
    if key is ... or not is_key(key):
        reader.write(vars(owner), "partial", True)
        return default
    if key not in owner.pairs:
        reader.write(owner.pairs, key, default)
    found: Value = owner.pairs[key]
    return found


@OVERLAY.handles("collections.defaultdict")
def _defaultdict(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """A dict that creates missing items on first access, which is not followed."""
    return Table(call.at, dict(call.kwargs), partial=True)


@OVERLAY.handles(".get", ".pop")
def _get(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    if not isinstance(owner, Table):
        return None
    key = plain(call.arg(0), ...)
    if isinstance(key, str | int | float | tuple) and key in owner.pairs:
        owner.read.add(key)
        found: Value = owner.pairs[key]
        return found
    if owner.partial or key is ...:
        return None
    return call.arg(1, "default") or Const(call.at, None)


@OVERLAY.handles(".items", ".keys", ".values")
def _views(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    if not isinstance(owner, Table):
        return None
    owner.read.update(owner.pairs)
    name = getattr(getattr(call.node, "func", None), "attr", "items")
    pairs = owner.pairs.items()
    rows: dict[str, list[Value]] = {
        "items": [Items(call.at, (Const(value.at, key), value), "tuple") for key, value in pairs],
        "keys": [Const(value.at, key) for key, value in pairs],
        "values": [value for _, value in pairs],
    }
    return Items(call.at, tuple(rows[name]), partial=owner.partial)


@OVERLAY.handles(".update")
def update(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    """dict.update: a table written over another one in place."""
    if not isinstance(owner, Table):
        return None
    more = call.arg(0)
    for key, value in {**(more.pairs if isinstance(more, Table) else {}), **call.kwargs}.items():
        reader.write(owner.pairs, key, value)
    if (more is not None and not isinstance(more, Table)) or call.partial:
        veil(reader, owner, "settings that were not read may replace it", call.at)
    return Const(call.at, None)


@OVERLAY.handles(".copy")
def copy_of(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    """A separate copy of a table or list."""
    if isinstance(owner, Table):
        return copied(owner)
    return Items(owner.at, owner.items, owner.kind, owner.partial) if isinstance(owner, Items) else None


@OVERLAY.handles(".index")
def _index(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    wanted = plain(call.arg(0), ...)
    if isinstance(owner, Items):
        return next((Const(call.at, n) for n, one in enumerate(owner.items) if plain(one, None) == wanted), None)
    return None
