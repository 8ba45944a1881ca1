"""The calls in a Keras program's custom training step: its network, its loss and the optimizer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from diagnose.interpreter.values import Const, Event, Thing, Value
from diagnose.training.fields import ancestors
from diagnose.training.keras.layers import is_application, is_model

APPLIES = (".apply_gradients", ".apply", ".minimize")
# Losses of TensorFlow by Keras's names; all expect logits.
OF_LOGITS = {
    "sparse_softmax_cross_entropy_with_logits": "SparseCategoricalCrossentropy",
    "softmax_cross_entropy_with_logits": "CategoricalCrossentropy",
    "softmax_cross_entropy_with_logits_v2": "CategoricalCrossentropy",
    "sigmoid_cross_entropy_with_logits": "BinaryCrossentropy",
}


@dataclass(frozen=True, eq=False)
class UsedLoss:
    """A loss in use: the loss itself, its call, and the values it compares."""

    made: Value
    call: Value
    labels: Value | None
    outputs: Value | None


def is_network(value: Value | None) -> bool:
    """Whether a value is a Keras network that a loop may call."""
    if is_model(value) or is_application(value):
        return not isinstance(value, Thing) or value.package == "keras"
    return isinstance(value, Thing) and value.name.startswith("keras.") and value.short in ("load_model", "clone_model")


def loss_in(value: Value | None) -> UsedLoss | None:
    """The loss of Keras or TensorFlow that computed a value; None where none was found."""
    return next(losses_in(value), None)


def losses_in(value: Value | None) -> Iterator[UsedLoss]:
    """Every loss of Keras or TensorFlow that went into a value, nearest first."""
    for one in ancestors(value, 400):
        if not isinstance(one, Thing):
            continue
        base = one.base
        if one.name == "()" and isinstance(base, Thing) and base.name.startswith("keras.losses."):
            yield UsedLoss(base, one, one.arg(0, "y_true"), one.arg(1, "y_pred"))
        elif one.name.startswith("tensorflow.") and one.short in OF_LOGITS:
            made = Thing(one.at, f"keras.losses.{OF_LOGITS[one.short]}", kwargs={"from_logits": Const(one.at, True)})
            yield UsedLoss(made, one, one.arg(0, "labels"), one.arg(1, "logits"))
        elif one.name.startswith("keras.losses.") and one.short[:1].islower() and len(one.args) + len(one.kwargs) > 1:
            yield UsedLoss(one, one, one.arg(0, "y_true"), one.arg(1, "y_pred"))


def applied(events: list[Event], model: Value | None) -> Value | None:
    """The optimizer that applies the gradients; None for the model's optimizer from compile()."""
    for event in events:
        target = event.target
        if event.kind != "call" or event.name not in APPLIES or target is None:
            continue
        if isinstance(target, Thing) and target.name == ".optimizer" and target.base is model:
            return None
        return target
    return None
