"""Puts all hooks on torch."""

from __future__ import annotations

from diagnose.running.files import Opened
from diagnose.running.hooks import torch_rest
from diagnose.running.hooks.outputs import kind_of
from diagnose.running.hooks.torch_loaders import Loaders
from diagnose.running.hooks.torch_losses import Losses
from diagnose.running.hooks.torch_networks import Networks
from diagnose.running.hooks.torch_optimizers import Optimizers
from diagnose.running.hooks.torch_schedules import Schedules
from diagnose.running.hooks.torch_weights import Weights
from diagnose.running.recorder import Recorder
from diagnose.running.summary import network_part


def install(recorder: Recorder, opened: Opened) -> None:
    """All of them, once torch has been imported."""
    recorder.framework = recorder.framework or "pytorch"
    torch_rest.install(recorder)
    Loaders(recorder, opened).install()
    networks = Networks(recorder)
    networks.install()
    losses = Losses(recorder, networks)
    losses.install()
    optimizers = Optimizers(recorder, networks, losses)
    optimizers.install()
    Schedules(recorder).install()
    weights = Weights(recorder, networks)
    weights.install()
    recorder.parts.append(lambda: network_part(recorder, networks, optimizers, weights, kind_of))
