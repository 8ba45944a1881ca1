"""Arrays ordered class by class, and splits that cut off their last part, where the order is certain."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Either, Event, Items, Loop, Thing, Value, plain
from diagnose.model import Location, OrderedSplit
from diagnose.training.fields import ancestors
from diagnose.training.keras.compiling import argument
from diagnose.training.labels import ENCODERS, JOINED, KEPT, ONE_HOT
from diagnose.training.pytorch.sessions import source
from diagnose.training.unfollowed import unfollowed_calls, within

FILLED = ("zeros", "ones", "full", "repeat")
LISTS = ("builtins.list", "builtins.tuple")


def ordered_splits(reader: Reader, fits: list[Event]) -> Iterator[OrderedSplit]:
    """Every split that removes whole classes from the training, once per place."""
    seen: set[Location] = set()
    for found in (*(one for event in fits if (one := _of_arrays(reader, event))), *_of_folders(reader)):
        if found.location not in seen:
            seen.add(found.location)
            yield found


def _of_folders(reader: Reader) -> Iterator[OrderedSplit]:
    """image_dataset_from_directory() lists files class by class, and splits them in that order where shuffle=False."""
    calls = [e for e in reader.trace.calls() if e.short == "image_dataset_from_directory"]
    halves = [e for e in calls if plain(e.kwargs.get("validation_split")) and "subset" in e.kwargs]
    orders = [plain(e.kwargs.get("shuffle"), True) for e in halves]
    if halves and all(order is False for order in orders):
        for event in halves:
            if plain(event.kwargs["subset"]) in ("training", "both"):
                given = event.kwargs["shuffle"]
                yield OrderedSplit(given.at, how="shuffle=False", labels=event.at.line, arrays=False)


def _of_arrays(reader: Reader, event: Event) -> OrderedSplit | None:
    """validation_split of fit(), or validation data from another slice of the same arrays."""
    y = argument(event, 1, "y")
    if y is None or event.name not in (".fit",):
        return None
    split = argument(event, 6, "validation_split")
    if split is not None and isinstance(plain(split), float) and plain(split) > 0:
        built = ordered_by_class(reader, y, event.index)
        return OrderedSplit(split.at, how="validation_split", labels=built.line) if built is not None else None
    held = argument(event, 7, "validation_data")
    pair = held.items if isinstance(held, Items) and len(held.items) > 1 else ()
    if not pair or not _is_slice(y) or not _is_slice(pair[1]):
        return None
    one, other = _sliced(y), _sliced(pair[1])
    if one is None or one is not other:
        return None
    built = ordered_by_class(reader, one, event.index)
    return OrderedSplit(pair[1].at, how="a slice", labels=built.line) if built is not None else None


def _is_slice(value: Value | None) -> bool:
    return isinstance(value, Thing) and value.name == "[:]" and all(plain(one, 0) != -1 for one in value.args[2:])


def _sliced(value: Value) -> Value | None:
    return value.base if isinstance(value, Thing) else None


def ordered_by_class(reader: Reader, labels: Value, before: int) -> Location | None:
    """Where labels are listed one class after another; None where they are not, or may be shuffled.

    before: the index of the event before which nothing may shuffle them.
    """
    chain: list[Value] = []
    built = _built(reader, labels, chain)
    if built is None:
        return None
    own = {id(one) for one in chain}
    shuffles = [event for event in reader.trace[:before]
                if event.kind in ("call", "unfollowed") and "shuffle" in event.short.lower()]  # fmt: skip
    given = [one for event in shuffles for one in (*event.args, event.target) if one is not None]
    if any(id(one) in own for one in within(given)):
        return None
    lost = (call for call in unfollowed_calls(reader) if call.event.index < before)
    return None if any(call.reaches(chain) for call in lost) else built


def _built(reader: Reader, labels: Value, chain: list[Value]) -> Location | None:
    """Where labels are listed class by class; the values they are computed from are added to `chain` in any case."""
    value: Value | None = labels
    for _ in range(30):
        if value is None:
            return None
        chain.append(value)
        if isinstance(value, Items):
            return _filled_in_loops(reader, value, chain)
        if not isinstance(value, Thing):
            return None
        parts = _parts(value)
        if parts:
            fills = [_fill(part) for part in parts]
            apart = None not in fills and len(set(map(str, fills))) == len(fills) and len(fills) > 1
            return value.at if apart else None
        value = _before(value)
    return None


def _parts(value: Thing) -> tuple[Value, ...]:
    """The concatenated values: the items of concatenate(), the sides of list + list."""
    first = value.args[0] if value.args else None
    if value.short in JOINED and isinstance(first, Items) and len(first.items) > 1:
        return first.items
    if value.short == "append" and value.package == "numpy" and len(value.args) > 1:
        return value.args[:2]
    if value.name == "op+" and all(_fill(one) is not None or _summed(one) for one in value.args):
        return tuple(part for one in value.args for part in (_summed(one) or (one,)))
    return ()


def _summed(value: Value) -> tuple[Value, ...]:
    """The lists that a sum concatenates; empty for any other value."""
    return _parts(value) if isinstance(value, Thing) and value.name == "op+" else ()


def _fill(value: Value) -> object:
    """The one number that an array or list is filled with: zeros(n), [1] * n; None for any other."""
    if isinstance(value, Items) and value.items and not value.partial:
        numbers = {str(plain(one, None)) for one in value.items}
        return numbers.pop() if len(numbers) == 1 and "None" not in numbers else None
    if not isinstance(value, Thing):
        return None
    if value.name == "op*" and len(value.args) == 2:
        return next((_fill(one) for one in value.args if isinstance(one, Items)), None)
    if value.short in FILLED and value.package in ("numpy", "tensorflow", "keras"):
        number = {"zeros": 0, "ones": 1}.get(value.short)
        place = value.arg(0 if value.short == "repeat" else 1, "fill_value", "a")
        fill = number if number is not None else plain(place)
        return str(fill) if isinstance(fill, int | float) else None
    if value.name.startswith(".") and value.short in ("astype", "reshape") and value.base is not None:
        return _fill(value.base)
    return None


def _before(value: Thing) -> Value | None:
    """The value that labels were computed from, in the same order; None where the order may change."""
    first = value.args[0] if value.args else None
    if value.name == "[]" and isinstance(value.base, Thing) and value.base.short in ("eye", "identity"):
        return first
    if value.name in (".fit_transform", ".transform"):
        encoder = next(
            (one for one in ancestors(value.base, 6) if isinstance(one, Thing) and one.short in ENCODERS), None
        )
        return first if encoder is not None else None
    if value.name.startswith("op") and len(value.args) == 2:
        return first if isinstance(first, Thing | Items) else value.args[1]
    if value.short not in KEPT - {"shuffle"} and value.short not in ONE_HOT and value.name not in LISTS:
        return None
    return value.base if value.name.startswith(".") else first


# ---------------------------------------------------------------------- lists filled in loops


def _filled_in_loops(reader: Reader, items: Items, chain: list[Value]) -> Location | None:
    """Where a list is filled class by class; None where uncertain. The lists of pairs are added to `chain`."""
    pairs = [(e, e.args[-1]) for e in reader.trace if e.kind == "append" and e.target is items and e.args]
    if not pairs:  # a comprehension over a list of pairs
        pairs = [pair for one in items.items for pair in _holding(reader, one)]
    elif all(len(_passed(event)) == 1 and isinstance(_over(event), Items) for event, _ in pairs):
        inner = [pair for event, one in pairs for pair in _holding(reader, one) if pair[0].target is _over(event)]
        pairs = inner or pairs
    chain += [event.target for event, _ in pairs if event.target is not None]
    if not pairs or not _class_by_class(pairs):
        return None
    return pairs[0][0].at


def _holding(reader: Reader, value: Value) -> list[tuple[Event, Value]]:
    """Where a value, or one of its alternatives, is stored in a list together with its image."""
    wanted = {id(one) for one in (value, *(value.options if isinstance(value, Either) else ()))}
    return [
        (event, part)
        for event in reader.trace
        if event.kind == "append" and event.args and isinstance(event.args[-1], Items)
        for part in event.args[-1].items
        if id(part) in wanted
    ]


def _passed(event: Event) -> list[Loop]:
    return [loop for loop in event.loops if not loop.unrolled]


def _over(event: Event) -> Value | None:
    loops = _passed(event)
    return source(loops[-1].over) if loops else None


def _class_by_class(pairs: list[tuple[Event, Value]]) -> bool:
    """Whether labels appended in loops come one class after another."""
    if len(pairs) > 1:
        labels = [plain(value, None) for _, value in pairs]
        loops = [_passed(event)[-1] if _passed(event) else None for event, _ in pairs]
        apart = None not in loops and len({id(loop) for loop in loops}) == len(loops)
        alone = all(len(_passed(event)) == 1 for event, _ in pairs)
        return apart and alone and None not in labels and len({str(label) for label in labels}) == len(labels)
    event, label = pairs[0]
    loops_around = _passed(event)
    if len(loops_around) < 2:
        return False
    return not _depends(label, loops_around[-1]) and any(_depends(label, loop) for loop in loops_around[:-1])


def _depends(value: Value, loop: Loop) -> bool:
    """Whether a value is computed from the item, or the index, of a loop's iteration."""
    over = source(loop.over)
    for one in ancestors(value, 60):
        if not isinstance(one, Thing):
            continue
        if (one.name == "item" and one.base is over) or (not one.name and one.at == loop.at):
            return True
    return False
