"""Puts all hooks on Keras 3, whatever its backend."""

from __future__ import annotations

from types import ModuleType

from diagnose.running import onimport
from diagnose.running.files import Opened
from diagnose.running.hooks.keras_layers import KerasNetworks
from diagnose.running.hooks.keras_loops import Loops
from diagnose.running.hooks.keras_optimizers import KerasOptimizers
from diagnose.running.hooks.keras_schedules import KerasSchedules
from diagnose.running.hooks.keras_training import Training
from diagnose.running.hooks.keras_weights import KerasWeights
from diagnose.running.recorder import Recorder


def install(recorder: Recorder, keras: ModuleType, opened: Opened) -> None:
    """All of them, once keras has been imported."""
    networks = KerasNetworks(recorder, keras)
    networks.install()
    optimizers = KerasOptimizers(recorder, keras, networks)
    optimizers.install()
    KerasSchedules(recorder, optimizers)
    weights = KerasWeights(recorder, keras, networks)
    weights.install()
    training = Training(recorder, keras, networks, opened)
    training.install()
    if keras.backend.backend() == "tensorflow":
        onimport.when("tensorflow", Loops(recorder, training).install)
    recorder.loss_listeners.append(optimizers.loss_is)
    recorder.parts.append(lambda: networks.part(optimizers, weights))
