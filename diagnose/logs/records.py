"""JSON of values: Keras' History (lists by name), a list of records, or one record a line, as DeiT's log.txt and
MMEngine's scalars.json have them; and Hugging Face's trainer_state.json."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from diagnose.logs.names import label_of, named, of_row, place_of
from diagnose.logs.rows import Row, Rows

KERAS, LINES, STATE = "history of lists", "JSON records", "Hugging Face trainer_state.json"
DEEPEST = 3  # levels of folders of names, such as {"history": {"train": {"loss": [...]}}}


def read_records(text: str) -> Rows | None:
    """The rows of a JSON or JSON-lines file; None where it holds no values of a training."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return _of_lines(text)
    if isinstance(whole, dict) and isinstance(whole.get("log_history"), list):
        return _state(whole)
    if isinstance(whole, list):
        found = Rows(LINES, [made for record in whole if isinstance(record, dict) and (made := _row(record, None))])
        return found if found.rows else None
    if isinstance(whole, dict):
        return _lists(whole) or _single(whole)
    return None


def _single(whole: Mapping[str, Any]) -> Rows | None:
    """Records by epoch: {"1": {"loss": ...}, "2": ...}."""
    rows = []
    for key, value in whole.items():
        match = re.fullmatch(r"(?:epoch[ _-]?)?(\d+)", str(key), re.I)
        if match and isinstance(value, dict) and (made := _row(value, None)):
            made.epoch = float(match[1]) if made.epoch is None else made.epoch
            rows.append(made)
    return Rows(LINES, rows) if rows else None


def _lists(whole: Mapping[str, Any]) -> Rows | None:
    """Lists of values by name, one value an epoch. Values of other lengths than the longest stand from the first on."""
    lists = {name: values for name, values in _leaves(whole) if named(name) or place_of(name)}
    metrics = [values for name, values in lists.items() if named(name)]
    if not metrics or max(map(len, metrics)) < 1:
        return None
    rows = []
    for at in range(max(map(len, metrics))):
        made = Row({})
        for name, values in lists.items():
            if at < len(values) and (value := _value(values[at])) is not None:
                if place := place_of(name):
                    setattr(made, place, value)
                else:
                    made.values[name] = value
        if made.values:
            rows.append(made)
    return Rows(KERAS, rows) if rows else None


def _leaves(whole: Mapping[str, Any], before: str = "", depth: int = 0) -> Iterator[tuple[str, list[Any]]]:
    for key, value in whole.items():
        name = f"{before}/{key}" if before else str(key)
        if isinstance(value, list) and value and all(_value(one) is not None for one in value[:3]):
            yield _short(name), value
        elif isinstance(value, dict):
            inner = {k: v for k, v in value.items()}
            if (
                inner
                and all(re.fullmatch(r"\d+", str(k)) for k in inner)
                and all(_value(v) is not None for v in inner.values())
            ):
                yield _short(name), [inner[k] for k in sorted(inner, key=lambda k: int(k))]  # as pandas writes a frame
            elif depth < DEEPEST:
                yield from _leaves(value, name, depth + 1)


def _short(name: str) -> str:
    """A name without folders that say nothing."""
    return re.sub(r"(?i)^(?:history|metrics|results|logs?|training_?history|hist)/", "", name)


def _of_lines(text: str) -> Rows | None:
    """One record a line; lines that aren't are named."""
    found = Rows(LINES)
    for count, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            found.unread.append((count, "it isn't JSON"))
            if len(found.unread) > 5 and len(found.unread) > len(found.rows):
                return None
            continue
        if isinstance(record, dict) and (made := _row(record, count)):
            found.rows.append(made)
    return found if found.rows else None


def _row(record: Mapping[str, Any], line: int | None) -> Row | None:
    made = Row({}, line)
    split, metric = of_row({name: raw for name, raw in record.items() if isinstance(raw, str)})
    for name, raw in _flat(record):
        value = _value(raw)
        if value is None or (name == "time" and "data_time" in record):  # MMEngine's, of an iteration
            continue
        if place := place_of(name):
            if getattr(made, place) is None:
                setattr(made, place, value)
        elif label := label_of(name, split, metric):
            made.values[label] = value
    return made if made.values else None


def _flat(record: Mapping[str, Any], before: str = "", depth: int = 0) -> Iterable[tuple[str, Any]]:
    for key, value in record.items():
        name = f"{before}/{key}" if before else str(key)
        if isinstance(value, dict) and depth < DEEPEST:
            yield from _flat(value, name, depth + 1)
        else:
            yield name, value


def _value(raw: Any) -> float | None:
    if isinstance(raw, bool):
        return None
    if isinstance(raw, int | float):
        return float(raw)
    if isinstance(raw, str):
        try:
            return float(raw)
        except ValueError:
            return None
    if raw is None:
        return None
    if isinstance(raw, list) and len(raw) == 1:
        return _value(raw[0])
    return None


def _state(state: Mapping[str, Any]) -> Rows:
    """Of the Trainer of transformers: training values every few steps, those of an evaluation as eval_*."""
    found = Rows(STATE)
    for record in state["log_history"]:
        if isinstance(record, dict) and "train_runtime" not in record and (made := _row(record, None)):
            if "eval_loss" not in record:  # seconds of an evaluation aren't those of an epoch
                made.values = {
                    name: value for name, value in made.values.items() if math.isfinite(value) or "loss" in name
                }
            made.values = {name: value for name, value in made.values.items() if "runtime" not in name}
            if made.values:
                found.rows.append(made)
    epochs = state.get("num_train_epochs")
    if isinstance(epochs, int | float) and epochs > 0:
        found.planned = math.ceil(epochs)
    return found
