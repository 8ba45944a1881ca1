"""The layers of a Keras model, by any of the ways of writing one: Sequential, functional, subclassed."""

from __future__ import annotations

from dataclasses import dataclass, field

from diagnose.config.facts import Facts, ancestors
from diagnose.model import Location
from diagnose.program.library import bind
from diagnose.program.modules import is_container
from diagnose.program.reader import Reader
from diagnose.program.values import (
    Call,
    Const,
    Either,
    Function,
    Instance,
    Items,
    Ref,
    Thing,
    Value,
    plain,
    reason,
    unknown,
)

ACTIVATION_LAYERS = ("Activation", "Softmax")
TRANSPARENT = ("Dropout", "Flatten", "Reshape", "Identity", "ActivityRegularization", "Lambda", "GaussianNoise")


@dataclass
class Network:
    """A model: its layers in order, as far as they are known, and the library's network among them."""

    model: Value
    layers: list[Value] = field(default_factory=list)
    body: Thing | None = None
    graph: Value | None = None  # what the outputs are computed by


def is_application(value: Value | None) -> bool:
    return isinstance(value, Thing) and value.name.startswith("keras.applications.") and value.short[:1].isupper()


def find_network(reader: Reader, model: Value) -> Network:
    network = Network(model)
    _collect(reader, model, network, 0)
    network.body = next((layer for layer in network.layers if isinstance(layer, Thing) and is_application(layer)), None)
    return network


def _collect(reader: Reader, model: Value | None, network: Network, depth: int) -> None:
    """Layers in the order in which images pass them."""
    if depth > 8 or model is None:
        return
    if isinstance(model, Either):
        _collect(reader, model.options[0], network, depth + 1)
    elif isinstance(model, Instance):
        found = model.cls.find("call")
        if isinstance(found, Function):
            result = reader.call(bind(found, model), Call((unknown("a batch", model.at),), {}, model.at))
            network.graph = network.graph or result
            _from_graph(reader, result, network, depth)
    elif isinstance(model, Thing) and is_container(model):
        for part in model.args:
            for layer in part.items if isinstance(part, Items) else (part,):
                _add(reader, layer, network, depth)
        for layer in _layers_argument(model):
            _add(reader, layer, network, depth)
    elif isinstance(model, Thing) and model.short in ("Model", "Functional") and model.package == "keras":
        outputs = model.arg(1, "outputs", "output")
        if outputs is not None:
            network.graph = network.graph or outputs
            _from_graph(reader, outputs, network, depth)
    elif isinstance(model, Thing) and is_application(model):
        network.layers.append(model)


def _layers_argument(model: Thing) -> tuple[Value, ...]:
    given = model.kwargs.get("layers")
    return given.items if isinstance(given, Items) else ()


def _add(reader: Reader, layer: Value, network: Network, depth: int) -> None:
    nested = isinstance(layer, Thing) and (
        is_container(layer) or (layer.short in ("Model", "Functional") and layer.package == "keras")
    )
    if nested:
        _collect(reader, layer, network, depth + 1)
    else:
        network.layers.append(layer)


def _from_graph(reader: Reader, outputs: Value, network: Network, depth: int) -> None:
    found: list[Value] = []
    for one in ancestors(outputs):
        if not isinstance(one, Thing):
            continue
        if (
            (one.name == "()" and one.base is not None)
            or (one.name in (".output", ".outputs") and one.base is not None)
            or (one.name == ".get_layer" and one.base is not None)
        ):
            found.append(one.base)
        elif one.name.startswith(("keras.applications.", "op", "tensorflow.")):
            found.append(one)
    kept: list[Value] = []
    for one in found:
        if not any(one is other for other in kept):
            kept.append(one)
    for layer in reversed(kept):
        _add(reader, layer, network, depth)


# ---------------------------------------------------------------------- head, weights, frozen


def describe(reader: Reader, network: Network, before: int, facts: Facts) -> None:
    """model, weights, head, output_activation, frozen, input_size as the network is when fit begins."""
    body = network.body
    if body is not None:
        facts.know("model", body.short.lower(), body.at)
        _weights(reader, network, body, before, facts)
    else:
        label = network.model.cls.name.lower() if isinstance(network.model, Instance) else "own"
        facts.know("model", label, network.model.at)
        _own_weights(reader, network, before, facts)
    _head(network, facts)
    _frozen(reader, network, before, facts)


def _weights(reader: Reader, network: Network, body: Thing, before: int, facts: Facts) -> None:
    loaded = _loaded(reader, network, before)
    given = body.kwargs.get("weights") or (body.args[1] if len(body.args) > 1 else None)
    if loaded is not None and not (given is not None and plain(given) not in (None, "imagenet")):
        facts.take("weights", loaded, str)
        return
    if given is None:
        facts.know("weights", "imagenet", body.at)  # Keras's own default
    elif plain(given, ...) is None:
        facts.know("weights", "none", given.at)
    else:
        facts.take("weights", given, str)


def _own_weights(reader: Reader, network: Network, before: int, facts: Facts) -> None:
    loaded = _loaded(reader, network, before)
    made = network.model
    if isinstance(made, Thing) and made.short in ("load_model", "KerasLayer", "from_pretrained"):
        facts.take("weights", made.arg(0), str)
        return
    hub = next((one for one in network.layers if isinstance(one, Thing) and one.short == "KerasLayer"), None)
    if loaded is not None:
        facts.take("weights", loaded, str)
    elif hub is not None:
        facts.take("weights", hub.arg(0, "handle"), str)
        if hub.args and isinstance(hub.args[0], Const):
            facts.settings["model"] = facts.settings["model"]
    elif network.layers:
        facts.know("weights", "none", made.at)
    else:
        facts.unknown("weights", "the layers of its model were not found")


def _loaded(reader: Reader, network: Network, before: int) -> Value | None:
    own = {id(network.model), id(network.body)}
    for event in reader.events[:before]:
        if event.name == ".load_weights" and id(event.target) in own and not event.guards and event.args:
            return event.args[0]
    return None


def last_dense(network: Network) -> tuple[Thing | None, tuple[str, Location] | None]:
    """The layer that gives the outputs, and an activation that follows it."""
    activation: tuple[str, Location] | None = None
    for layer in reversed(network.layers):
        if isinstance(layer, Function | Ref):
            continue
        if not isinstance(layer, Thing):
            return None, activation
        if layer.short in ACTIVATION_LAYERS:
            told = "softmax" if layer.short == "Softmax" else word(layer.arg(0, "activation"))
            if told and activation is None:
                activation = (told, layer.at)
            continue
        if layer.name in ("tensorflow.nn.softmax", "keras.activations.softmax", "keras.ops.softmax"):
            activation = activation or ("softmax", layer.at)
            continue
        if layer.short in TRANSPARENT or layer.name.startswith("op"):
            continue
        return layer, activation
    return None, activation


def word(value: Value | None) -> str | None:
    """An activation's or loss's name, given as text or as the function itself."""
    if isinstance(value, Ref):
        return value.name.rpartition(".")[2]
    data = plain(value)
    return data if isinstance(data, str) else None


def _head(network: Network, facts: Facts) -> None:
    layer, after = last_dense(network)
    if layer is None:
        facts.unknown("head", "its last layer was not found")
        facts.unknown("output_activation", "its last layer was not found")
        return
    if is_application(layer):
        top = plain(layer.kwargs.get("include_top") or (layer.args[0] if layer.args else None), True)
        if top:
            facts.take("head", layer.kwargs.get("classes"), int, default=1000, at=layer.at)
            given = layer.kwargs.get("classifier_activation")
            told = (word(given) or "none") if given is not None else "softmax"
            facts.know("output_activation", told, given.at if given is not None else layer.at)
        else:
            facts.unknown("head", "the network has no classifying layer")
        return
    if layer.short in ("Dense", "Conv2D"):
        facts.take("head", layer.arg(0, "units", "filters"), int)
        own = layer.arg(1 if layer.short == "Dense" else -1, "activation")
        if after is not None:
            facts.know("output_activation", after[0], after[1])
        elif own is None or plain(own, ...) is None:
            facts.know("output_activation", "none", layer.at)
        elif word(own) is not None:
            told = str(word(own))
            facts.know("output_activation", "none" if told == "linear" else told, own.at)
        else:
            facts.unknown("output_activation", reason(own))
    elif after is not None:
        facts.know("output_activation", *after)


def _frozen(reader: Reader, network: Network, before: int, facts: Facts) -> None:
    body = network.body
    state: tuple[str, Location] = ("none", network.model.at)
    for event in reader.events[:before]:
        if event.kind != "set" or event.name != ".trainable" or event.target is None:
            continue
        value = plain(event.args[0])
        target = event.target
        whole = target is body or _all_layers_of(target, body)
        if not isinstance(value, bool) or (event.guards and _touches(target, network)):
            state = ("unsure", event.at)
        elif whole:
            state = ("backbone" if not value else "none", event.at)
        elif target is network.model or _all_layers_of(target, network.model):
            state = ("all" if not value else "none", event.at)
        elif _touches(target, network):
            state = ("part" if not (value and state[0] == "none") else "none", event.at)
    if body is not None and plain(body.kwargs.get("trainable"), True) is False:
        state = ("backbone", body.at)
    if state[0] in ("unsure", "part"):
        facts.unknown("frozen", f"a part of the layers is frozen (line {state[1].line})")
    else:
        facts.know("frozen", () if state[0] == "none" else (state[0],), state[1])


def _all_layers_of(target: Value, owner: Value | None) -> bool:
    """Whether the target stands for every layer of the owner: `for layer in owner.layers`."""
    return (
        isinstance(target, Thing)
        and target.name == "item"
        and isinstance(target.base, Thing)
        and target.base.name == ".layers"
        and target.base.base is owner
        and owner is not None
    )


def _touches(target: Value, network: Network) -> bool:
    own = {id(network.model), id(network.body), *(id(layer) for layer in network.layers)}
    return any(id(one) in own for one in ancestors(target, 20))


def input_size(network: Network, facts: Facts) -> None:
    """The size that the network itself names, for where the data does not."""
    candidates = [network.body, *network.layers]
    for layer in candidates:
        if not isinstance(layer, Thing):
            continue
        shape = layer.kwargs.get("input_shape") or (
            layer.arg(0, "shape") if layer.short in ("Input", "InputLayer") else None
        )
        data = plain(shape)
        if isinstance(data, list | tuple) and len(data) == 3 and isinstance(data[0], int) and shape is not None:
            facts.know("input_size", data[0], shape.at)
            return


def frozen_head(reader: Reader, network: Network, before: int) -> Location | None:
    """Where the classifying layer is stopped from training."""
    layer, _ = last_dense(network)
    if layer is None or is_application(layer):
        return None
    if plain(layer.kwargs.get("trainable"), True) is False:
        return layer.kwargs["trainable"].at
    state: Location | None = None
    for event in reader.events[:before]:
        if event.kind == "set" and event.name == ".trainable" and isinstance(value := plain(event.args[0]), bool):
            hits = event.target is layer or event.target is network.model or (
                event.target is not None and _all_layers_of(event.target, network.model)
            )  # fmt: skip
            if hits and not event.guards:
                state = event.at if not value else None
    return state
