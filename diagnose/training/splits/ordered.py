"""Splits of images listed class by class, without fit(): slices of arrays, first and last indices of a folder.

The last classes are then never trained on.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Const, Event, Thing, Value
from diagnose.model import Location, OrderedSplit
from diagnose.training.order.orders import alike, literal
from diagnose.training.splits.ordering import ordered_by_class

FOLDERS = ("ImageFolder", "DatasetFolder")
FITS = (".fit", ".fit_generator")  # whose arguments `ordering` checks


def cut_by_class(reader: Reader) -> Iterator[OrderedSplit]:
    """Each place that cuts off the last classes, once."""
    reported: set[Location] = set()
    for found in (*_of_arrays(reader), *_of_folders(reader), *_of_skorch(reader)):
        if found.location not in reported:
            reported.add(found.location)
            yield found


def _of_arrays(reader: Reader) -> Iterator[OrderedSplit]:
    """Two datasets made from the first and the last part of the same arrays."""
    made = [event for event in reader.trace if event.kind in ("call", "make") and event.name not in FITS]
    cut = [(event, sides) for event in made if len(sides := _slices(event)) > 1]
    for place, (first, ones) in enumerate(cut):
        for _, others in cut[:place] + cut[place + 1 :]:
            labels = next((one for one, other in zip(ones[1:], others[1:], strict=False) if _rest(one, other)), None)
            if labels is None or labels.base is None:
                continue
            built = ordered_by_class(reader, labels.base, first.index)
            if built is not None:
                yield OrderedSplit(others[0].at, how="a slice", labels=built.line)


def _slices(event: Event) -> list[Thing]:
    return [one for one in event.args if isinstance(one, Thing) and one.name == "[:]"]


def _rest(one: Thing, other: Thing) -> bool:
    """Whether the second slice is the rest of the first: x[:cut] and x[cut:]."""
    same = one.base is other.base and literal(one.args[0]) in (None, 0) and literal(other.args[1]) is None
    step = all(len(part.args) < 3 or literal(part.args[2]) is None for part in (one, other))
    return same and step and literal(one.args[1]) is not None and alike(one.args[1], other.args[0])


def _of_folders(reader: Reader) -> Iterator[OrderedSplit]:
    """Subset(folder, range(…)) for both ends of a folder, whose files are listed class by class."""
    subsets = [event for event in reader.trace.calls() if event.short == "Subset" and _range(event) is not None]
    for later in subsets:
        folder, begin = later.args[0], _range(later)
        if not isinstance(folder, Thing) or folder.short not in FOLDERS or begin is None or literal(begin[0]) == 0:
            continue
        for earlier in subsets:
            bounds = _range(earlier)
            same = isinstance(earlier.args[0], Thing) and alike(_root(earlier.args[0]), _root(folder))
            if same and bounds is not None and literal(bounds[0]) == 0 and alike(bounds[1], begin[0]):
                yield OrderedSplit(later.at, how="the last indices", labels=folder.at.line, arrays=False)


def _of_skorch(reader: Reader) -> Iterator[OrderedSplit]:
    """skorch's ValidSplit(n) without stratified=True: the first of n equal parts of the arrays, in order."""
    for event in reader.trace.calls(".fit"):
        net, labels = event.target, event.arg(1, "y")
        split = net.kwargs.get("train_split") if isinstance(net, Thing) and net.package == "skorch" else None
        if not isinstance(split, Thing) or split.short not in ("ValidSplit", "CVSplit") or labels is None:
            continue
        parts = literal(split.arg(0, "cv")) if split.arg(0, "cv") is not None else 5
        stratified = literal(split.arg(1, "stratified")) if split.arg(1, "stratified") is not None else False
        if isinstance(parts, int) and stratified is False:
            built = ordered_by_class(reader, labels, event.index)
            if built is not None:
                yield OrderedSplit(split.at, how="ValidSplit", labels=built.line, first=True)


def _root(folder: Thing) -> Value | None:
    return folder.arg(0, "root")


def _range(event: Event) -> tuple[Value, Value] | None:
    """The bounds of the indices of a Subset: range(end), range(begin, end), also as a list."""
    given = event.args[1] if len(event.args) > 1 else event.kwargs.get("indices")
    if isinstance(given, Thing) and given.name == "builtins.list" and given.args:
        given = given.args[0]
    if not isinstance(given, Thing) or given.short not in ("range", "arange"):
        return None
    if len(given.args) == 1:
        return Const(given.at, 0), given.args[0]
    return (given.args[0], given.args[1]) if len(given.args) == 2 else None
