"""What Keras is fed from: arrays, generators, tf.data: its order, length, batch size, and how it is cut short."""

from __future__ import annotations

from typing import Any

import numpy as np

from diagnose.model.run import HELD_OUT, TRAINING
from diagnose.running.files import Opened
from diagnose.running.hooks.keras_layers import array
from diagnose.running.hooks.outputs import class_numbers
from diagnose.running.recorder import IN_ORDER, FeedSeen

MOST_FILES = 2_000  # whose labels are kept
PREDICTED = 64  # images of a generator that predict() is asked for

MANY = 1000  # elements of a shuffle's buffer, from which on it is taken to mix a dataset of unknown size


def cut(data: Any, items: int) -> Any:
    """The first images of a batch, with all that goes with them."""
    if isinstance(data, tuple | list):
        return type(data)(cut(part, items) for part in data)
    if isinstance(data, dict):
        return {name: cut(part, items) for name, part in data.items()}
    return data[:items] if getattr(data, "shape", None) is not None and len(data.shape) else data


def batch_of(data: Any) -> int | None:
    """The batch size of a tf.data pipeline."""
    for _ in range(40):
        if data is None:
            return None
        size = getattr(data, "_batch_size", None)
        if size is not None:
            try:
                return int(size)
            except (TypeError, ValueError):
                return None
        data = getattr(data, "_input_dataset", None)
    return None


def order(data: Any, bound: dict[str, Any], part: str) -> str:
    """shuffled, in order, or "" where that can't be seen. bound: the arguments of fit."""
    if isinstance(data, np.ndarray):
        return "shuffled" if part == TRAINING and bound.get("shuffle", True) else IN_ORDER
    if isinstance(getattr(data, "shuffle", None), bool):
        return "shuffled" if data.shuffle else IN_ORDER
    if hasattr(data, "_input_dataset") or hasattr(data, "element_spec"):
        while data is not None:
            if "Shuffle" in type(data).__name__:
                return "shuffled" if _mixes(data) else ""
            data = getattr(data, "_input_dataset", None)
        return IN_ORDER
    return ""


def reshuffles(data: Any) -> bool:
    """Whether each pass over a tf.data pipeline comes in an order of its own."""
    while data is not None:
        if "Shuffle" in type(data).__name__:
            return bool(getattr(data, "_reshuffle_each_iteration", True))
        data = getattr(data, "_input_dataset", None)
    return False


def _mixes(shuffled: Any) -> bool:
    """Whether a shuffle's buffer holds as many elements as come into it; where that is unknown, many of them."""
    try:
        buffer, images = int(shuffled._buffer_size), int(shuffled._input_dataset.cardinality())
    except (AttributeError, TypeError, ValueError):
        return True
    return buffer >= (images if images >= 0 else MANY)


def length(data: Any) -> int | None:
    """Batches of a pass; None for arrays, and where it is unknown."""
    try:
        return int(data.__len__()) if not isinstance(data, np.ndarray | str) else None
    except Exception:  # endless, or unknown
        return None


def the_same(data: Any) -> bool | None:
    """Whether the first batch comes out the same twice, where its labels do; None where that says nothing."""
    try:
        if getattr(data, "shuffle", None) is True or isinstance(data, np.ndarray | str):
            return None
        first, again = (data[0] if hasattr(data, "filenames") else next(iter(data)) for _ in range(2))
        one, other, labels, same = array(first[0]), array(again[0]), array(first[1]), array(again[1])
    except Exception:  # data of another form
        return None
    if one is None or other is None or labels is None or same is None or not np.array_equal(labels, same):
        return None
    classes = class_numbers(labels)
    several = classes is not None and len(set(classes.tolist())) > 1
    if np.array_equal(one, other):
        return True
    return False if hasattr(data, "filenames") or (several and order(data, {}, HELD_OUT) == IN_ORDER) else None


def note_files_of(data: Any, feed: FeedSeen, opened: Opened) -> None:
    """Writes down the files that each batch of a PyDataset is read from, with its labels."""
    kind = type(data)
    own = kind.__dict__.get("__getitem__")
    if own is None:
        return
    data.__dict__["_seen_feed"] = feed
    if getattr(own, "_reports", False):
        return

    def fetch(one: Any, index: Any) -> Any:
        given, paths = opened.within(lambda: own(one, index))
        mine, labels = one.__dict__.get("_seen_feed"), array(given[1]) if len(given) > 1 else None
        numbers = class_numbers(labels)
        if mine is not None and numbers is not None and len(numbers) == len(paths) and len(mine.files) < MOST_FILES:
            mine.files += list(zip(paths, map(int, numbers), strict=True))
        return given

    fetch._reports = True  # type: ignore[attr-defined]
    kind.__getitem__ = fetch


def watch_classes(kind: type, read: Any) -> None:
    """Reports when .classes of a generator that was predicted in shuffled order is read."""
    original = kind.__dict__.get("classes")

    def classes(one: Any) -> Any:
        if one.__dict__.get("_predicted_shuffled"):
            read()
        return original.__get__(one, kind) if original is not None else one.__dict__["classes"]

    def put(one: Any, value: Any) -> None:
        if original is not None and hasattr(original, "__set__"):
            original.__set__(one, value)
        else:
            one.__dict__["classes"] = value

    kind.classes = property(classes, put)


def shorten(data: Any) -> None:
    """Keeps some files of a generator, spread over all, with names and classes alike."""
    count = len(data.filenames)
    if count <= PREDICTED or data.__dict__.get("_shortened"):
        return
    kept = np.unique(np.linspace(0, count - 1, PREDICTED).round().astype(int))
    for name in ("filenames", "_filepaths", "classes", "labels", "_targets"):
        values = data.__dict__.get(name)
        if isinstance(values, np.ndarray) and len(values) == count:
            data.__dict__[name] = values[kept]
        elif isinstance(values, list) and len(values) == count:
            data.__dict__[name] = [values[number] for number in kept]
    data.samples = data.n = len(kept)
    data.index_array, data.batch_index, data.total_batches_seen = None, 0, 0
    data.index_generator = data._flow_index()
    data._shortened = True
