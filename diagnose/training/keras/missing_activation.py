"""Consecutive layers of a Keras network without an activation between them."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.interpreter.values import Thing, Value
from diagnose.libraries.networks import is_container
from diagnose.model import NoActivation
from diagnose.training.activations import Use, linear_pairs, plain_convolutions
from diagnose.training.fields import ancestors
from diagnose.training.keras.layers import KerasModel


def missing_activations(network: KerasModel) -> Iterator[NoActivation]:
    """The first pair of layers, of each kind, that one layer could replace."""
    model = network.model
    uses: list[Use] = []
    if isinstance(model, Thing) and is_container(model):
        uses = [Use(model, None, model, model.at)]
    elif network.graph is not None:
        calls = [one for one in ancestors(network.graph) if isinstance(one, Thing) and one.name == "()"]
        uses = [
            Use(one.base, one.args[0] if one.args else None, one, one.base.at)
            for one in reversed(calls)
            if isinstance(one.base, Thing)
        ]

    def consumed(value: Value) -> int:
        return sum(any(one is value for one in ancestors(use.result, 12) if one is not use.result) and
                   use.given is value for use in uses)  # fmt: skip

    yield from list(linear_pairs(uses, consumed))[:1]
    if network.whole and not network.bodies:
        yield from plain_convolutions(uses, consumed)
