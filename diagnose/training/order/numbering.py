"""How a program numbers its classes: in a stable order, or in one that may differ in another run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Event, Items, Thing, Value
from diagnose.model import ClassNumbers, Fact, Location
from diagnose.training.fields import ancestors
from diagnose.training.lines import nodes
from diagnose.training.order.orders import LISTINGS, TABLES, alike, counts, literal

ENCODERS = ("LabelEncoder", "LabelBinarizer", "OrdinalEncoder", "OneHotEncoder")
ENCODES = (".fit_transform", "pandas.factorize", ".factorize")
KEEPING = (".save", ".save_weights", "torch.save", "torch.load", ".load_state_dict", ".load_weights", ".save_model",
           "keras.models.load_model", "keras.callbacks.ModelCheckpoint", "joblib.dump")  # fmt: skip
WRITING = ("json.dump", "json.dumps", "pickle.dump", "yaml.dump", "yaml.safe_dump", "numpy.save", "joblib.dump",
           ".to_csv", ".to_json", ".write")  # fmt: skip
NUMBERS = ("load_data", "int", "argmax", "targets", "range", "astype", "int64", "long")
SAME_COLUMN = ("values", "to_numpy", "astype", "ravel", "tolist", "reshape", "flatten", "squeeze")
PARTS = ({(0,), (1,)}, {(2,), (3,)})  # of a split
LEAVES_ORDER = ("builtins.list", "builtins.tuple", "numpy.array", "builtins.enumerate", "builtins.iter")


@dataclass(frozen=True, eq=False)
class Numbering:
    """Classes numbered in the order of `source`, a set or a listing."""

    source: Thing
    event: Event

    @property
    def kind(self) -> str:
        """ "set" or "listing"."""
        return "set" if self.source.short == "set" else "listing"


def class_numbers(reader: Reader) -> Iterator[Fact]:
    """Class numbers that may differ in another run or another part of the images, each source once."""
    found = [one for one in _numberings(reader) if one.kind != "set" or not _of_numbers(one.source)]
    apart = _apart(found)
    written = bool(reader.trace.calls(*WRITING))
    keeps = bool(reader.trace.calls(*KEEPING))
    by_place: dict[tuple[str, int | None], Numbering] = {}
    for one in found:
        place = (one.source.at.file, one.source.at.line)
        if id(one.event) in apart or place not in by_place:
            by_place[place] = one
    for one in by_place.values():
        other = apart.get(id(one.event))
        if other is not None or not written:
            yield ClassNumbers(one.source.at, one.kind, other.source.at.line if other else None, keeps)
    yield from _encoded_apart(reader)


def _of_numbers(source: Thing) -> bool:
    """Whether a set holds integers, which have the same order each time."""
    return any(isinstance(one, Thing) and one.short.lstrip(".") in NUMBERS for one in ancestors(source, 60))


def _apart(found: list[Numbering]) -> dict[int, Numbering]:
    """Earlier numberings of another folder's classes done separately, by the id of the later event."""
    apart: dict[int, Numbering] = {}
    for place, one in enumerate(found):
        for earlier in found[:place]:
            listings = one.kind == earlier.kind == "listing"
            if listings and not alike(one.source, earlier.source) and _known_folders(one, earlier):
                apart[id(one.event)] = earlier
    return apart


def _known_folders(*numberings: Numbering) -> bool:
    return all(isinstance(_folder(one.source), str) for one in numberings)


def _folder(listing: Thing) -> object:
    return literal(listing.args[0] if listing.args else listing.base)


def _numberings(reader: Reader) -> Iterator[Numbering]:
    for event in reader.trace:
        if event.kind == "append":
            for label in _labels(event):
                source = _beneath(counts(label))
                if source is not None:
                    yield Numbering(source, event)
        elif event.kind != "call":
            continue
        elif event.name in ("builtins.enumerate", "builtins.range"):
            source = _beneath(_numbered(event))
            if source is not None and _numbers_names(reader, event.at):
                yield Numbering(source, event)
        elif event.name == ".index" and (source := _beneath(event.target)) is not None:
            yield Numbering(source, event)
        elif event.name == "builtins.zip" and len(event.args) == 2 and _is_range(event.args[1]):
            source = _beneath(event.args[0])
            if source is not None:
                yield Numbering(source, event)


def _labels(event: Event) -> tuple[Value, ...]:
    """The candidates for the number in an appended value: the value itself, or the items of a pair."""
    value = event.args[-1] if event.args else None
    return value.items if isinstance(value, Items) else (value,) if value is not None else ()


def _numbered(event: Event) -> Value | None:
    """The sequence that enumerate(names) or range(len(names)) numbers."""
    given = event.args[0] if event.args else None
    if event.name == "builtins.enumerate":
        return given
    return given.args[0] if isinstance(given, Thing) and given.name == "builtins.len" and given.args else None


def _is_range(value: Value) -> bool:
    return isinstance(value, Thing) and value.name == "builtins.range"


def _beneath(value: Value | None) -> Thing | None:
    """The set of names, or the listing of folders, that determines a sequence's order; None for any other."""
    for _ in range(10):
        if isinstance(value, Items) and value.items and value.partial and value.kind == "list":
            value = value.items[0]  # a list of another sequence's items
            if isinstance(value, Thing) and value.name == "item":
                value = value.base
        elif isinstance(value, Thing) and value.name in LEAVES_ORDER and value.args:
            value = value.args[0]
        elif isinstance(value, Thing) and value.name in (".name", ".stem"):
            value = value.base.base if isinstance(value.base, Thing) and value.base.name == "item" else None
        else:
            break
    if isinstance(value, Thing) and (value.name == "builtins.set" or value.name in LISTINGS):
        return value
    return None


def _numbers_names(reader: Reader, at: Location) -> bool:
    """Whether the enumerate() or range() on a line numbers names in a dict, in a comprehension such as
    {name: number for number, name in …} or a loop."""
    for node in nodes(reader, at):
        if isinstance(node, ast.DictComp):
            call, pair = node.generators[0].iter, node.generators[0].target
            if call.lineno == at.line and _numbers(call, pair, node.key, node.value):
                return True
        elif isinstance(node, ast.For) and node.iter.lineno == at.line and _filled(node):
            return True
    return False


def _numbers(call: ast.expr, pair: ast.expr, key: ast.expr, value: ast.expr) -> bool:
    """Whether `value` is the number, and `key` derives from the name, in a loop `for pair in call`."""
    match call, pair:
        case ast.Call(func=ast.Name(id="enumerate")), ast.Tuple(elts=[number, name]):
            return _same(value, number) and _read(name) in ast.dump(key)
        case ast.Call(func=ast.Name(id="range"), args=[ast.Call(args=[names])]), ast.Name():
            item = ast.Subscript(value=names, slice=ast.Name(id=pair.id, ctx=ast.Load()), ctx=ast.Load())
            return _same(value, pair) and ast.dump(item) in ast.dump(key)
    return False


def _same(one: ast.expr, other: ast.expr) -> bool:
    return _read(one) == _read(other)


def _read(node: ast.expr) -> str:
    """The source text of a name or a tuple of names where it is read."""
    return ast.dump(node).replace("Store()", "Load()")


def _filled(loop: ast.For) -> bool:
    """Whether a loop over enumerate(names) writes numbers[name] = number."""
    return any(
        isinstance(node, ast.Assign) and isinstance(target := node.targets[0], ast.Subscript)
        and _numbers(loop.iter, loop.target, target.slice, node.value)
        for node in loop.body
    )  # fmt: skip


# ---------------------------------------------------------------------- encoders


def _encoded_apart(reader: Reader) -> Iterator[Fact]:
    """An encoder that is fitted separately to the same column of two tables or splits."""
    fits = [event for event in reader.trace.calls(*ENCODES) if (name := _encoder(event)) and name]
    for place, event in enumerate(fits):
        earlier = next((one for one in fits[:place] if _encoder(one) == _encoder(event)
                        and _same_column(_encoded(one), _encoded(event))), None)  # fmt: skip
        if earlier is not None:
            yield ClassNumbers(event.at, _encoder(event), earlier.at.line, keeps=True)
            return


def _encoder(event: Event) -> str:
    if event.name.endswith("factorize"):
        return "factorize"
    return event.target.short if isinstance(event.target, Thing) and event.target.short in ENCODERS else ""


def _encoded(event: Event) -> Value | None:
    return event.args[0] if event.args else event.target if event.name == ".factorize" else None


def _same_column(one: Value | None, other: Value | None) -> bool:
    """Whether two values are the same column of different tables, or two parts of one split."""
    path_one, root_one = _path(one)
    path_other, root_other = _path(other)
    if root_one is None or root_other is None or (root_one is root_other and path_one == path_other):
        return False
    if root_one is root_other and root_one.short == "train_test_split":
        return {path_one[:1], path_other[:1]} in PARTS and path_one[1:] == path_other[1:]
    tables = root_one.short in TABLES and root_other.short in TABLES
    return tables and bool(path_one) and path_one == path_other and not alike(root_one, root_other)


def _path(value: Value | None) -> tuple[tuple[object, ...], Thing | None]:
    """The attributes and keys from a table down to one column, and the table."""
    path: list[object] = []
    while isinstance(value, Thing) and value.base is not None and (value.name == "[]" or value.name.startswith(".")):
        key = literal(value.args[0]) if value.name == "[]" and value.args else value.name.lstrip(".")
        if key not in SAME_COLUMN:
            path.insert(0, key)
        value = value.base
    return tuple(path), value if isinstance(value, Thing) else None
