"""torch's modules: which network is called with which batch, in which mode, and what comes out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from diagnose.running.hooks.outputs import class_numbers
from diagnose.running.hooks.torch_loaders import address, note_files, tensors_in
from diagnose.running.matched import keep_samples
from diagnose.running.recorder import Batch, Call, Recorder
from diagnose.running.sight import PICTURES, sight

WATCHED = 24  # batches of each part whose pixels are summed up
NORMS = (nn.modules.batchnorm._BatchNorm,)
DROPOUTS = (nn.modules.dropout._DropoutNd,)


class Networks:
    """Watches every call of a module."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self.depth = 0
        self.first_layer: Any = None
        self.called: set[int] = set()  # identities of modules called in training
        self.roots: dict[int, Any] = {}  # networks that were called by themselves, by identity
        self.trained: dict[int, Any] = {}
        self.first: dict[int, Any] = {}  # those of `trained` that the first training is of
        self.first_trainable: int | None = None  # parameters of these that ask for a gradient at the first step
        self._norms: dict[int, bool] = {}  # batch norms whose weights may train, and whether one ever was in training
        self.loose: dict[int, tuple[str, Any]] = {}  # parameters of modules that the network calls and does not hold
        self._own: set[int] = set()  # identities of the modules that the present network holds
        self._awaiting: Batch | None = None  # whose image has not reached a layer with weights yet
        self.outputs: torch.Tensor | None = None
        self._present: set[int] = set()  # identities of modules that the present batch has gone through
        self._in_training: set[int] = set()  # likewise, of all batches that were trained on

    def install(self) -> None:
        """Replaces the call of a module by one that reports."""
        original, watch = nn.Module.__call__, self

        def call(module: Any, *args: Any, **kwargs: Any) -> Any:
            if watch._recorder.asleep:
                if torch.is_grad_enabled() and not watch._recorder.held_out_batches:
                    return original(module, *args, **kwargs)
                watch._recorder.asleep = torch.is_grad_enabled()
            if watch.depth == 0:
                return watch._outermost(original, module, args, kwargs)
            watch._present.add(id(module))
            if id(module) not in watch.called:
                watch.called.add(id(module))
                watch._note_loose(module)
            if watch._awaiting is not None and "weight" in module._parameters:
                watch._reached(module, args, kwargs)
            watch.depth += 1
            try:
                return original(module, *args, **kwargs)
            finally:
                watch.depth -= 1

        nn.Module.__call__ = call  # type: ignore[method-assign, assignment]

    def _outermost(self, original: Any, module: Any, args: Any, kwargs: Any) -> Any:
        if (
            self._recorder.framework == "keras"
            or self._recorder.fetching is not None
            or not is_network(module, args, kwargs)
        ):
            return original(module, *args, **kwargs)
        recorder = self._recorder
        inputs = list(tensors_in((args, kwargs)))
        batch = recorder.takes(module, frozenset(map(address, inputs)))
        call = Call(module, *_modes(module))
        first = not batch.calls
        self._present = {id(module)} if first else self._present | {id(module)}
        batch.calls.append(call)
        self.roots[id(module)] = module
        if first:
            image = next((one for one in inputs if one.ndim >= 3), inputs[0])
            batch.feed.shapes.append(tuple(image.shape[1:]))
            batch.images = batch.images or len(image)
            if len(batch.feed.given) < WATCHED:
                batch.feed.given.append(sight(image.detach().float().cpu().numpy(), _dtype(image)))
            self._awaiting = batch if len(batch.feed.pixels) < WATCHED else None
        self.called.add(id(module))
        self._own = {id(one) for one in module.modules()}
        if self._awaiting is not None and "weight" in module._parameters:
            self._reached(module, args, kwargs)
        self.depth += 1
        try:
            given = original(module, *args, **kwargs)
        finally:
            self.depth -= 1
            self._awaiting = None
        scores = scores_in(given, batch.images)
        if scores is not None:
            self.outputs = scores
            batch.outputs = scores.detach().float().cpu().numpy()
            if batch.labels is not None and batch.targets is None and batch.labels.ndim == 1:
                batch.targets = batch.labels
        return given

    def _note_loose(self, module: Any) -> None:
        """A module called within a network that isn't one of its own, such as one in a Python list."""
        if id(module) not in self._own and torch.is_grad_enabled():
            for name, parameter in module._parameters.items():
                if parameter is not None and parameter.requires_grad:
                    self.loose[id(parameter)] = (f"{type(module).__name__}.{name}", parameter)

    def _reached(self, module: Any, args: Any, kwargs: Any) -> None:
        """An image has come to the first layer with weights."""
        batch, self._awaiting = self._awaiting, None
        tensor = next((one for one in tensors_in((args, kwargs)) if one.ndim >= 2), None)
        if batch is None or tensor is None:
            return
        values = tensor.detach().float().cpu().numpy()
        batch.feed.pixels.append(sight(values, _dtype(tensor), type(module).__name__))
        if batch.feed.pictures is None:
            batch.feed.pictures, batch.feed.pictured = values[:PICTURES], class_numbers(batch.labels)
        keep_samples(batch.feed, values, class_numbers(batch.labels))
        if batch.labels is not None and batch.labels.ndim == 1:
            note_files(batch, batch.labels, values)

    def network_trains(self) -> None:
        """The networks that the present batch went through take part in training."""
        batch = self._recorder.current
        now = {
            id(call.network): call.network
            for call in (batch.calls if batch else ())
            if any(parameter.requires_grad for parameter in call.network.parameters())
        }
        self.trained |= now
        self._in_training |= self._present
        for layer in (layer for network in now.values() for layer in network.modules()):
            if isinstance(layer, NORMS) and layer.affine and layer.track_running_stats and layer.weight.requires_grad:
                self._norms[id(layer)] = self._norms.get(id(layer), False) or layer.training
        if not self.first or now.keys() & self.first.keys():
            self.first |= now
        if self.first_trainable is None and now:
            asking = {id(p): p.numel() for network in now.values() for p in network.parameters() if p.requires_grad}
            self.first_trainable = sum(asking.values())

    def beside(self, named: dict[int, tuple[str, Any]]) -> set[int]:
        """Identities of parameters that no batch of training went through, though the network holds them: of an average
        of its weights, which validation alone goes through. named: parameters by identity."""
        owners = {
            id(p): id(module) for network in self.trained.values() for module in network.modules()
            for p in module._parameters.values() if p is not None
        }  # fmt: skip
        outside = {key for key in named if key in owners and owners[key] not in self._in_training}
        return {key for key in outside if owners[key] in self.called}

    @property
    def evaluating_norms(self) -> int:
        """Batch norms whose weights may train, and that were in evaluation mode in every batch of training."""
        return sum(not trained for trained in self._norms.values())

    def holds(self, parameters: list[Any]) -> bool:
        """Whether the present batch went through a network with one of these parameters."""
        batch = self._recorder.current
        mine = {id(p) for call in (batch.calls if batch else ()) for p in call.network.parameters()}
        return not mine or any(id(p) in mine for p in parameters)


def _dtype(tensor: torch.Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def is_network(module: Any, args: Any, kwargs: Any) -> bool:
    """Whether a module has parameters and is given at least one batch of numbers that could be images."""
    if isinstance(module, nn.modules.loss._Loss) or next(module.parameters(), None) is None:
        return False
    return any(tensor.ndim >= 2 for tensor in tensors_in((args, kwargs)))


def caring(module: Any) -> Iterator[Any]:
    """The layers that training and evaluation treat differently: batch norms with statistics, and dropout."""
    for layer in module.modules():
        if isinstance(layer, NORMS):
            if layer.track_running_stats:
                yield layer
        elif isinstance(layer, DROPOUTS):
            if layer.p > 0:
                yield layer
        elif type(layer).__name__ in ("DropPath", "StochasticDepth") and getattr(layer, "drop_prob", None) != 0.0:
            yield layer


def _modes(module: Any) -> tuple[bool, bool]:
    """Whether a layer that cares is in training mode, and whether gradients are recorded. A network that is in training
    mode while its batch norms alone evaluate, as they do to keep loaded statistics, is in training mode."""
    layers = list(caring(module))
    trains = any(layer.training for layer in layers)
    kept = bool(module.training) and all(isinstance(layer, NORMS) for layer in layers)
    return trains or kept, torch.is_grad_enabled()


def scores_in(given: Any, images: int) -> torch.Tensor | None:
    """The class scores in what a network gave: for each image a row of numbers, or one number."""
    logits = getattr(given, "logits", None)
    tensors = [logits] if isinstance(logits, torch.Tensor) else list(tensors_in(given))
    for tensor in tensors:
        if tensor.ndim == 2 and len(tensor) == images:
            return tensor
    return next((tensor for tensor in tensors if tensor.ndim == 1 and len(tensor) == images and images > 1), None)
