"""Puts all hooks on torch."""

from __future__ import annotations

from typing import Any

import torch

from diagnose.running.files import Opened
from diagnose.running.hooks import torch_rest
from diagnose.running.hooks.outputs import kind_of
from diagnose.running.hooks.torch_loaders import Loaders
from diagnose.running.hooks.torch_losses import Losses
from diagnose.running.hooks.torch_networks import Networks
from diagnose.running.hooks.torch_optimizers import Optimizers
from diagnose.running.hooks.torch_schedules import Schedules
from diagnose.running.hooks.torch_slips import Slips
from diagnose.running.hooks.torch_weights import Weights
from diagnose.running.recorder import Recorder
from diagnose.running.summary import network_part


def install(recorder: Recorder, opened: Opened) -> None:
    """All of them, once torch has been imported, for a program that is run in miniature."""
    torch_rest.install(recorder)
    schedules = Schedules(recorder)
    _install(recorder, opened)
    schedules.install()


def watch(recorder: Recorder) -> list[Any]:
    """Those that leave a real training as it is. What is returned has `remove`."""
    return _install(recorder, Opened())


def holders() -> list[Any]:
    """Modules and classes whose attributes `watch` replaces."""
    return [
        torch.nn.Module, torch.nn.functional, torch.autograd, torch.nn.utils, torch.nn.utils.clip_grad,
        torch.optim.Optimizer, torch.utils.data.DataLoader,
    ]  # fmt: skip


def _install(recorder: Recorder, opened: Opened) -> list[Any]:
    recorder.framework = recorder.framework or "pytorch"
    Loaders(recorder, opened).install()
    networks = Networks(recorder)
    networks.install()
    losses = Losses(recorder, networks)
    losses.install()
    optimizers = Optimizers(recorder, networks, losses)
    handles = optimizers.install()
    weights = Weights(recorder, networks)
    weights.install()
    optimizers.before_first = weights.look_again
    Slips(recorder, networks, losses, optimizers)
    recorder.parts.append(lambda: network_part(recorder, networks, optimizers, weights, kind_of))
    return handles
