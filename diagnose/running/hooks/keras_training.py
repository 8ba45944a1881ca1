"""Keras' fit, evaluate and predict: cut short, run without graphs, and written down batch by batch."""

from __future__ import annotations

import math
import time
from collections import Counter
from types import ModuleType
from typing import Any

import numpy as np

from diagnose.model.mistakes import WRONG_WAY, Mistake
from diagnose.model.run import HELD_OUT, TRAINING, SeenLoss
from diagnose.running import place
from diagnose.running.class_counts import rising
from diagnose.running.direction import wrong_way
from diagnose.running.files import Opened
from diagnose.running.hooks.keras_data import (
    batch_of,
    cut,
    length,
    note_files_of,
    order,
    reshuffles,
    shorten,
    the_same,
    watch_classes,
)
from diagnose.running.hooks.keras_layers import KerasNetworks, array
from diagnose.running.hooks.outputs import class_numbers, kind_of, label_kind
from diagnose.running.matched import keep_samples
from diagnose.running.recorder import Batch, FeedSeen, Recorder

BINARY = ("binary_crossentropy",)


class Training:
    """Watches compile, fit, evaluate and predict of every model."""

    def __init__(
        self, recorder: Recorder, keras: ModuleType, networks: KerasNetworks, opened: Opened | None = None
    ) -> None:
        self._recorder, self._keras, self._networks, self._opened = recorder, keras, networks, opened
        self._loss_name, self._loss_at = "", None
        self._first: float | None = None
        self._from_logits: bool | None = None
        self._given = ""
        self._trained_with: dict[
            int, frozenset[int]
        ] = {}  # trainable variables of the last fit since compile, by model
        self._taken = 0
        self.feeds: list[FeedSeen] = []
        self._watched_kinds: set[type] = set()
        self.predicted: dict[int, tuple[Any, Any]] = {}  # tf.data pipelines by identity, and where
        self._logs: Any = None  # of the last batch
        recorder.parts.append(self._part)

    def install(self) -> None:
        """Replaces the methods of Model by ones that report."""
        model, watch = self._keras.Model, self
        compiled, fitted, evaluated, predicted = model.compile, model.fit, model.evaluate, model.predict

        def compile(one: Any, *args: Any, **kwargs: Any) -> Any:
            watch._recorder.framework = "keras"
            watch._trained_with.pop(id(one), None)
            kwargs.update(run_eagerly=True, jit_compile=False, steps_per_execution=1)
            watch._loss_at = place.here()
            done = compiled(one, *args, **kwargs)
            watch._loss_is(one)
            return done

        def fit(one: Any, *args: Any, **kwargs: Any) -> Any:
            return watch._fit(fitted, one, args, kwargs)

        def evaluate(one: Any, *args: Any, **kwargs: Any) -> Any:
            data = kwargs.get("x", args[0] if args else None)
            with_fit = kwargs.get("_use_cached_eval_dataset", False)
            return watch._phased(
                HELD_OUT, watch._feed(data, HELD_OUT) if not with_fit else None, evaluated, one, args, kwargs
            )

        def predict(one: Any, *args: Any, **kwargs: Any) -> Any:
            data = kwargs.get("x", args[0] if args else None)
            watch._predicts(data)
            return watch._phased("predict", None, predicted, one, args, kwargs)

        model.compile, model.fit, model.evaluate, model.predict = compile, fit, evaluate, predict
        model.make_train_function = self._made("train_function", self.train)
        model.make_test_function = self._made("test_function", self.test)

    # ------------------------------------------------------------------ phases

    def _fit(self, fitted: Any, model: Any, args: Any, kwargs: Any) -> Any:
        recorder = self._recorder
        bound = dict(zip(("x", "y", "batch_size", "epochs"), args, strict=False)) | kwargs
        trainable = frozenset(id(v) for v in model.trainable_variables)
        before = self._trained_with.get(id(model))
        if before is not None and before != trainable:
            recorder.mistakes.append(Mistake("trainable after compile", "", place.here()))
        self._trained_with[id(model)] = trainable
        feed = self._feed(bound.get("x"), TRAINING, bound)
        validation = bound.get("validation_data")
        held_out = (
            self._feed(validation[0] if isinstance(validation, tuple) else validation, HELD_OUT)
            if validation is not None
            else None
        )
        if held_out is None and bound.get("validation_split"):
            held_out = self._feed("validation_split", HELD_OUT)
        self._few_steps(bound, feed)
        self._class_weights(bound)
        if isinstance(bound.get("epochs"), int):
            recorder.planned = max(bound["epochs"], recorder.planned or 0)
        self.feeds = [feed, held_out] if held_out is not None else [feed]
        watcher = _Watcher(self, self._keras)
        if "callbacks" in kwargs or len(args) < 6:
            callbacks = kwargs.get("callbacks") or []
            callbacks = list(callbacks) if isinstance(callbacks, list | tuple) else [callbacks]
            kwargs["callbacks"] = [*callbacks, watcher.callback]
            watcher.watched = callbacks
            recorder.callbacks += callbacks
        return fitted(model, *args, **kwargs)

    def _phased(self, phase: str, feed: FeedSeen | None, method: Any, model: Any, args: Any, kwargs: Any) -> Any:
        feeds = self.feeds
        if phase == HELD_OUT:
            self.feeds = [feeds[0] if feeds else feed, feed or (feeds[1] if len(feeds) > 1 else None)]  # type: ignore[list-item]
            self.begin_pass(self.feeds[1])
        try:
            return method(model, *args, **kwargs)
        finally:
            if phase == HELD_OUT:
                self._recorder.finish_pass()
            self.feeds = feeds

    def begins_with(self, model: Any) -> None:
        """A model that is compiled already trains."""
        self._loss_is(model)

    def begin_pass(self, feed: FeedSeen | None) -> None:
        """A pass over a loader begins."""
        if feed is not None:
            self._recorder.pass_begins(feed)
        self._taken = 0

    def epoch_begins(self) -> None:
        """An epoch of fit begins."""
        self.begin_pass(self.feeds[0])

    # ------------------------------------------------------------------ batches

    def _made(self, name: str, step: Any) -> Any:
        def make(model: Any, force: bool = False) -> Any:
            def function(given: Any) -> Any:
                return step(model, given)

            setattr(model, name, function)
            return function

        return make

    def _next(self, given: Any) -> Any:
        begin = time.monotonic()
        data = next(given) if hasattr(given, "__next__") else given[0]
        return data, time.monotonic() - begin

    def train(self, model: Any, given: Any) -> Any:
        """One batch of training. given: the iterator of batches, or with torch as the backend a list of one."""
        recorder, feed = self._recorder, self.feeds[0]
        if self._taken >= recorder.batches_of(feed):
            return self._ends_pass()
        self._taken += 1
        data, seconds = self._next(given)
        data = self.begin_batch(feed, data, seconds)
        self._networks.training_now = True
        self._networks.note_trainable(model)
        try:
            logs = model.train_step(data)
        finally:
            self._networks.training_now = False
        self._logs = logs
        loss = float(np.asarray(array_or_number(logs.get("loss", math.nan))))
        if self._first is None:
            self._first = loss
        for part in recorder.loss_listeners:
            part(loss)
        self._check_outputs(recorder.current)
        return logs

    def test(self, model: Any, given: Any) -> Any:
        """One batch of evaluation; given: as of `train`."""
        recorder = self._recorder
        feed = self.feeds[1] if len(self.feeds) > 1 else self.feeds[0]
        if self._taken >= recorder.batches_of(feed):
            model.stop_evaluating = True
            return self._ends_pass()
        self._taken += 1
        data, seconds = self._next(given)
        self._logs = model.test_step(self.begin_batch(feed, data, seconds))
        return self._logs

    def _ends_pass(self) -> Any:
        """Ends the pass over the data. With torch as its backend Keras knows no such end: the rest is passed over."""
        if self._keras.backend.backend() != "torch" or self._logs is None:
            raise StopIteration
        return self._logs

    def begin_batch(self, feed: FeedSeen, data: Any, seconds: float) -> Any:
        """A batch, cut to a few images."""
        items = self._recorder.items_of(feed)
        rest, data = data, cut(data, items) if items is not None else data
        parts = data if isinstance(data, tuple) else (data,)
        if items is not None and len(parts) > 1:
            _keep_rest(feed, rest, items)
        images = array(parts[0])
        labels = array(parts[1]) if len(parts) > 1 and parts[1] is not None else None
        batch = Batch(feed, len(feed.seconds), loading=seconds, images=len(images) if images is not None else 0)
        batch.labels = labels
        batch.targets = class_numbers(labels)
        if labels is not None and not feed.label_kind:
            feed.label_kind, feed.label_dtype = label_kind(labels), str(labels.dtype)
        if batch.targets is not None and len(feed.labels) < 40:
            feed.labels.append(tuple(int(label) for label in batch.targets))
        self._recorder.fetched(batch)
        self._recorder.begin(batch)
        return data

    def _check_outputs(self, batch: Batch | None) -> None:
        """Whether outputs are of the kind that the loss takes them for."""
        if batch is None or batch.outputs is None:
            return
        kind = kind_of(batch.outputs)
        self._given = self._given or kind
        recorder = self._recorder
        if any(mistake.kind.endswith(("logits", "probabilities", "class")) for mistake in recorder.mistakes):
            return
        if kind == "probabilities" and self._from_logits and "crossentropy" in self._loss_name:
            recorder.mistakes.append(Mistake("probabilities taken for logits", self._loss_name, self._loss_at))
        if kind == "logits" and self._from_logits is False and self._loss_name.endswith("categorical_crossentropy"):
            recorder.mistakes.append(Mistake("logits taken for probabilities", self._loss_name, self._loss_at))
        most = max((max(labels) for labels in batch.feed.labels if labels), default=0)
        if batch.outputs.shape[1] == 1 and self._loss_name in BINARY and most > 1:
            recorder.mistakes.append(
                Mistake("one output for more than one class", f"labels up to {most}", self._loss_at)
            )

    # ------------------------------------------------------------------ what goes in

    def _feed(self, data: Any, part: str, bound: dict[str, Any] | None = None) -> FeedSeen:
        def make() -> FeedSeen:
            size = getattr(data, "batch_size", None) or (bound or {}).get("batch_size")
            if size is None and isinstance(data, np.ndarray):
                size = 32
            kind = type(data).__name__ if not isinstance(data, str) else data
            images = len(data) if isinstance(data, np.ndarray) else getattr(data, "samples", getattr(data, "n", None))
            return FeedSeen(data, data, kind.lstrip("_"), place.here(), images if isinstance(images, int) else None,
                            size if isinstance(size, int) else batch_of(data), order=order(data, bound or {}, part),
                            length=length(data))  # fmt: skip

        feed = self._recorder.feed((id(data), part), make)
        if self._opened is not None and isinstance(data, self._keras.utils.PyDataset):
            note_files_of(data, feed, self._opened)
        if not feed.tried_twice and part == HELD_OUT:
            feed.tried_twice = True
            feed.drawn_twice = the_same(data)
        return feed

    def _few_steps(self, bound: dict[str, Any], feed: FeedSeen) -> None:
        """Whether all steps of the training together reach only a part of the images."""
        steps, epochs = bound.get("steps_per_epoch"), bound.get("epochs", 1)
        known = isinstance(steps, int) and isinstance(epochs, int) and feed.length and feed.length < 1e6
        if known and steps * epochs < 0.9 * (feed.length or 0):
            detail = f"{steps * epochs} of {feed.length} batches are seen in the whole training"
            self._recorder.mistakes.append(Mistake("few steps", detail, place.here()))

    def _class_weights(self, bound: dict[str, Any]) -> None:
        """Whether class_weight of fit rises with the number of images."""
        weights, labels = bound.get("class_weight"), bound.get("y")
        if labels is None:
            labels = getattr(bound.get("x"), "classes", None)
        numbers = class_numbers(np.asarray(labels)) if weights and labels is not None else None
        if numbers is None or not isinstance(weights, dict):
            return
        by_number = [float(weights.get(number, 1.0)) for number in range(int(numbers.max()) + 1)]
        if rising(by_number, Counter(numbers.tolist())):
            self._recorder.mistake("weights favour frequent classes", "class_weight", place.here())

    def _predicts(self, data: Any) -> None:
        """Predictions of a generator or a tf.data pipeline that shuffles; a long generator is cut to some files of all
        classes."""
        if hasattr(data, "element_spec"):
            self.predicted[id(data)] = (data, place.here())
        if getattr(data, "filenames", None) is None or not hasattr(data, "classes"):
            return
        if getattr(data, "shuffle", False) and self._recorder.steps:
            watch, kind, where = self, type(data), place.here()
            if kind not in watch._watched_kinds:
                watch._watched_kinds.add(kind)
                watch_classes(kind, lambda: watch._shuffled(where))
            data.__dict__["_predicted_shuffled"] = True
        shorten(data)

    def labels_after_predictions(self, data: Any) -> bool:
        """Whether a pipeline that was predicted is gone through again; a mistake where its order changes each time."""
        _, where = self.predicted.get(id(data), (None, None))
        if where is not None and self._recorder.steps and reshuffles(data):
            self._shuffled(where)
        return where is not None

    def _shuffled(self, where: Any) -> None:
        if not any(one.kind == "shuffled predictions" for one in self._recorder.mistakes):
            self._recorder.mistakes.append(Mistake("shuffled predictions", "", where))

    def _loss_is(self, model: Any) -> None:
        loss = getattr(model, "loss", None)
        if isinstance(loss, str):
            name, self._from_logits = loss, False
        elif loss is None or isinstance(loss, list | dict):
            return
        else:
            name = getattr(loss, "name", None) or getattr(loss, "__name__", "")
            options = getattr(loss, "_fn_kwargs", {})
            self._from_logits = bool(options.get("from_logits", getattr(loss, "from_logits", False)))
        self._loss_name = (
            self._keras.src.utils.naming.to_snake_case(str(name)) if hasattr(self._keras, "src") else str(name)
        )

    def _part(self) -> dict[str, Any]:
        if self._first is None:
            return {}
        outputs = self._networks.outputs
        width = outputs.shape[1] if outputs is not None and outputs.ndim == 2 else None
        chance = math.log(width) if width and width > 1 and "categorical_crossentropy" in self._loss_name else None
        return {"loss": SeenLoss(self._loss_name, self._first, chance, self._given, location=self._loss_at)}


class _Watcher:
    """A callback behind the person's own: counts epochs, and looks whether what they monitor is logged."""

    def __init__(self, training: Training, keras: ModuleType) -> None:
        self.watched: list[Any] = []
        watcher = self

        class Callback(keras.callbacks.Callback):  # type: ignore[misc, name-defined]
            """Reports epochs."""

            def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
                """An epoch begins."""
                training.epoch_begins()

            def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
                """An epoch ends."""
                training._recorder.finish_pass()
                if epoch == 0:
                    watcher._monitors(training._recorder, logs or {})

        self.callback = Callback()

    def _monitors(self, recorder: Recorder, logs: dict[str, Any]) -> None:
        for one in self.watched:
            monitor = getattr(one, "monitor", None)
            if not isinstance(monitor, str) or not hasattr(one, "on_epoch_end"):
                continue
            if monitor not in logs:
                known = ", ".join(sorted(logs)[:6])
                recorder.mistake("monitor missing", f"{type(one).__name__} monitors {monitor}, logged are {known}")
            better = getattr(one, "monitor_op", None)
            if callable(better) and wrong_way(monitor, bool(better(0.0, 1.0))):
                recorder.mistake(
                    WRONG_WAY,
                    f"{type(one).__name__} monitors {monitor}, mode={one.mode!r}"
                    if hasattr(one, "mode")
                    else f"{type(one).__name__} monitors {monitor}",
                )


def _keep_rest(feed: FeedSeen, data: Any, items: int) -> None:
    """Notes what those images of a batch look like that the network isn't given."""
    images, labels = array(data[0]), array(data[1])
    if images is not None and labels is not None and len(images) == len(labels):
        numbers = class_numbers(labels)
        keep_samples(feed, images[items:], numbers[items:] if numbers is not None else None, colours=False)


def array_or_number(value: Any) -> Any:
    """A number out of what a log holds."""
    values = array(value)
    if values is not None:
        return values.mean()
    return float(value.detach()) if hasattr(value, "detach") else float(value)
