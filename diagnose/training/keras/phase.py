"""One training of a Keras program: a call of fit() with its network, its compilation and its data."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.interpreter.values import Event
from diagnose.training.fields import Fields
from diagnose.training.keras.layers import KerasModel
from diagnose.training.keras.steps import KerasPipeline


@dataclass(frozen=True, eq=False)
class Phase:
    """fit: the call of fit(), or of compile() where nothing fits the model. compiled: the last compile() first."""

    fit: Event
    network: KerasModel
    compiled: tuple[Event, ...]
    train: KerasPipeline
    val: KerasPipeline | None
    fields: Fields
