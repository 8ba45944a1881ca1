"""Training and validation parts that Keras cuts out of one folder or array by settings which have to agree."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Const, Event, Thing, Value
from diagnose.model import Fact, SplitsOverlap
from diagnose.training.order.orders import alike, literal

FOLDER = "image_dataset_from_directory"
FLOWS = (".flow_from_directory", ".flow_from_dataframe", ".flow")
# Places of the arguments of image_dataset_from_directory(); those of a flow are given by name.
SHUFFLE, SEED, FRACTION, SUBSET = 7, 8, 9, 10


def cut_unequally(reader: Reader) -> Iterator[Fact]:
    """Subsets "training" and "validation" of one folder that another seed, fraction or shuffling cuts differently."""
    folders = [event for event in reader.trace.calls() if event.short == FOLDER]
    for one, other in combinations(folders, 2):
        how = _unequal_folders(one, other) if not _is_open(reader, one, other) else None
        if how is not None:
            yield SplitsOverlap(other.at, how, FOLDER, one.at.line)
    flows = [event for event in reader.trace.calls(*FLOWS) if isinstance(event.target, Thing)]
    for one, other in combinations(flows, 2):
        if not _is_open(reader, one, other) and _unequal_flows(one, other):
            yield SplitsOverlap(other.at, "fractions", other.short, one.at.line)


def _is_open(reader: Reader, *events: Event) -> bool:
    return any(reader.is_open(event.at) for event in events)


def _subset(event: Event, place: int = -1) -> object:
    return literal(_argument(event, place, "subset"))


def _argument(event: Event, place: int, name: str) -> Value | None:
    if name in event.kwargs:
        return event.kwargs[name]
    return event.args[place] if 0 <= place < len(event.args) else None


def _source(event: Event) -> Value | None:
    for name in ("directory", "dataframe", "x"):
        if name in event.kwargs:
            return event.kwargs[name]
    return event.args[0] if event.args else None


def _unequal_folders(one: Event, other: Event) -> str | None:
    """seeds, fractions or shuffle, by which two subsets of one folder differ; None where they fit each other."""
    if {_subset(one, SUBSET), _subset(other, SUBSET)} != {"training", "validation"}:
        return None
    if not alike(_source(one), _source(other)):
        return None
    if _differ(one, other, FRACTION, "validation_split"):
        return "fractions"
    shuffles = [_shuffles(event) for event in (one, other)]
    if None in shuffles:
        return None
    if shuffles[0] != shuffles[1]:
        return "shuffle"
    return "seeds" if shuffles[0] and _differ(one, other, SEED, "seed") else None


def _shuffles(event: Event) -> bool | None:
    given = _argument(event, SHUFFLE, "shuffle")
    told = True if given is None else literal(given)
    return told if isinstance(told, bool) else None


def _differ(one: Event, other: Event, place: int, name: str) -> bool:
    """Whether both are given the argument, and not the same number."""
    first, second = _argument(one, place, name), _argument(other, place, name)
    return isinstance(first, Const) and isinstance(second, Const) and first.data != second.data


def _unequal_flows(one: Event, other: Event) -> bool:
    """Whether a generator that holds back less trains on what another one validates on: its fraction is smaller."""
    by_subset = {_subset(event): event for event in (one, other)}
    if (
        one.name != other.name
        or set(by_subset) != {"training", "validation"}
        or not alike(_source(one), _source(other))
    ):
        return False
    held = [_fraction(by_subset[name]) for name in ("training", "validation")]
    return held[0] is not None and held[1] is not None and held[0] < held[1]


def _fraction(event: Event) -> float | None:
    generator = event.target
    if not isinstance(generator, Thing) or generator.short != "ImageDataGenerator":
        return None
    told = literal(generator.kwargs.get("validation_split"))
    return float(told) if isinstance(told, int | float) else None
