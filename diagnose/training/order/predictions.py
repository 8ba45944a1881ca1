"""Predictions on images in random order that are compared with labels in stored order."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Either, Event, Table, Thing, Value, plain
from diagnose.model import Fact, ShuffledPredictions
from diagnose.training.fields import ancestors
from diagnose.training.pytorch.data import dataset_of, find_loader

FLOWS = (".flow_from_directory", ".flow_from_dataframe")
FOLDER = "image_dataset_from_directory"
PREDICTS = (".predict", ".predict_generator")
STORED = (".classes", ".labels", ".filenames", ".filepaths", ".file_paths", ".targets", ".imgs", ".samples")
OF_TORCH = (".targets", ".labels", ".imgs", ".samples")  # its `classes` are names
NAMING = ("target_names", "labels", "display_labels", "columns", "index")  # arguments with class names
KEEPS_ORDER = (".map", ".prefetch", ".batch", ".unbatch", ".with_options", ".take", ".skip", ".apply")
SHUFFLE_PLACE = {".flow_from_directory": 6, FOLDER: 7, "DataLoader": 2}
SHOWS = ("builtins.print", ".format", ".write", ".info", ".append")
MOST = 1500


def shuffled_predictions(reader: Reader) -> Iterator[Fact]:
    """Each loader with random order whose predictions are compared with labels from storage or another pass, once."""
    predicted = [event for event in reader.trace.calls(*PREDICTS) if event.args and drawing(reader, event.args[0])]
    if not predicted and not any(map(_labels_are_read, reader.trace.calls())):
        return
    reported: set[int] = set()
    for event in reader.trace:
        if event.kind not in ("call", "set") or event.name in PREDICTS:
            continue
        sides = [list(ancestors(one, MOST)) for one in _sides(event)]
        if len(sides) < 2:
            continue
        pairs = chain(_compared(reader, sides, predicted), _collected(reader, sides))
        for loader, labels in pairs:
            if id(loader) not in reported:
                reported.add(id(loader))
                yield ShuffledPredictions(loader.at, loader.short, labels, event.at.line)


def _labels_are_read(event: Event) -> bool:
    """Whether an event makes a loader of PyTorch whose dataset's stored labels the program looks at."""
    dataset = dataset_of(event.result) if isinstance(event.result, Thing) and event.short == "DataLoader" else None
    return isinstance(dataset, Thing) and any(name.lstrip(".") in dataset.attrs for name in OF_TORCH)


def _sides(event: Event) -> list[Value]:
    """The values that a call compares: its arguments, the columns of a table, both sides of a comparison.

    A value that is only shown is a side by itself.
    """
    parts: list[Value] = []
    for one in (*event.args, *(value for name, value in event.kwargs.items() if name not in NAMING)):
        inner = next((part for part in ancestors(one, 12) if isinstance(part, Thing) and part.name == "compare"), None)
        if inner is not None:
            parts += inner.args
        elif event.name not in SHOWS:
            parts += one.pairs.values() if isinstance(one, Table) else [one]
    return parts


def _compared(reader: Reader, sides: list[list[Value]], predicted: list[Event]) -> Iterator[tuple[Thing, str]]:
    for side in sides:
        made = {id(one) for one in side}
        for event in predicted:
            loader = drawing(reader, event.args[0])
            if loader is None or id(event.result) not in made:
                continue
            for other in sides:
                labels = _stored(other, loader, event) if other is not side else None
                if labels is not None:
                    yield loader, labels


def _collected(reader: Reader, sides: list[list[Value]]) -> Iterator[tuple[Thing, str]]:
    """PyTorch loaders that shuffle, where outputs for their batches are compared with the labels of their dataset."""
    for side in sides:
        if not any(isinstance(one, Thing) and one.name == "()" for one in side):
            continue
        for loader in _shuffling(reader, side):
            for other in sides:
                stored = [one for one in other if isinstance(one, Thing) and one.name in OF_TORCH]
                labels = next((one for one in stored if one.base is dataset_of(loader)), None)
                if other is not side and labels is not None and loader not in _shuffling(reader, other):
                    yield loader, labels.name.lstrip(".")


def _shuffling(reader: Reader, side: list[Value]) -> list[Thing]:
    items = [one for one in side if isinstance(one, Thing) and one.name == "item"]
    loaders = [loader for one in items if (loader := find_loader(one.base)) is not None]
    return [one for one in loaders if one.short == "DataLoader" and not reader.is_open(one.at)
            and plain(one.arg(SHUFFLE_PLACE["DataLoader"], "shuffle")) is True]  # fmt: skip


def _stored(side: list[Value], loader: Thing, predicted: Event) -> str | None:
    """A loader's labels on one side, in stored order or from another pass; None where the side holds predictions."""
    if any(one is predicted.result for one in side):
        return None
    for one in side:
        if isinstance(one, Thing) and one.name in STORED and one.base is loader:
            return one.name.lstrip(".")
        if isinstance(one, Thing) and one.name == "item" and loader.short == FOLDER and _beneath(one.base) is loader:
            return "labels"
    return None


def _beneath(value: Value | None) -> Value | None:
    """A dataset without wrappers that keep the order of its images."""
    while isinstance(value, Thing) and value.name in KEEPS_ORDER:
        value = value.base
    return value


def drawing(reader: Reader, value: Value | None) -> Thing | None:
    """The loader in a value that returns its images in a random order on each pass; None where that is uncertain."""
    loader = _beneath(value)
    if isinstance(loader, Either) or not isinstance(loader, Thing) or reader.is_open(loader.at):
        return None
    if loader.name not in FLOWS and loader.short != FOLDER:
        return None
    given = loader.arg(SHUFFLE_PLACE.get(loader.name if loader.name in FLOWS else loader.short, -1), "shuffle")
    return loader if given is None or plain(given) is True else None
