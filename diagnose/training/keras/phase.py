"""One training of a Keras program: a call of fit() with its network, its compilation and its data."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.interpreter.values import Event
from diagnose.training.fields import Fields
from diagnose.training.keras.layers import KerasModel
from diagnose.training.keras.loops import OwnLoop
from diagnose.training.keras.steps import KerasPipeline
from diagnose.training.keras.train_step import OwnStep


@dataclass(frozen=True, eq=False)
class Phase:
    """fit: the call of fit(), or of compile() where nothing fits the model. compiled: the last compile() first.

    own: the loop in place of fit(); step: the train_step() that fit() calls.
    """

    fit: Event
    network: KerasModel
    compiled: tuple[Event, ...]
    train: KerasPipeline
    val: KerasPipeline | None
    fields: Fields
    own: OwnLoop | None = None
    step: OwnStep | None = None

    @property
    def freezes_backbone(self) -> bool:
        """Whether the backbone certainly stays frozen in this phase."""
        frozen = self.fields.settings.get("frozen")
        return frozen is not None and frozen.known and "backbone" in (frozen.value or ())
