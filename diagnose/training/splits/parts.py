"""Parts of arrays and datasets: their origin, and whether two of them certainly overlap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from diagnose.interpreter.values import Const, Either, Instance, Items, Table, Thing, Value
from diagnose.training.order.orders import alike, literal

# Calls that keep each item of their first argument, or their object, in its position.
ELEMENTWISE = ("array", "asarray", "tensor", "from_numpy", "as_tensor", "stack", "expand_dims", "list",
               "to_categorical", "cast", "convert_to_tensor", "preprocess_input")  # fmt: skip
METHODS = (".astype", ".reshape", ".float", ".permute", ".transpose", ".copy", ".clone", ".map", ".batch", ".prefetch",
           ".cache", ".repeat", ".apply", ".with_options", ".to_numpy")  # fmt: skip
MOST, DEEPEST = 400, 40


@dataclass(frozen=True, eq=False)
class Cut:
    """A slice of a sequence: from `first` up to `last`, exclusive; None for its own ends. Negative: from its end."""

    first: Value | None
    last: Value | None


def beneath(value: Value | None) -> Iterator[Value]:
    """The values that a value contains or was computed from, instances of the program included, nearest first."""
    waiting, seen, place = [value] if value is not None else [], set(), 0
    while place < len(waiting) and place < MOST:
        one = waiting[place]
        place += 1
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        match one:
            case Thing():
                waiting += [part for part in (one.base, *one.args, *one.kwargs.values()) if part is not None]
            case Items(items=items):
                waiting += items[:20]
            case Table(pairs=pairs):
                waiting += pairs.values()
            case Either(options=options):
                waiting += options
            case Instance(attrs=attrs):
                waiting += [part for part in attrs.values() if isinstance(part, Value)]


def overlap(one: Value | None, other: Value | None) -> str | None:
    """ "whole" where one of two sequences is the other or a part of it, "slices" where they are overlapping parts.

    None where they do not overlap, or where that is uncertain.
    """
    first, second = _way(one), _way(other)
    for place, (node, _) in enumerate(first):
        meet = next((n for n, (theirs, _) in enumerate(second) if theirs is node), None)
        if meet is None:
            continue
        cuts = [[cut for _, cut in way if cut is not None] for way in (first[:place], second[:meet])]
        if not cuts[0] or not cuts[1]:
            return "whole"
        return "slices" if len(cuts[0]) == len(cuts[1]) == 1 and _overlap(cuts[0][0], cuts[1][0]) else None
    return None


def _way(value: Value | None) -> list[tuple[Value, Cut | None]]:
    """The sequence and its earlier states, step by step, each with its cut from the next."""
    found: list[tuple[Value, Cut | None]] = []
    while value is not None and len(found) < DEEPEST:
        before, cut = _before(value)
        found.append((value, cut))
        value = before
    return found


def _before(value: Value) -> tuple[Value | None, Cut | None]:
    if not isinstance(value, Thing):
        return None, None
    if value.name == "[:]":
        step = value.args[2] if len(value.args) > 2 else None
        whole = literal(step) is None or step is None
        return (value.base, Cut(_bound(value.args[0]), _bound(value.args[1]))) if whole else (None, None)
    if value.name == ".take":
        return value.base, Cut(None, value.arg(0, "count"))
    if value.name == ".skip":
        return value.base, Cut(value.arg(0, "count"), None)
    if value.name in METHODS:
        return value.base, None
    if value.name == ".flow" or value.short == "from_tensor_slices":
        given = value.arg(0, "x", "tensors")
        return (given.items[0] if isinstance(given, Items) and given.items else given), None
    if value.name.startswith("op"):
        parts = [part for part in value.args if not isinstance(part, Const | Items)]
        return (parts[0], None) if len(parts) == 1 else (None, None)
    if value.name[:1].isalpha() and value.short in ELEMENTWISE and value.args:
        return value.args[0], None
    return None, None


def uncut(value: Value) -> Value | None:
    """A sequence one step earlier, with each item in the same position; None for a part, and where unknown."""
    before, cut = _before(value)
    return before if cut is None else None


def _bound(value: Value) -> Value | None:
    return None if literal(value) in (None, 0) else value


def _overlap(one: Cut, other: Cut) -> bool:
    if one.first is None and other.first is None:
        return True  # both from the beginning
    if one.last is None and other.last is None:
        return True  # both to the end
    return _begins_before(one.first, other.last) and _begins_before(other.first, one.last)


def _begins_before(first: Value | None, last: Value | None) -> bool:
    """Whether a part that begins at `first` certainly begins before another one ends."""
    if first is None or last is None:
        return True
    begin, end = literal(first), literal(last)
    if alike(first, last) or not isinstance(begin, int) or not isinstance(end, int):
        return False
    return (begin < 0) == (end < 0) and begin < end
