"""Training loops of a person's own over tf.data: each pass is cut to a few batches, as the loaders of torch are."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from diagnose.running import place
from diagnose.running.hooks.keras_data import batch_of, length, order
from diagnose.running.hooks.keras_training import Training
from diagnose.running.recorder import FeedSeen, Recorder

LIBRARIES = ("keras", "tensorflow")  # whose own passes over a dataset are left alone


class Loops:
    """Watches each pass over a tf.data.Dataset that the program itself makes."""

    def __init__(self, recorder: Recorder, training: Training) -> None:
        self._recorder, self._training = recorder, training

    def install(self, tensorflow: ModuleType) -> None:
        """Runs functions without graphs, so that their steps are seen, and replaces iteration by one that reports."""
        tensorflow.config.run_functions_eagerly(True)
        kind, watch = tensorflow.data.Dataset, self
        original = kind.__iter__

        def iterate(dataset: Any) -> Any:
            caller = sys._getframe(1).f_globals.get("__name__", "").partition(".")[0]
            if caller in LIBRARIES or not _pairs(dataset):
                return original(dataset)
            return _Pass(watch._batches(dataset, original))

        kind.__iter__ = iterate

    def _batches(self, dataset: Any, original: Callable[[Any], Iterator[Any]]) -> Iterator[Any]:
        recorder = self._recorder
        feed = recorder.feed((id(dataset), "loop"), lambda: FeedSeen(
            dataset, dataset, type(dataset).__name__.lstrip("_"), place.here(), batch_size=batch_of(dataset),
            order=order(dataset, {}, ""), length=length(dataset),
        ))  # fmt: skip
        recorder.pass_begins(feed)
        whole = self._training.labels_after_predictions(dataset)
        inner, taken = original(dataset), 0
        while whole or taken < recorder.batches_of(feed):
            begin = time.monotonic()
            try:
                given = next(inner)
            except StopIteration:
                break
            taken += 1
            yield self._training.begin_batch(feed, given, time.monotonic() - begin)
        recorder.finish_pass()


class _Pass:
    """Stands for tf.data's iterator."""

    def __init__(self, batches: Iterator[Any]) -> None:
        self._batches = batches

    def __iter__(self) -> _Pass:
        return self

    def __next__(self) -> Any:
        return next(self._batches)

    get_next = __next__


def _pairs(dataset: Any) -> bool:
    """Whether a dataset gives batches of images with their labels."""
    spec = dataset.element_spec
    shapes = [getattr(part, "shape", None) for part in spec] if isinstance(spec, tuple) and len(spec) > 1 else []
    return bool(shapes) and shapes[0] is not None and shapes[0].rank is not None and shapes[0].rank >= 3
