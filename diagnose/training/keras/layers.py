"""The layers of a Keras model, whether Sequential, functional or subclassed."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from diagnose.interpreter.functions import bind
from diagnose.interpreter.reader import Reader
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import (
    Call,
    Const,
    Either,
    Function,
    Instance,
    Items,
    Ref,
    Thing,
    Value,
    clause,
    plain,
    unknown,
)
from diagnose.libraries.networks import is_container
from diagnose.model import Location
from diagnose.training.fields import Fields, ancestors
from diagnose.training.unfollowed import UnfollowedCall, described, unfollowed_calls, within

MODES = ("training", "is_training", "train", "is_train")  # names of call()'s argument for the mode
ACTIVATION_LAYERS = ("Activation", "Softmax")
ACTIVATION_FUNCTIONS = ("softmax", "log_softmax", "sigmoid", "relu", "tanh")
FUNCTIONS = ("tensorflow.", "keras.activations.", "keras.ops.", "keras.backend.")
# Library base classes that add no weights of their own to a layer of the program.
OWN_LAYERS = frozenset(("Layer", "Model", "Sequential", "Functional", "BatchNormalization", "Conv2D", "Dense",
                        "DepthwiseConv2D", "SeparableConv2D", "Wrapper", "Dropout", "ABC"))  # fmt: skip
NOT_FOUND = "the layers of its model were not found"
TRANSPARENT = ("Dropout", "Flatten", "Reshape", "Identity", "ActivityRegularization", "Lambda", "GaussianNoise")


@dataclass
class KerasModel:
    """A model: its layers in order, as far as known, and the library networks among them."""

    model: Value
    layers: list[Value] = field(default_factory=list)
    body: Thing | None = None
    bodies: list[Thing] = field(default_factory=list)
    graph: Value | None = None  # the value of the outputs
    whole: bool = True  # whether every layer was found


def is_application(value: Value | None) -> bool:
    """Whether a value is a network of keras.applications, such as ResNet50()."""
    return isinstance(value, Thing) and value.name.startswith("keras.applications.") and value.short[:1].isupper()


def is_model(value: Value | None) -> bool:
    """Whether a value is a model of several layers: Sequential, functional, or a class of the program."""
    if isinstance(value, Instance):
        return any(name in ("Model", "Sequential", "Functional") for name in value.cls.foreign()) or _is_bare(value)
    return is_container(value) or _is_functional(value)


def _is_bare(value: Instance) -> bool:
    """Whether an object is a plain tf.Module: a class of the program that holds layers."""
    bases = [base for own in value.cls.lineage() for base in own.bases]
    return any(isinstance(base, Ref) and base.name == "tensorflow.Module" for base in bases)


def _is_functional(value: Value | None) -> bool:
    return isinstance(value, Thing) and value.package == "keras" and value.short in ("Model", "Functional")


def outputs_of(reader: Reader, model: Value | None) -> Value | None:
    """The outputs of a functional model, or of a class of the program; None where unknown."""
    if isinstance(model, Instance):
        found = model.cls.find("__call__" if _is_bare(model) else "call")
        if isinstance(found, Function):
            names = [one.arg for one in (*found.node.args.args, *found.node.args.kwonlyargs)]
            mode: dict[str, Value] = {name: Const(model.at, True) for name in MODES if name in names}
            return reader.call(
                bind(found, model), Call((unknown(Reason.PLACEHOLDER, "a batch", model.at),), mode, model.at)
            )
        built = next((e for e in reversed(reader.trace) if e.name == ".super" and e.target is model), None)
        if built is None and model.cls.find("__init__") is None:
            built = next((e for e in reader.trace if e.kind == "make" and e.result is model), None)
        return None if built is None else built.arg(1, "outputs")
    if isinstance(model, Thing) and _is_functional(model):
        return model.arg(1, "outputs", "output")
    return None


def find_network(reader: Reader, model: Value) -> KerasModel:
    """The layers of a model in order, and the networks of keras.applications among them."""
    network = KerasModel(model)
    _collect(reader, model, network, 0)
    network.bodies = [layer for layer in network.layers if isinstance(layer, Thing) and is_application(layer)]
    network.body = network.bodies[0] if network.bodies else None
    return network


def _collect(reader: Reader, model: Value | None, network: KerasModel, depth: int) -> None:
    """Collect layers in the order in which images pass through them."""
    if depth > 8 or model is None:
        network.whole = False
        return
    if isinstance(model, Either):
        network.whole = False
        _collect(reader, model.options[0], network, depth + 1)
    elif isinstance(model, Thing) and is_container(model):
        for part in model.args:
            network.whole = network.whole and not (isinstance(part, Items) and part.partial)
            for layer in part.items if isinstance(part, Items) else (part,):
                _add(reader, layer, network, depth)
        for layer in _layers_argument(model):
            _add(reader, layer, network, depth)
    elif isinstance(model, Thing) and is_application(model):
        network.layers.append(model)
    elif (outputs := outputs_of(reader, model)) is not None:
        network.graph = network.graph or outputs
        _from_graph(reader, outputs, network, depth)
    else:
        network.whole = False


def _layers_argument(model: Thing) -> tuple[Value, ...]:
    given = model.kwargs.get("layers")
    return given.items if isinstance(given, Items) else ()


def _add(reader: Reader, layer: Value, network: KerasModel, depth: int) -> None:
    nested = isinstance(layer, Thing) and is_model(layer)
    if nested:
        _collect(reader, layer, network, depth + 1)
    else:
        network.layers.append(layer)


def _from_graph(reader: Reader, outputs: Value, network: KerasModel, depth: int) -> None:
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
        elif one.name.startswith(("keras.applications.", "op", *FUNCTIONS)):
            found.append(one)
    kept: list[Value] = []
    for one in found:
        if not any(one is other for other in kept):
            kept.append(one)
    for layer in reversed(kept):
        _add(reader, layer, network, depth)


def unread_layer(network: KerasModel) -> str | None:
    """An unknown part of the network, as the program writes it; None where all parts are known."""
    for layer in network.layers:
        if isinstance(layer, Function | Ref | Const):
            continue
        if isinstance(layer, Thing) and layer.name.startswith(("keras.", "op", "tensorflow.")):
            continue
        if isinstance(layer, Instance) and set(layer.cls.foreign()) <= OWN_LAYERS:
            continue
        return f"{described(layer)}()"
    if not network.layers:
        return "the definition of the model"
    return None if network.whole else "a part of the model that a condition chooses"


def parts(network: KerasModel) -> list[Value]:
    """The layers, and the parts of the program's own layers."""
    found = [one for one in within(network.layers) if isinstance(one, Thing)]
    return [*network.layers, *(one for one in found if not any(one is layer for layer in network.layers))]


# ---------------------------------------------------------------------- head, frozen


def describe(reader: Reader, network: KerasModel, before: int, fields: Fields) -> None:
    """Write model, head, output_activation and frozen into `fields`, as they are when the training begins.

    before: the index of the event that fits the model.
    """
    body = network.body
    names = list(dict.fromkeys(one.short.lower() for one in network.bodies))
    if len(names) > 1:
        fields.unknown("model", f"several networks stand in it: {', '.join(names)}")
    elif body is not None:
        fields.know("model", body.short.lower(), body.at)
    elif isinstance(network.model, Thing) and not network.layers:
        fields.unknown("model", "its layers were not found")
    else:
        label = network.model.cls.name.lower() if isinstance(network.model, Instance) else "own"
        fields.know("model", label, network.model.at)
    _head(network, fields)
    _frozen(reader, network, before, fields)


def last_dense(network: KerasModel) -> tuple[Thing | None, tuple[str, Location] | None]:
    """The output layer, and an activation after it with its place; None where not found."""
    activation: tuple[str, Location] | None = None
    for layer in reversed(network.layers):
        if isinstance(layer, Function | Ref):
            continue
        if not isinstance(layer, Thing):
            return None, activation
        if layer.short in ACTIVATION_LAYERS:
            name = "softmax" if layer.short == "Softmax" else word(layer.arg(0, "activation"))
            if name and activation is None:
                activation = (name, layer.at)
            continue
        if layer.short in ACTIVATION_FUNCTIONS and layer.name.startswith(FUNCTIONS):
            activation = activation or (layer.short, layer.at)
            continue
        if layer.short == "Lambda" and (name := _computed(layer.arg(0, "function"))) is not None:
            activation = activation or (name, layer.at)
        if layer.short in TRANSPARENT or layer.name.startswith("op"):
            continue
        return layer, activation
    return None, activation


def _computed(function: Value | None) -> str | None:
    """The activation that a Lambda layer computes; None where it isn't one."""
    if isinstance(function, Ref):
        names = [function.name.rpartition(".")[2]]
    elif isinstance(function, Function):
        nodes = ast.walk(function.node)
        names = [
            node.func.attr for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        ]
    else:
        return None
    return next((name for name in names if name in ACTIVATION_FUNCTIONS), None)


def word(value: Value | None) -> str | None:
    """The name of an activation or loss given as a string or as the library's function; None for any other value."""
    if isinstance(value, Ref):
        return value.name.rpartition(".")[2] if value.name.startswith(("keras.", "tensorflow.")) else None
    data = plain(value)
    return data if isinstance(data, str) else None


def _head(network: KerasModel, fields: Fields) -> None:
    layer, after = last_dense(network)
    if layer is None:
        fields.unknown("head", "its last layer was not found")
        fields.unknown("output_activation", "its last layer was not found")
        return
    if is_application(layer):
        top = plain(layer.arg(0, "include_top"), True)
        if top:
            fields.take("head", layer.kwargs.get("classes"), int, default=1000, at=layer.at)
            given = layer.kwargs.get("classifier_activation")
            activation = (word(given) or "none") if given is not None else "softmax"
            fields.know("output_activation", activation, given.at if given is not None else layer.at)
        else:
            for name in ("head", "output_activation"):
                fields.unknown(name, "the network has no classifying layer")
        return
    if layer.short in ("Dense", "Conv2D"):
        fields.take("head", layer.arg(0, "units", "filters"), int)
        own = layer.arg(1 if layer.short == "Dense" else -1, "activation")
        if after is not None:
            fields.know("output_activation", after[0], after[1])
        elif own is None or plain(own, ...) is None:
            fields.know("output_activation", "none", layer.at)
        elif word(own) is not None:
            activation = str(word(own))
            fields.know("output_activation", "none" if activation == "linear" else activation, own.at)
        else:
            fields.unknown("output_activation", clause(own))
        return
    fields.unknown("head", f"how many outputs {described(layer)}() has is not known")
    if after is not None:
        fields.know("output_activation", *after)
    else:
        fields.unknown("output_activation", f"what {described(layer)}() gives is not known")


def _frozen(reader: Reader, network: KerasModel, before: int, fields: Fields) -> None:
    body = network.body
    lost = lost_in(reader, network, before)
    if lost is not None or not network.layers:
        why = f"{lost.what} at line {lost.at.line} received the network and was not followed" if lost else NOT_FOUND
        fields.unknown("frozen", why)
        return
    state: tuple[str, Location] = ("none", network.model.at)
    for event in reader.trace[:before]:
        if event.kind != "set" or event.name != ".trainable" or event.target is None:
            continue
        value = plain(event.args[0])
        target = event.target
        whole = target is body or _all_layers_of(target, body)
        if not isinstance(value, bool) or (event.guards and touches(target, network)):
            state = ("unsure", event.at)
        elif whole:
            state = ("backbone" if not value else "none", event.at)
        elif target is network.model or _all_layers_of(target, network.model):
            state = ("all" if not value else "none", event.at)
        elif touches(target, network):
            state = ("part" if not (value and state[0] == "none") else "none", event.at)
    if body is not None and plain(body.kwargs.get("trainable"), True) is False:
        state = ("backbone", body.at)
    if state[0] in ("unsure", "part"):
        fields.unknown("frozen", f"a part of the layers is frozen (line {state[1].line})")
    else:
        fields.know("frozen", () if state[0] == "none" else (state[0],), state[1])


def lost_in(reader: Reader, network: KerasModel, before: int) -> UnfollowedCall | None:
    """The first call before the event `before` that received the network, or a part of it, and was not followed.

    None where there is none.
    """
    own = [network.model, *network.bodies, *(one for one in network.layers if isinstance(one, Instance | Thing))]
    calls = (call for call in unfollowed_calls(reader) if call.event.index < before and not call.loads)
    return next((call for call in calls if call.reaches(own) and call.event.target is not network.model), None)


def _all_layers_of(target: Value, owner: Value | None) -> bool:
    """Whether the target represents every layer of the owner: `for layer in owner.layers`."""
    return (
        isinstance(target, Thing)
        and target.name == "item"
        and isinstance(target.base, Thing)
        and target.base.name == ".layers"
        and target.base.base is owner
        and owner is not None
    )


def touches(target: Value, network: KerasModel) -> bool:
    """Whether a value is the network, or a part of it."""
    own = {id(network.model), id(network.body), *(id(layer) for layer in network.layers)}
    return any(id(one) in own for one in ancestors(target, 20))


def input_size(network: KerasModel, fields: Fields) -> None:
    """Write input_size (px) into `fields` where a layer of the network has an input shape."""
    candidates = [network.body, *network.layers]
    for layer in candidates:
        if not isinstance(layer, Thing):
            continue
        shape = layer.kwargs.get("input_shape") or (
            layer.arg(0, "shape") if layer.short in ("Input", "InputLayer") else None
        )
        data = plain(shape)
        if isinstance(data, list | tuple) and len(data) == 3 and isinstance(data[0], int) and shape is not None:
            fields.know("input_size", data[0], shape.at)
            return


def frozen_head(reader: Reader, network: KerasModel, before: int) -> Location | None:
    """Where the classification layer is frozen; None where it trains or was not found."""
    layer, _ = last_dense(network)
    if layer is None or is_application(layer):
        return None
    if plain(layer.kwargs.get("trainable"), True) is False:
        return layer.kwargs["trainable"].at
    state: Location | None = None
    for event in reader.trace[:before]:
        if event.kind == "set" and event.name == ".trainable" and isinstance(value := plain(event.args[0]), bool):
            hits = event.target is layer or event.target is network.model or (
                event.target is not None and _all_layers_of(event.target, network.model)
            )  # fmt: skip
            if hits and not event.guards:
                state = event.at if not value else None
    return state
