"""Predictions of images that come in a random order, compared with labels in the order in which they are stored."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Either, Event, Thing, Value, plain
from diagnose.model import Fact, ShuffledPredictions
from diagnose.training.fields import ancestors

FLOWS = (".flow_from_directory", ".flow_from_dataframe")
FOLDER = "image_dataset_from_directory"
PREDICTS = (".predict", ".predict_generator")
STORED = (".classes", ".labels", ".filenames", ".filepaths", ".file_paths", ".targets", ".imgs", ".samples")
KEEPS_ORDER = (".map", ".prefetch", ".batch", ".unbatch", ".with_options", ".take", ".skip", ".apply")
SHUFFLE_PLACE = {".flow_from_directory": 6, FOLDER: 7, "DataLoader": 2}
MOST = 1500


def shuffled_predictions(reader: Reader) -> Iterator[Fact]:
    """Each loader with random order whose predictions meet its stored labels, or those of another pass, once."""
    predicted = [event for event in reader.trace.calls(*PREDICTS) if event.args]
    told: set[int] = set()
    for event in reader.trace:
        if event.kind not in ("call", "set") or event.name in PREDICTS:
            continue
        sides = [list(ancestors(one, MOST)) for one in _sides(event)]
        if len(sides) < 2:
            continue
        for loader, labels in _compared(reader, sides, predicted):
            if id(loader) not in told:
                told.add(id(loader))
                yield ShuffledPredictions(loader.at, loader.short, labels, event.at.line)


def _sides(event: Event) -> list[Value]:
    """What a call puts side by side: its arguments, the columns of a table, both sides of a comparison."""
    given = [*event.args, *event.kwargs.values()]
    parts: list[Value] = []
    for one in given:
        inner = next((part for part in ancestors(one, 12) if isinstance(part, Thing) and part.name == "compare"), None)
        parts += inner.args if inner is not None else getattr(one, "pairs", {}).values() or [one]
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


def _stored(side: list[Value], loader: Thing, predicted: Event) -> str | None:
    """The labels of a loader on one side, in the stored order or of another pass; None where predictions are in it."""
    if any(one is predicted.result for one in side):
        return None
    for one in side:
        if isinstance(one, Thing) and one.name in STORED and one.base is loader:
            return one.name.lstrip(".")
        if isinstance(one, Thing) and one.name == "item" and loader.short == FOLDER and _beneath(one.base) is loader:
            return "labels"
    return None


def _beneath(value: Value | None) -> Value | None:
    """A dataset beneath what leaves the order of its images as it is."""
    while isinstance(value, Thing) and value.name in KEEPS_ORDER:
        value = value.base
    return value


def drawing(reader: Reader, value: Value | None) -> Thing | None:
    """The loader beneath a value that gives its images in a random order on each pass; None where that is uncertain."""
    loader = _beneath(value)
    if isinstance(loader, Either) or not isinstance(loader, Thing) or reader.is_open(loader.at):
        return None
    if loader.name not in FLOWS and loader.short != FOLDER:
        return None
    given = loader.arg(SHUFFLE_PLACE.get(loader.name if loader.name in FLOWS else loader.short, -1), "shuffle")
    return loader if given is None or plain(given) is True else None
