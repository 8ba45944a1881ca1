"""torch while a program evaluates: loaders fetch in this process, no optimizer steps, the outermost calls are noted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn
from torch.utils import data

from diagnose.autopsy.evaluation import TRAINED, Batch, Watcher
from diagnose.running import onimport
from diagnose.running.hooks.torch_loaders import in_this_process, labels_in, tensors_in
from diagnose.running.hooks.torch_networks import is_network, scores_in

CHANNELS = (1, 3, 4)


def install(watcher: Watcher) -> None:
    """Replaces a module's call, a loader's iteration, backward and the optimizers' steps by ones that report."""
    _loaders(watcher)
    _calls(watcher)
    backward = torch.Tensor.backward

    def reported(tensor: torch.Tensor, *args: Any, **kwargs: Any) -> None:
        watcher.backward()
        backward(tensor, *args, **kwargs)  # type: ignore[no-untyped-call]

    torch.Tensor.backward = reported  # type: ignore[method-assign, assignment]
    optimizer = torch.optim.Optimizer
    original = optimizer.__init__

    def made(one: Any, *args: Any, **kwargs: Any) -> None:
        original(one, *args, **kwargs)
        one.step = _without_step

    setattr(optimizer, "__init__", made)  # noqa: B010  mypy holds its type
    _reads(watcher, torch, "load")
    onimport.when("safetensors.torch", lambda module: _reads(watcher, module, "load_file"))


def _reads(watcher: Watcher, module: Any, name: str) -> None:
    original = getattr(module, name)

    def load(file: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(file, str | os.PathLike):
            watcher.read.add(os.path.realpath(os.fsdecode(file)))
        return original(file, *args, **kwargs)

    setattr(module, name, load)


def _without_step(closure: Any = None, **_: Any) -> Any:
    return closure() if closure is not None else None


def _loaders(watcher: Watcher) -> None:
    iterated = data.DataLoader.__iter__

    def iterate(loader: Any) -> Iterator[Any]:
        with in_this_process(loader):
            inner = iterated(loader)
        return passed(inner)

    def passed(inner: Iterator[Any]) -> Iterator[Any]:
        for number, given in enumerate(inner):
            if number == 0 and torch.is_grad_enabled():
                watcher.training_begins()
            tensors = list(tensors_in(given))
            images = next((len(one) for one in tensors if one.ndim >= 3), 0)
            watcher.given(labels_in(tensors, images) if images else None)
            trained, watcher.trained = watcher.trained, False
            yield given
            began = watcher.trained
            watcher.trained = trained or began
            if began and number + 1 >= TRAINED:
                return

    data.DataLoader.__iter__ = iterate  # type: ignore[method-assign, assignment]


def _calls(watcher: Watcher) -> None:
    original, depth = nn.Module.__call__, 0

    def call(module: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal depth
        if depth or watcher.over or not is_network(module, args, kwargs):
            return original(module, *args, **kwargs)
        depth += 1
        try:
            given = original(module, *args, **kwargs)
        finally:
            depth -= 1
        images = next((one for one in tensors_in((args, kwargs)) if one.ndim == 4), None)
        if images is not None:
            _note(watcher, module, images, given)
        return given

    nn.Module.__call__ = call  # type: ignore[method-assign]


def _note(watcher: Watcher, module: Any, images: torch.Tensor, given: Any) -> None:
    outputs = scores_in(given, len(images))
    if outputs is None:
        return
    values = images.detach().float().cpu()
    if values.shape[1] not in CHANNELS and values.shape[-1] in CHANNELS:
        values = values.permute(0, 3, 1, 2)
    if values.shape[1] not in CHANNELS:
        return  # a part of a network, which is given features
    kind = images.device.type
    low = str(torch.get_autocast_dtype(kind)) if torch.is_autocast_enabled(kind) else ""
    files = watcher.opened.taken()
    labels = watcher.labels
    watcher.called(
        module,
        Batch(
            values.numpy().copy(),
            outputs.detach().float().cpu().numpy().reshape(len(images), -1),
            labels if labels is not None and labels.ndim == 1 and len(labels) == len(images) else None,
            tuple(files) if len(files) == len(images) else (),
            bool(module.training),
            low.removeprefix("torch."),
        ),
    )
