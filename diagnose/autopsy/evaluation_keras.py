"""Keras while a program evaluates: what evaluate, predict and plain calls of a model are given and give."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np

from diagnose.autopsy.evaluation import MOST_IMAGES, Array, Batch, Watcher

BATCH_SIZE = 64
METHODS = ("evaluate", "predict", "predict_on_batch", "test_on_batch", "predict_generator", "evaluate_generator")


def install(watcher: Watcher, keras: ModuleType) -> None:
    """Replaces these methods of every model by ones that report, and fit by one that validates alone."""
    model = keras.Model
    inside = False

    def noted(name: str) -> Any:
        original = getattr(model, name)

        def method(one: Any, *args: Any, **kwargs: Any) -> Any:
            nonlocal inside
            given = kwargs.get("x", args[0] if args else None)
            if inside or watcher.over or given is None or not _takes_images(one):
                return original(one, *args, **kwargs)
            inside = True
            try:
                labels = kwargs.get("y", args[1] if len(args) > 1 and not name.startswith("predict") else None)
                again, batches = _batches(given, labels)
                for images, numbers in batches:
                    _note(watcher, one, images, np.asarray(one.predict_on_batch(images)), numbers, training=False)
                if "x" in kwargs:
                    kwargs["x"] = again
                elif args:
                    args = (again, *args[1:])
                return original(one, *args, **kwargs)
            finally:
                inside = False

        return method

    for name in METHODS:
        if hasattr(model, name):
            setattr(model, name, noted(name))
    call = model.__call__

    def called(one: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal inside
        images = _images(args[0]) if args and not inside and not watcher.over and _takes_images(one) else None
        if images is None:
            return call(one, *args, **kwargs)
        inside = True
        try:
            given = call(one, *args, **kwargs)
        finally:
            inside = False
        outputs = _images(given, ndim=2)
        if outputs is not None:
            _note(watcher, one, images, outputs, None, training=bool(kwargs.get("training")))
        return given

    model.__call__ = called

    def fit(one: Any, *args: Any, **kwargs: Any) -> None:
        """Nothing is trained; what the program validates on is evaluated."""
        watcher.training_begins()
        validation = kwargs.get("validation_data")
        if validation is not None:
            pair = isinstance(validation, tuple | list)
            one.evaluate(validation[0] if pair else validation, validation[1] if pair else None, verbose=0)
        watcher.trained = True
        watcher.training_begins()

    model.fit = fit


def _takes_images(model: Any) -> bool:
    shape = getattr(model, "input_shape", None)
    return isinstance(shape, tuple) and len(shape) == 4


def _batches(given: Any, labels: Any) -> tuple[Any, Iterator[tuple[Array, Any]]]:
    """What is passed on, and the batches in it: of an array, of a list of arrays, or of what yields batches."""
    whole = _images(given)
    if whole is not None:
        numbers = None if labels is None else np.asarray(labels)
        return given, (
            (whole[at : at + BATCH_SIZE], None if numbers is None else numbers[at : at + BATCH_SIZE])
            for at in range(0, len(whole), BATCH_SIZE)
        )
    if hasattr(given, "__getitem__") and hasattr(given, "__len__"):
        items: Any = (given[number] for number in range(len(given)))
        return given, _parts(items)
    if hasattr(given, "__next__"):  # it can be gone through once
        first, second = itertools.tee(given)
        return first, _parts(second)
    return given, _parts(iter(given)) if hasattr(given, "__iter__") else iter(())


def _parts(items: Iterator[Any]) -> Iterator[tuple[Array, Any]]:
    seen = 0
    for item in items:
        parts = item if isinstance(item, tuple | list) else (item,)
        images = _images(parts[0])
        if images is None or seen >= MOST_IMAGES:
            return
        seen += len(images)
        yield images, np.asarray(parts[1]) if len(parts) > 1 else None


def _images(value: Any, ndim: int = 4) -> Array | None:
    """The value as an array of so many dimensions, else None."""
    if isinstance(value, str | bytes | dict) or value is None:
        return None
    try:
        detach = getattr(value, "detach", None)
        found = np.asarray(detach().cpu() if detach is not None else value)
    except Exception:  # a symbolic tensor, or anything else that holds no values
        return None
    return found if found.ndim == ndim and np.issubdtype(found.dtype, np.number) else None


def _note(watcher: Watcher, model: Any, images: Array, outputs: Array, labels: Any, training: bool) -> None:
    files = watcher.opened.taken()
    numbers = None
    if labels is not None and len(labels) == len(images):
        wide = labels.ndim == 2 and labels.shape[1] > 1
        numbers = labels.argmax(1) if wide else labels.reshape(len(images), -1)[:, 0].round().astype(np.int64)
    watcher.called(
        model,
        Batch(
            np.moveaxis(images, -1, 1).astype(np.float32),
            outputs.astype(np.float32).reshape(len(images), -1),
            numbers,
            tuple(files) if len(files) == len(images) else (),
            training,
        ),
        keras=True,
    )
