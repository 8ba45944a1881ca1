"""Weights that a Keras program loads by name where no layer of the model has a matching name."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Event, Thing, Value, plain
from diagnose.model import NamesMatchNothing
from diagnose.training.keras.layers import find_network, is_model
from diagnose.training.keras.phase import Phase

WITHOUT_WEIGHTS = ("Input", "InputLayer", "Flatten", "Dropout", "Activation", "ReLU", "Softmax", "Rescaling", "Reshape",
                   "Identity", "Lambda", "LeakyReLU", "Add", "Concatenate", "Resizing")  # fmt: skip
BARE = ("Pooling", "Pool", "Padding", "Random", "Dropout")
RESETS = ("clear_session", "reset_uids")


def unmatched(reader: Reader) -> Iterator[NamesMatchNothing]:
    """Loads by name from a file that another model saved, where the two share no layer and no layer name.

    Layers without an explicit name get a new one in each model, so no other model has it.
    """
    loads = [e for e in reader.trace.calls(".load_weights") if plain(e.kwargs.get("by_name")) is True]
    if not loads or any(event.short in RESETS for event in reader.trace.calls()):
        return
    for load in loads:
        path, own = _path(load), _layers(reader, load.target)
        saves = [
            e
            for e in reader.trace.calls(".save_weights", ".save")
            if path is not None and _path(e) == path and e.index < load.index
        ]
        others = [_layers(reader, event.target) for event in saves if event.target is not load.target]
        if own and others and len(others) == len(saves) and all(one and not _share(own, one) for one in others):
            yield NamesMatchNothing(load.at, "names", "", filtered=False, certain=True)


def unchecked(reader: Reader, phases: list[Phase]) -> Iterator[NamesMatchNothing]:
    """Loads by name, of a file from elsewhere, into a library's network that starts at random and stays frozen.

    Layers whose names are not in the file then keep random weights, which nothing trains. Once per load.
    """
    reported: set[int] = set()
    for phase in phases:
        bodies = phase.network.bodies
        if not phase.freezes_backbone or len(bodies) != 1:
            continue
        given = bodies[0].arg(1, "weights")
        loads = [e for e in reader.trace.calls(".load_weights") if e.index < phase.fit.index and not e.guards]
        into = [e for e in loads if e.target in (bodies[0], phase.network.model)]
        if given is None or plain(given, ...) is not None or len(into) != 1 or id(into[0]) in reported:
            continue
        load = into[0]
        saved = any(_path(e) == _path(load) for e in reader.trace.calls(".save_weights", ".save"))
        if plain(load.kwargs.get("by_name")) is True and not saved and _path(load) is not None:
            reported.add(id(load))
            yield NamesMatchNothing(load.at, "unchecked", "", filtered=False, certain=False)


def _path(event: Event) -> object:
    return plain(event.args[0] if event.args else event.kwargs.get("filepath"))


def _layers(reader: Reader, model: Value | None) -> list[Thing] | None:
    """The layers with weights of a model; None where they are not all known, or a library's are among them."""
    if model is None or not is_model(model):
        return None
    network = find_network(reader, model)
    layers = [one for one in network.layers if isinstance(one, Thing) and one.name.startswith("keras.layers.")]
    if not network.whole or network.bodies or len(layers) < len(network.layers):
        return None
    return [one for one in layers if one.short not in WITHOUT_WEIGHTS and not any(word in one.short for word in BARE)]


def _share(own: list[Thing], saved: list[Thing]) -> bool:
    """Whether two models share a layer, or a layer's name; an unknown name may match any."""
    names = [[plain(one.kwargs["name"]) for one in side if "name" in one.kwargs] for side in (own, saved)]
    same = {id(one) for one in own} & {id(one) for one in saved}
    return bool(same) or None in names[0] + names[1] or bool(set(names[0]) & set(names[1]))
