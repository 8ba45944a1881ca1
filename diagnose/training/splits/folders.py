"""Training and validation subsets that Keras cuts from one folder or array by settings that must agree."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Const, Event, Thing, Value
from diagnose.model import Fact, SplitsOverlap
from diagnose.training.order.orders import alike, literal

FOLDER = "image_dataset_from_directory"
FLOWS = (".flow_from_directory", ".flow_from_dataframe", ".flow")
# Positions of the arguments of image_dataset_from_directory(); those of a flow are given by name.
SHUFFLE, SEED, FRACTION, SUBSET = 7, 8, 9, 10


def cut_unequally(reader: Reader) -> Iterator[Fact]:
    """Subsets "training" and "validation" of one folder with different seeds, fractions or shuffling."""
    folders = [event for event in reader.trace.calls() if event.short == FOLDER]
    for one, other in combinations(folders, 2):
        how = _unequal_folders(one, other) if not _is_open(reader, one, other) else None
        if how is not None:
            yield SplitsOverlap(other.at, how, FOLDER, one.at.line)
    flows = [event for event in reader.trace.calls(*FLOWS) if isinstance(event.target, Thing)]
    for one, other in combinations(flows, 2):
        how = _unequal_flows(one, other) if not _is_open(reader, one, other) else None
        if how is not None:
            yield SplitsOverlap(other.at, how, other.short, one.at.line)


def _is_open(reader: Reader, *events: Event) -> bool:
    return any(reader.is_open(event.at) for event in events)


def _subset(event: Event, place: int = -1) -> object:
    return literal(event.arg(place, "subset"))


def _source(event: Event) -> Value | None:
    for name in ("directory", "dataframe", "x"):
        if name in event.kwargs:
            return event.kwargs[name]
    return event.args[0] if event.args else None


def _unequal_folders(one: Event, other: Event) -> str | None:
    """How two subsets of one folder mismatch: seeds, fractions, gap or shuffle; None where they match."""
    if {_subset(one, SUBSET), _subset(other, SUBSET)} != {"training", "validation"}:
        return None
    if not alike(_source(one), _source(other)):
        return None
    if how := _by_fractions({_subset(event, SUBSET): _number(event) for event in (one, other)}):
        return how
    shuffles = [_shuffles(event) for event in (one, other)]
    if None in shuffles:
        return None
    if shuffles[0] != shuffles[1]:
        return "shuffle"
    return "seeds" if shuffles[0] and _differ(one, other, SEED, "seed") else None


def _shuffles(event: Event) -> bool | None:
    given = event.arg(SHUFFLE, "shuffle")
    shuffle = True if given is None else literal(given)
    return shuffle if isinstance(shuffle, bool) else None


def _differ(one: Event, other: Event, place: int, name: str) -> bool:
    """Whether both have the argument, with different numbers."""
    first, second = one.arg(place, name), other.arg(place, name)
    return isinstance(first, Const) and isinstance(second, Const) and first.data != second.data


def _unequal_flows(one: Event, other: Event) -> str | None:
    """ "fractions" or "gap", where two generators split off different fractions of one folder or array."""
    if one.name != other.name or not alike(_source(one), _source(other)):
        return None
    return _by_fractions({_subset(event): _fraction(event) for event in (one, other)})


def _by_fractions(held: dict[object, float | None]) -> str | None:
    """ "fractions" where the validation subset overlaps the training one, "gap" where images are in neither of them.

    held: the split-off fraction, by subset.
    """
    train, val = held.get("training"), held.get("validation")
    if train is None or val is None or train == val:
        return None
    return "fractions" if val > train else "gap"


def _number(event: Event) -> float | None:
    share = literal(event.arg(FRACTION, "validation_split"))
    return float(share) if isinstance(share, int | float) else None


def _fraction(event: Event) -> float | None:
    generator = event.target
    if not isinstance(generator, Thing) or generator.short != "ImageDataGenerator":
        return None
    share = literal(generator.kwargs.get("validation_split"))
    return float(share) if isinstance(share, int | float) else None
