"""The origin of a sequence's order: a folder listing, the rows of a table, or a sort of either."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Const, Either, Items, Ref, Table, Thing, Value, plain
from diagnose.training.fields import ancestors

LISTINGS = ("os.listdir", "os.scandir", "os.walk", "glob.glob", "glob.iglob", ".iterdir", ".glob", ".rglob",
            "imutils.paths.list_images", "imutils.paths.list_files", "fastai.get_image_files",
            "fastai.get_files")  # fmt: skip
TABLES = ("read_csv", "read_excel", "read_table", "read_parquet", "read_feather", "genfromtxt", "loadtxt", "loadmat")
FILES = ("builtins.open", "io.open", "codecs.open", "csv.reader", "csv.DictReader")  # read line by line
STORED = ("numpy.load",)
SORTS = ("builtins.sorted", "natsort.natsorted", "natsort.os_sorted", "numpy.sort", ".sort_values", ".sort_index")
ARRAYS = ("zeros", "ones", "empty", "full")
# Calls whose result has no order, or another order than their argument.
ORDERLESS = ("len", "range", "max", "min", "set", "unique", "Counter", "value_counts", "shape", "count", "nunique",
             "merge", "join", "concat", "sample", "shuffle", "load", "isin", "groupby")  # fmt: skip
IN_LIBRARIES = ("pickle", "json", "yaml", "numpy", "torch", "joblib", "pandas", "sklearn", "builtins", "collections",
                "random", "")  # fmt: skip
DEEPEST, MOST = 40, 24


@dataclass(frozen=True, eq=False)
class Order:
    """kind: listing, table, stored (an array in a file), sorted or positions (numbers assigned to index ranges).

    value: the value that determines the order.
    """

    kind: str
    value: Thing

    @property
    def name(self) -> str:
        """The function that determines the order, as a program writes it."""
        return self.value.name.removeprefix("builtins.").lstrip(".")


class Orders:
    """Finds the orders of the sequences in one program."""

    def __init__(self, reader: Reader) -> None:
        self._sorted = {id(event.target) for event in reader.trace.calls(".sort")}
        shuffles = reader.trace.calls("random.shuffle", "numpy.random.shuffle", ".shuffle")
        self._mixed = {id(event.args[0]) for event in shuffles if event.args}
        self._filled: dict[int, list[Value]] = defaultdict(list)
        for event in reader.trace:
            if event.kind == "set" and event.name.startswith("[") and event.target is not None:
                self._filled[id(event.target)].append(event.args[0])
        self._known: dict[int, tuple[Value, tuple[Order, ...]]] = {}
        # Items of a list that is sorted in place are those of its original listing.
        made_of = [order.value for event in reader.trace.calls(".sort") for order in self.of(event.target)]
        self._sorted |= {id(value) for value in made_of}
        self._known = {}

    def of(self, value: Value | None, depth: int = 0) -> tuple[Order, ...]:
        """What the order of a sequence, or the position of one of its items, depends on; empty where unknown."""
        if value is None or depth > DEEPEST:
            return ()
        if id(value) not in self._known:
            self._known[id(value)] = (value, ())  # while it is being found
            self._known[id(value)] = (value, distinct(self._found(value, depth + 1)))
        return self._known[id(value)][1]

    def _found(self, value: Value, depth: int) -> Iterable[Order]:
        match value:
            case _ if id(value) in self._mixed:
                return ()
            case Items(items=items):
                return self._all(items, depth)
            case Table(pairs=pairs):
                return self._all(pairs.values(), depth)
            case Either(options=options):
                return self._all(options, depth)
            case Thing():
                return self._of_thing(value, depth)
        return ()

    def _of_thing(self, value: Thing, depth: int) -> Iterable[Order]:
        given = (*value.args, *value.kwargs.values())
        if value.name in LISTINGS:
            return (Order("sorted" if id(value) in self._sorted else "listing", value),)
        if value.short in TABLES or value.name in FILES or value.name in STORED:
            by_name = self._all(given, depth) if value.short not in TABLES else ()
            return by_name or (Order("stored" if value.name in STORED else "table", value),)
        if value.name in SORTS:
            return self._as_sorted(self._all((value.base, *value.args[:1]), depth), value)
        if value.short.lstrip(".") in ORDERLESS and value.name.rpartition(".")[0] in IN_LIBRARIES:
            return ()
        if value.short == "train_test_split":
            return self._all(value.args, depth)  # the order doesn't depend on what it is stratified by
        if value.name in ("[]", ".get", ".pop"):
            return self._all(given, depth) or self.of(value.base, depth)
        filled = self._filled.get(id(value), [])
        if value.short in ARRAYS and len({one.data for one in filled if isinstance(one, Const)}) > 1:
            return (Order("positions", value),)
        if value.name == "()" or value.short == "predict":
            return self._all(given, depth)
        return self._all((value.base, *given, *filled), depth)

    def _all(self, values: Iterable[Value | None], depth: int) -> tuple[Order, ...]:
        return tuple(order for place, one in enumerate(values) if place < MOST for order in self.of(one, depth))

    def _as_sorted(self, found: Iterable[Order], by: Thing | None = None) -> tuple[Order, ...]:
        return tuple(Order("sorted", by or order.value) for order in found)


def distinct(orders: Iterable[Order]) -> tuple[Order, ...]:
    """The orders without duplicates."""
    found: list[Order] = []
    for order in orders:
        if not any(order.kind == one.kind and alike(order.value, one.value) for one in found):
            found.append(order)
    return tuple(found)


def alike(one: Value | None, other: Value | None, depth: int = 0) -> bool:
    """Whether two values are identical, or computed in the same way from the same values."""
    if one is other:
        return True
    if depth > DEEPEST:
        return False
    match one, other:
        case Const(), Const():
            return type(one.data) is type(other.data) and one.data == other.data
        case Ref(), Ref():
            return one.name == other.name
        case Items(), Items():
            return (len(one.items) == len(other.items) and not one.partial and not other.partial
                    and all(alike(a, b, depth + 1) for a, b in zip(one.items, other.items, strict=True)))  # fmt: skip
        case Thing(), Thing() if one.name and one.name == other.name:
            same_keys = one.kwargs.keys() == other.kwargs.keys() and len(one.args) == len(other.args)
            return (same_keys and alike(one.base, other.base, depth + 1)
                    and all(alike(a, b, depth + 1) for a, b in zip(one.args, other.args, strict=True))
                    and all(alike(one.kwargs[name], other.kwargs[name], depth + 1) for name in one.kwargs))  # fmt: skip
    return False


def related(one: Value, other: Value) -> bool:
    """Whether one of two values was computed from the other, or from an equivalent value."""
    return any(alike(part, other) for part in ancestors(one, 200) if isinstance(part, Thing)) or any(
        alike(part, one) for part in ancestors(other, 200) if isinstance(part, Thing)
    )


def counts(value: Value | None) -> Value | None:
    """The sequence that a number from enumerate() or range() counts in a loop; None for another value."""
    counted = value.attrs.get("__counts__") if isinstance(value, Thing) else None
    return counted if isinstance(counted, Value) else None


def nested(orders: Iterable[Order]) -> Order | None:
    """The listing of folders whose entries the other orders list; None where they are not nested like this."""
    listings = [order for order in orders if order.kind in ("listing", "sorted")]
    for outer in listings:
        inner = [order for order in listings if order is not outer]
        if all(any(part is outer.value for part in ancestors(order.value, 200)) for order in inner):
            return outer
    return None


def literal(value: Value | None) -> object:
    """The plain value, or an object that equals nothing where it is unknown."""
    return plain(value, object())
