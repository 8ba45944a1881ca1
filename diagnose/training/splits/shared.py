"""Validation on training images: the same folder, the same array, or overlapping parts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Const, Event, Items, Thing, Value
from diagnose.model import Fact, Location, SplitsOverlap
from diagnose.training.order.orders import alike, literal
from diagnose.training.splits.parts import beneath, overlap
from diagnose.training.splits.redrawn import indexed, same_images

FITS = (".fit", ".fit_generator")
FOLDER = "image_dataset_from_directory"
FROM_FOLDERS = (".flow_from_directory", FOLDER)


def validated_on_training(reader: Reader) -> Iterator[Fact]:
    """Each Keras fit() whose validation data overlap its training data, at the validation data."""
    for event in reader.trace.calls(*FITS):
        train, val = _training(event), event.kwargs.get("validation_data")
        if train is None or val is None or literal(val) is None:
            continue
        held = val.items[0] if isinstance(val, Items) and val.items else val
        reshuffled = _reshuffled(train, held)
        how = "reshuffled" if reshuffled is not None else overlap(train, held) or _one_folder(reader, train, held)
        if how is not None:
            at = reshuffled or _place(held, event.at)
            yield SplitsOverlap(at, how, _name(held), train.at.line)


def overlapping_indices(reader: Reader) -> Iterator[Fact]:
    """Two subsets or samplers over one set whose indices are slices that overlap."""
    for one, other in combinations(indexed(reader), 2):
        repeated = one.event.at == other.event.at and bool(one.event.loops or one.event.functions)
        if repeated or not same_images(one.dataset, other.dataset):
            continue
        if overlap(one.indices, other.indices) == "slices" or _ranges_overlap(one.indices, other.indices):
            yield SplitsOverlap(other.event.at, "slices", other.event.short, one.event.at.line)
            return


def validated_on_training_set(train: Thing | None, held: list[Thing | None]) -> Iterator[Fact]:
    """A PyTorch training whose validation loaders all return exactly the images of its training loader."""
    if train is None or not held or any(loader is None or loader is train for loader in held):
        return
    loaders = [train, *(loader for loader in held if loader is not None)]
    if any(loader.short != "DataLoader" or _samples(loader) for loader in loaders):
        return
    first, *others = [loader.arg(0, "dataset") for loader in loaders]
    if first is not None and all(same_images(first, other) for other in others):
        own = others[0]
        at = own.at if own is not None and own is not first else loaders[1].at
        yield SplitsOverlap(at, "whole", _name(own), first.at.line)


def _samples(loader: Thing) -> bool:
    """Whether something selects among the images of a loader's dataset."""
    return any(loader.arg(place, name) is not None for place, name in ((3, "sampler"), (4, "batch_sampler")))


def _training(event: Event) -> Value | None:
    return event.arg(0, "x", "generator")


def _place(held: Value, fit: Location) -> Location:
    return held.at if isinstance(held, Thing) and held.at.line is not None else fit


def _name(value: Value | None) -> str:
    return value.short.lstrip(".") if isinstance(value, Thing) and value.short[:1].isalpha() else ""


def _one_folder(reader: Reader, train: Value, held: Value) -> str | None:
    """Whether both come from one folder, and one of them is all of it."""
    flows = [_folder(reader, one) for one in (train, held)]
    if flows[0] is None or flows[1] is None:
        return None
    one, other = flows[0], flows[1]
    given = [flow.arg(0, "directory") for flow in (one, other)]
    if one is other or not all(isinstance(path, Const) for path in given) or not alike(given[0], given[1]):
        return None
    whole = [not {"subset", "validation_split"} & flow.kwargs.keys() and len(flow.args) < 9 for flow in (one, other)]
    return "whole" if any(whole) else None


def _folder(reader: Reader, value: Value) -> Thing | None:
    """The folder loader of a dataset, as long as nothing selects among its images."""
    for _ in range(12):
        if not isinstance(value, Thing):
            return None
        if value.name == ".flow_from_directory" or value.short == FOLDER:
            return None if reader.is_open(value.at) or value.kwargs.keys() & {"classes", "class_names"} else value
        if value.name not in (".map", ".prefetch", ".cache", ".shuffle", ".repeat", ".batch") or value.base is None:
            return None
        value = value.base
    return None


def _reshuffled(train: Value, held: Value) -> Location | None:
    """Where a dataset is reshuffled in each epoch before it is split; None where it isn't."""
    cuts = [_first_cut(value) for value in (train, held)]
    if cuts[0] is None or cuts[1] is None or cuts[0].name == cuts[1].name or cuts[0].base is not cuts[1].base:
        return None
    value = cuts[0].base
    while isinstance(value, Thing):
        if value.name == ".cache":
            return None
        if value.name == ".shuffle":
            once = literal(value.arg(2, "reshuffle_each_iteration")) if value.arg(2, "reshuffle_each_iteration") else 1
            return value.at if once is not False and once in (1, True, None) else None
        value = value.base if value.name.startswith(".") else None
    return None


def _first_cut(value: Value) -> Thing | None:
    """The take() or skip() nearest to a dataset's source."""
    found = [one for one in beneath(value) if isinstance(one, Thing) and one.name in (".take", ".skip")]
    return found[-1] if found else None


def _ranges_overlap(one: Value, other: Value) -> bool:
    spans = [_span(value) for value in (one, other)]
    if spans[0] is None or spans[1] is None:
        return False
    return max(spans[0][0], spans[1][0]) < min(spans[0][1], spans[1][1])


def _span(value: Value) -> tuple[int, int] | None:
    if isinstance(value, Thing) and value.name == "builtins.list" and value.args:
        value = value.args[0]
    if isinstance(value, Thing) and value.name in ("builtins.range", "numpy.arange") and len(value.args) <= 2:
        literals = [literal(part) for part in value.args]
        bounds = [part for part in literals if isinstance(part, int)]
        if len(bounds) == len(literals) and bounds:
            return (0, bounds[0]) if len(bounds) == 1 else (bounds[0], bounds[1])
    if isinstance(value, Items) and not value.partial and value.items:
        numbers = [literal(part) for part in value.items]
        whole = [number for number in numbers if isinstance(number, int)]
        if len(whole) == len(numbers) and whole == list(range(whole[0], whole[-1] + 1)):
            return whole[0], whole[-1] + 1
    return None
