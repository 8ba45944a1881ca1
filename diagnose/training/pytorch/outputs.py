"""The output layer of a network, and what its outputs go through before the loss."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from diagnose.interpreter.values import Either, Instance, Items, Table, Thing, Value
from diagnose.libraries import networks
from diagnose.model import Location
from diagnose.training.fields import Fields, ancestors
from diagnose.training.pytorch.optimizing import loss_call, outputs_of
from diagnose.training.pytorch.sessions import Session

if TYPE_CHECKING:
    from diagnose.training.pytorch.network import Network

ACTIVATIONS = {"softmax": "softmax", "Softmax": "softmax", "log_softmax": "log_softmax", "LogSoftmax": "log_softmax",
               "sigmoid": "sigmoid", "Sigmoid": "sigmoid", "logsigmoid": "log_sigmoid",
               "Softmax2d": "softmax"}  # fmt: skip
# Functions that keep the outputs.
TRANSPARENT = ("squeeze", "view", "reshape", "flatten", "float", "unsqueeze", "contiguous", "squeeze_", "to", "[]",
               "[:]",
               "dropout", "Dropout", "Identity", "Flatten", "mean", "type", "logits", "permute",
               "transpose")  # fmt: skip
LOGGED = {"softmax": "log_softmax", "sigmoid": "log_sigmoid"}  # by torch.log
INVERSES = ("logit", "exp", "expm1", "log1p", "neg", "argmax", "sign", "round")  # which change the meaning of outputs


def own_tail(session: Session, network: Network) -> Instance | None:
    """A module of the program's own class at the end of a library network, or a container."""
    for one in _back(session.forward.result if session.forward else None):
        if isinstance(one, Thing) and one.name == "()" and isinstance(one.base, Thing):
            last = networks.last_layer(one.base)
            return last if isinstance(last, Instance) else None
    return None


def output_layer(network: Network) -> Value | None:
    """The layer whose outputs reach the loss."""
    for one in _back(network.outputs):
        if isinstance(one, Thing) and one.name == "()" and one.base is not None:
            layer = networks.last_layer(one.base)
            if layer is one.base and isinstance(layer, Thing) and layer.short in (*ACTIVATIONS, *TRANSPARENT):
                continue  # an activation module; continue with the layer before it
            if isinstance(layer, Thing) and (layer.short in ACTIVATIONS or layer.short in TRANSPARENT):
                layer = _before_activation(one.base)
            return layer
    if isinstance(network.root, Instance) and networks.extends_library(network.root):
        last = networks.last_layer(network.root)
        return last if last is not network.root else None
    return networks.last_layer(network.body) if network.body is not None else None


def _before_activation(value: Value | None) -> Value | None:
    """The last layer with weights in a container that ends in activations."""
    if isinstance(value, Thing) and networks.is_container(value):
        for _, part in reversed(networks.children(None, value) or []):
            if not isinstance(part, Thing) or part.short not in (*ACTIVATIONS, *TRANSPARENT):
                return networks.last_layer(part)
    if isinstance(value, Thing) and (names := networks.family(value)):
        return _before_activation(networks.child(value, names[-1])) or networks.child(value, names[-1])
    if isinstance(value, Thing) and value.name.startswith("child:"):
        return networks.last_layer(value)
    return value


def _back(value: Value | None) -> Iterator[Value]:
    """Follow a result back to the outputs, through functions that keep their meaning, and activations."""
    for _ in range(40):
        if value is None:
            return
        if isinstance(value, Either):
            value = value.options[0]
        if isinstance(value, Items):
            value = value.items[0] if value.items else None
            continue
        if isinstance(value, Table):
            value = next(iter(value.pairs.values()), None)
            continue
        yield value
        if not isinstance(value, Thing):
            return
        if value.name == "()":
            layer = value.base
            known = isinstance(layer, Thing) and layer.short in (*ACTIVATIONS, *TRANSPARENT)
            if not known:
                return
            value = value.args[0] if value.args else None
        elif value.name.startswith((".", "[")):
            value = value.base
        else:
            value = value.args[0] if value.args else None


def activation(session: Session, network: Network, fields: Fields) -> None:
    """Write output_activation into `fields`: what the outputs go through before the loss. Nothing where unknown."""
    call = loss_call(session.loss)
    logits = outputs_of(call) if call is not None else None
    if logits is None:
        logits = session.forward.result if session.forward else None
    activations = [_activation(one, network) for one in (logits.options if isinstance(logits, Either) else (logits,))]
    names = {name for name, _ in filter(None, activations)}
    if len(names) > 1:
        fields.unknown("output_activation", f"it is {' or '.join(sorted(names))}, by a condition at run time")
    elif activations and None not in activations:
        name, at = next(filter(None, activations))
        fields.know("output_activation", name, at)


def _activation(outputs: Value | None, network: Network) -> tuple[str, Location] | None:
    """The activation of outputs since the last layer, and where it is; None where unknown."""
    way = [*_back(outputs), *(_back(network.tail) if network.tail is not None else ())]
    logged = False
    for one in way:
        if not isinstance(one, Thing):
            continue
        name = one.short if one.name != "()" else ""
        if one.name == "()" and isinstance(one.base, Thing):
            name = one.base.short
            if networks.is_container(one.base) or one.base.name.startswith("child:") or networks.family(one.base):
                name = ending(one.base)
        if name in ACTIVATIONS:
            at = (
                one.base.at
                if one.name == "()" and isinstance(one.base, Thing) and one.base.short in ACTIVATIONS
                else one.at
            )
            inner = _ending_layer(one.base) if one.name == "()" else None
            kind = ACTIVATIONS[name]
            return LOGGED.get(kind, kind) if logged else kind, inner.at if inner is not None else at
        if one.short in INVERSES or _of_itself(one):
            return None
        logged = logged or one.short == "log"
    known_end = any(isinstance(one, Thing) and one.name == "()" and one.base is not None for one in way)
    if logged or not known_end or network.fc is None:
        return None
    return "none", network.fc.at


def _of_itself(one: Thing) -> bool:
    """Whether outputs are offset by a function of themselves, as in z - z.logsumexp(1)."""
    if not one.name.startswith("op") or len(one.args) != 2:
        return False
    left, right = one.args
    return any(part is left for part in ancestors(right, 60) if part is not right)


def ending(value: Value) -> str:
    """The class name of the last module of a network, an activation included; "" where it is unknown."""
    layer = _ending_layer(value)
    return layer.short if isinstance(layer, Thing) else ""


def _ending_layer(value: Value | None) -> Value | None:
    """The very last module of a network, an activation included."""
    layer = networks.last_layer(value)
    if isinstance(layer, Thing) and layer.short in ("Dropout", "Identity") and isinstance(value, Thing):
        parts = [p for _, p in networks.children(None, value) or []]
        return next(
            (p for p in reversed(parts) if isinstance(p, Thing) and p.short not in ("Dropout", "Identity")), None
        )
    return layer
