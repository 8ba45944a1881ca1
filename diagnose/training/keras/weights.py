"""The initial weights of a Keras model: "none" only where every layer is known to start at random."""

from __future__ import annotations

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Event, Instance, Thing, Value, clause, is_known, plain
from diagnose.model import Location
from diagnose.training.fields import Fields
from diagnose.training.keras.layers import KerasModel, find_network, is_model, lost_in, unread_layer
from diagnose.training.unfollowed import within

LOADS = (".load_weights", ".set_weights", ".load_own_variables", ".restore", ".assign", ".load_state_tree")
PARTIAL = ("by_name", "skip_mismatch")
WHOLE_MODELS = ("load_model", "KerasLayer", "from_pretrained", "from_preset", "from_config", "model_from_json",
                "TFSMLayer")  # fmt: skip


def describe(reader: Reader, network: KerasModel, before: int, fields: Fields) -> None:
    """Write weights into `fields`, as they are when the training begins.

    before: the index of the event that fits the model. "none" only where every layer is known to start at random.
    """
    loads = [event for event in reader.trace[:before] if _loads_into(event, network)]
    if loads and not (_pretrained(network) and all(_beside_the_bodies(reader, event, network) for event in loads)):
        _loaded(loads, network, fields)
        return
    lost = lost_in(reader, network, before)
    if lost is not None:
        fields.unknown("weights", f"{lost.what} at line {lost.at.line} received the network and was not followed")
    elif network.bodies:
        _of_bodies(network, fields)
    else:
        _own(network, fields)


def _loads_into(event: Event, network: KerasModel) -> bool:
    """Whether a call may put weights into the network, or into a part of it."""
    if event.kind != "call" or event.name not in LOADS:
        return False
    own = {id(network.model), *(id(body) for body in network.bodies), *(id(layer) for layer in network.layers)}
    origins = _origins(event.target)
    if any(isinstance(one, Thing) and one.name == ".optimizer" for one in origins):
        return False
    return any(id(one) in own for one in origins)


def _pretrained(network: KerasModel) -> bool:
    """Whether the library networks in it are built with weights."""
    given = [_given(body)[0] for body in network.bodies]
    return bool(given) and all(value is None or plain(value) is not None for value in given)


def _beside_the_bodies(reader: Reader, event: Event, network: KerasModel) -> bool:
    """Whether a load affects other layers than those of the library networks."""
    target = event.target
    if target is network.model or not is_model(target) or target is None:
        return False
    return not find_network(reader, target).bodies


def _origins(value: Value | None) -> list[Value]:
    """An object, and its containers or arguments: item <- model.layers <- model."""
    found: list[Value] = list(within([value])) if value is not None else []
    for one in list(found):
        while isinstance(one, Thing) and one.base is not None:
            one = one.base
            found.append(one)
    return found


def _loaded(loads: list[Event], network: KerasModel, fields: Fields) -> None:
    last = loads[-1]
    whole = last.target is network.model or (len(network.bodies) == 1 and last.target is network.bodies[0])
    filters = [name for name in PARTIAL if name in last.kwargs and plain(last.kwargs[name], True)]
    if last.name != ".load_weights":
        why = f"{last.name.lstrip('.')}() sets weights of it"
    elif last.guards:
        why = "weights are loaded under a condition that is known at run time only"
    elif filters:
        why = f"load_weights() with {filters[0]} keeps the random weights of layers that do not fit the file"
    elif not whole:
        why = "weights are loaded into a part of it"
    else:
        fields.take("weights", last.args[0] if last.args else last.kwargs.get("filepath"), str)
        return
    fields.unknown("weights", f"{why} (line {last.at.line})")


def _of_bodies(network: KerasModel, fields: Fields) -> None:
    """Set the weights from the library networks in it, as they were built."""
    given = [_given(body) for body in network.bodies]
    values = {plain(value, ...) if is_known(value) else ... for value, _ in given}
    value, at = given[0]
    if len(values) > 1:
        fields.unknown("weights", "the networks in it start from different weights")
    elif value is None:
        fields.know("weights", "imagenet", at)  # Keras's own default
    elif not is_known(value):
        fields.unknown("weights", clause(value))
    elif plain(value) is None:
        _random(network, value.at, fields)
    else:
        fields.take("weights", value, str)


def _given(body: Thing) -> tuple[Value | None, Location]:
    given = body.arg(1, "weights")
    return given, body.at


def _random(network: KerasModel, at: Location, fields: Fields) -> None:
    """weights=None of the library network: the whole starts at random where nothing else has weights."""
    other = _brings_weights(network)
    if other is not None:
        fields.unknown("weights", other)
    else:
        fields.know("weights", "none", at)


def _own(network: KerasModel, fields: Fields) -> None:
    made = network.model
    if isinstance(made, Thing) and made.short in WHOLE_MODELS:
        fields.take("weights", made.arg(0, "filepath", "handle", "preset"), str)
        return
    hub = next((one for one in network.layers if isinstance(one, Thing) and one.short == "KerasLayer"), None)
    if hub is not None:
        fields.take("weights", hub.arg(0, "handle"), str)
        return
    unread = unread_layer(network) or _brings_weights(network)
    if unread is not None:
        reason = unread if " " in unread and not unread.endswith("()") else f"what weights {unread} holds is not known"
        fields.unknown("weights", reason if network.layers else "the layers of its model were not found")
    else:
        fields.know("weights", "none", made.at)


def _brings_weights(network: KerasModel) -> str | None:
    """A layer built with weights: Dense(weights=…), or with a constant initializer."""
    for layer in [one for one in within(network.layers) if isinstance(one, Thing)]:
        given = layer.kwargs.get("weights") if layer not in network.bodies else None
        if given is not None and plain(given, ...) is not None:
            return f"a layer is made with weights of its own (line {layer.at.line})"
        if layer.short in WHOLE_MODELS:
            return f"{layer.short}() at line {layer.at.line} brings its weights along"
    if any(isinstance(one, Instance) and "from_pretrained" in one.cls.names for one in network.layers):
        return "a class of the program may load its weights"
    return None
