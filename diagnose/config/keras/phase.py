"""One training of a Keras program: a call of fit() with its network, its compilation and its data."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.config.facts import Facts
from diagnose.config.keras.layers import KerasModel
from diagnose.config.keras.steps import KerasPipeline
from diagnose.program.values import Event


@dataclass(frozen=True, eq=False)
class Phase:
    """fit: the call of fit(), or of compile() where nothing fits the model. compiled: the last compile() first."""

    fit: Event
    network: KerasModel
    compiled: tuple[Event, ...]
    train: KerasPipeline
    val: KerasPipeline | None
    facts: Facts
