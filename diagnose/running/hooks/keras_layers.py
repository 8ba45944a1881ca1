"""Keras' layers: which network is called with which batch, in which mode, and what comes out."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

import numpy as np

from diagnose.model.run import Layers, SeenNetwork
from diagnose.running import place
from diagnose.running.hooks.outputs import class_numbers, kind_of
from diagnose.running.matched import keep_samples
from diagnose.running.recorder import Batch, Call, Recorder
from diagnose.running.sight import PICTURES, sight
from diagnose.running.summary import constant, modes

WATCHED = 24  # batches of each part whose pixels are summed up
NAMES = 8


class KerasNetworks:
    """Watches every call of a layer with values (and not with symbols, as when a network is put together)."""

    def __init__(self, recorder: Recorder, keras: ModuleType) -> None:
        self._recorder, self._keras = recorder, keras
        self.depth = 0
        self.main: Any = None  # the model that was trained
        self.last: Any = None  # that was called last
        self._awaiting: Batch | None = None
        self._modes: list[bool] = []
        self.training_now = False
        self.looking = True
        self.first_trainable: int | None = None  # parameters that may train at the first step
        self.called: set[int] = set()
        self.outputs: np.ndarray | None = None

    def install(self) -> None:
        """Replaces the calls of layers by ones that report, for batch norm and dropout with their mode."""
        keras, watch = self._keras, self
        layer = keras.layers.Layer
        original = layer.__call__

        def call(one: Any, *args: Any, **kwargs: Any) -> Any:
            if not watch.looking:
                return original(one, *args, **kwargs)
            if watch.depth == 0 and watch._is_network(one, args):
                return watch._outermost(original, one, args, kwargs)
            if watch.depth == 0:
                return original(one, *args, **kwargs)
            watch.called.add(id(one))
            if watch._awaiting is not None and getattr(one, "_layers", None) == [] and one.weights:
                watch._reached(one, args)
            return original(one, *args, **kwargs)

        layer.__call__ = call
        for kind in (keras.layers.BatchNormalization, keras.layers.Dropout):
            kind.call = self._mode_of(kind.call, kind is keras.layers.BatchNormalization)

    def _mode_of(self, original: Any, is_norm: bool) -> Any:
        signature = inspect.signature(original)

        def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
            if self.depth:
                given = signature.bind(layer, *args, **kwargs).arguments.get("training")
                active = bool(given) and (layer.trainable if is_norm else layer.rate > 0)
                if not is_norm or layer.trainable:
                    self._modes.append(active)
            return original(layer, *args, **kwargs)

        call.__signature__ = signature  # type: ignore[attr-defined]
        call.__wrapped__ = original
        return call

    def _is_network(self, one: Any, args: Any) -> bool:
        return bool(args) and isinstance(one, self._keras.Model) and bool(one.weights) and array(args[0]) is not None

    def _outermost(self, original: Any, model: Any, args: Any, kwargs: Any) -> Any:
        values = array(args[0])
        assert values is not None
        recorder = self._recorder
        recorder.framework = "keras"
        batch = recorder.current or recorder.takes(model, frozenset())
        batch.images = batch.images or len(values)
        batch.feed.shapes.append(values.shape[1:])
        if len(batch.feed.given) < WATCHED:
            batch.feed.given.append(sight(values.astype(np.float32), str(values.dtype)))
        self._awaiting = batch if len(batch.feed.pixels) < WATCHED else None
        self._modes = []
        self.depth += 1
        try:
            given = original(model, *args, **kwargs)
        finally:
            self.depth -= 1
            self._awaiting = None
        if self._modes:
            batch.calls.append(Call(model, any(self._modes), self.training_now))
        else:
            batch.calls.append(Call(model, self.training_now, self.training_now))
        self.last = model
        if self.training_now:
            self.main = model
        scores = array(given)
        if scores is not None and scores.ndim == 2 and len(scores) == batch.images:
            self.outputs = batch.outputs = scores
        return given

    def _reached(self, layer: Any, args: Any) -> None:
        """An image has come to the first layer with weights."""
        batch, self._awaiting = self._awaiting, None
        values = array(args[0]) if args else None
        if batch is None or values is None:
            return
        batch.feed.pixels.append(sight(values.astype(np.float32), str(values.dtype), type(layer).__name__))
        keep_samples(batch.feed, values, class_numbers(batch.labels))
        if batch.feed.pictures is None:
            batch.feed.pictures = values[:PICTURES].astype(np.float32)
            batch.feed.pictured = class_numbers(batch.labels)

    def part(self, optimizers: Any, weights: Any) -> dict[str, Any]:
        """The network and the modes of its calls. weights: None where it is unknown what was loaded."""
        model = self.main
        if model is None:
            return {}
        trainable = {id(weight) for weight in model.trainable_weights}
        variables = {id(weight): weight for weight in model.trainable_weights + model.non_trainable_weights}
        total = sum(_size(one) for one in variables.values())
        outputs = self.outputs
        without = optimizers.without_gradient & trainable
        unmoved = (trainable - optimizers.moved - without) if optimizers.measured else set()
        norms = [one for one in model._flatten_layers() if isinstance(one, self._keras.layers.BatchNormalization)]
        network = SeenNetwork(
            type(model).__name__ if type(model).__module__.split(".")[0] != "keras" else model.name,
            "",
            total,
            self.first_trainable or sum(_size(variables[key]) for key in trainable),
            outputs.shape[1] if outputs is not None else None,
            kind_of(outputs) if outputs is not None else "",
            constant(self._recorder),
            weights.share(model) if weights is not None else 0.0,
            without_gradient=self._layers(without, model, variables, trainable),
            unmoved=self._layers(unmoved, model, variables, trainable) if unmoved else None,
            frozen=self._layers(set(variables) - trainable, model, variables, trainable),
            frozen_random=self._layers(self._frozen_by_hand(model) - weights.filled, model, variables, trainable)
            if weights is not None
            else None,
            has_modes=bool(norms) or any(type(one).__name__ == "Dropout" for one in model._flatten_layers()),
            batch_norms=len(norms),
            location=place.of_class(model),
        )
        return {"network": network, "modes": modes(self._recorder)}

    def note_trainable(self, model: Any) -> None:
        """How many parameters may train, at the first step of all."""
        if self.first_trainable is None:
            self.first_trainable = sum(_size(weight) for weight in model.trainable_weights)

    def _frozen_by_hand(self, model: Any) -> set[int]:
        """Weights that would train, if their layers were not frozen: not the statistics of batch norms."""
        layers = [one for one in model._flatten_layers() if not getattr(one, "_layers", None) and not one.trainable]
        return {id(weight) for one in layers for weight in getattr(one, "_trainable_variables", ())}

    def _layers(self, keys: set[int], model: Any, variables: dict[int, Any], trainable: set[int]) -> Layers | None:
        if not keys:
            return None
        holders = [one for one in model._flatten_layers() if keys & {id(weight) for weight in one.weights}]
        holders = [one for one in holders if not getattr(one, "_layers", None)]
        kernels = [key for key in variables if len(variables[key].shape) >= 2]
        mine = sum(_size(variables[key]) for key in keys)
        total = sum(_size(one) for one in variables.values())
        return Layers(
            tuple(one.name for one in holders[:NAMES]),
            len(holders),
            mine,
            mine / max(1, total),
            head=bool(keys & set(kernels[-1:])),
            whole=trainable <= keys,
            called=any(id(one) in self.called for one in holders),
        )


def _size(variable: Any) -> int:
    return int(np.prod(variable.shape)) if len(variable.shape) else 1


def array(given: Any) -> np.ndarray | None:
    """The values of a batch; None for symbols and for what isn't one tensor."""
    if isinstance(given, list | tuple) and len(given) == 1:
        given = given[0]
    if isinstance(given, dict) and len(given) == 1:
        given = next(iter(given.values()))
    if isinstance(given, np.ndarray):
        return given if given.ndim >= 1 else None
    if type(given).__name__ == "KerasTensor" or not hasattr(given, "shape"):
        return None
    try:
        values: np.ndarray = np.asarray(given.detach().cpu() if hasattr(given, "detach") else given.numpy())
    except Exception:  # a symbol of the backend's own
        return None
    return values if values.ndim >= 1 else None
