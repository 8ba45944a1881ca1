"""Where a program pairs two sequences item by item, usually images and their labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from diagnose.interpreter.functions import bind
from diagnose.interpreter.reader import Exhausted, Reader
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import Call, Either, Event, Function, Instance, Items, Table, Thing, Value, unknown
from diagnose.libraries.networks import is_network
from diagnose.model import Location

FITS = (".fit", ".fit_generator", ".flow", ".evaluate", ".train_on_batch", ".partial_fit")
TOGETHER = ("train_test_split", "TensorDataset", "ArrayDataset")
TABLES = ("read_csv", "read_excel", "read_table", "read_parquet", "DataFrame")
MOST_DATASETS = 6


@dataclass(frozen=True, eq=False)
class Pair:
    """Two sequences, or an item of each, that are used as pairs. trains: whether a training gets them."""

    first: Value
    second: Value
    at: Location
    index: int
    trains: bool


def find_pairs(reader: Reader) -> Iterator[Pair]:
    """Every pair, in the program's order; those of items from the program's own datasets come last."""
    for event in list(reader.trace):
        for first, second, trains in _in_event(event):
            if first is not None and second is not None and first is not second:
                yield Pair(first, second, event.at, event.index, trains)
    yield from _of_datasets(reader)


def _in_event(event: Event) -> Iterator[tuple[Value | None, Value | None, bool]]:
    given = event.args
    if event.kind == "append" and given and isinstance(given[-1], Items):
        yield from _with_first(given[-1].items, trains=False)
    elif event.kind == "set" and event.name.startswith("[") and _is_table(event.target):
        yield event.target, given[0], False
    elif event.kind != "call":
        return
    elif event.name in FITS:
        yield event.kwargs.get("x", given[0] if given else None), event.kwargs.get("y") or _at(given, 1), True
    elif event.short == "from_lists":
        yield event.kwargs.get("fnames") or _at(given, 1), event.kwargs.get("labels") or _at(given, 2), True
    elif event.short in TOGETHER or event.name == "sklearn.utils.shuffle":
        yield from _with_first(given, trains=True)
    elif event.short == "from_tensor_slices" and given and isinstance(given[0], Items | Table):
        inner = given[0]
        yield from _with_first(inner.items if isinstance(inner, Items) else tuple(inner.pairs.values()), trains=True)
    elif event.short == "zip":
        parts = given[0].items if len(given) == 1 and isinstance(given[0], Items) else given
        yield from _with_first(parts, trains=False)
    elif event.short == "DataFrame" and given and isinstance(given[0], Table):
        yield from _with_first(tuple(given[0].pairs.values()), trains=False)


def _with_first(values: tuple[Value, ...], trains: bool) -> Iterator[tuple[Value, Value, bool]]:
    for other in values[1:6]:
        yield values[0], other, trains


def _at(values: tuple[Value, ...], place: int) -> Value | None:
    return values[place] if place < len(values) else None


def _is_table(value: Value | None) -> bool:
    return isinstance(value, Thing) and value.short in TABLES


def _of_datasets(reader: Reader) -> Iterator[Pair]:
    """The pairs that __getitem__ of the program's own datasets returns."""
    made = [event.result for event in reader.trace if event.kind == "make"]
    sets = [one for one in made if isinstance(one, Instance) and isinstance(one.cls.find("__getitem__"), Function)]
    for dataset in [one for one in sets if not is_network(one)][:MOST_DATASETS]:
        getter = dataset.cls.find("__getitem__")
        assert isinstance(getter, Function)
        try:
            result = reader.call(
                bind(getter, dataset),
                Call((unknown(Reason.PLACEHOLDER, "the number of an item", getter.at),), {}, getter.at),
            )
        except Exhausted:
            return
        for parts in _tuples(result):
            for first, second, _ in _with_first(parts, trains=True):
                yield Pair(first, second, dataset.at, len(reader.trace), trains=True)


def _tuples(result: Value) -> list[tuple[Value, ...]]:
    match result:
        case Items(items=items):
            return [items]
        case Table(pairs=pairs):
            return [tuple(pairs.values())]
        case Either(options=options):
            return list(chain.from_iterable(map(_tuples, options)))
    return []
