"""Layers of a Keras network in the wrong mode: batch norm and dropout always, or never, in training mode."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Class, Const, Instance, Thing, Value, plain
from diagnose.model import KerasMode, Location, OldFrozenNorm
from diagnose.training.fields import ancestors
from diagnose.training.keras.layers import is_application, is_model, parts
from diagnose.training.keras.loops import measuring
from diagnose.training.keras.phase import Phase

# Families of keras.applications without batch norm.
WITHOUT_NORM = ("VGG", "ConvNeXt", "ViT")
OLD_CALLS = (".fit_generator", ".evaluate_generator", ".predict_generator")
OF_TRAINING = ("Dropout", "SpatialDropout", "AlphaDropout", "GaussianDropout", "GaussianNoise")


def wrong_modes(reader: Reader, phases: list[Phase]) -> Iterator[KerasMode]:
    """Parts always in training mode, trainings in evaluation mode, and validations in training mode."""
    yield from _own_norms(reader)
    for phase in phases:
        yield from _always(phase)
        if phase.own is not None:
            yield from _of_loop(reader, phase)


def _always(phase: Phase) -> Iterator[KerasMode]:
    """A network or batch norm that the model calls with training=True in either mode."""
    frozen = phase.fields.settings.get("frozen")
    if frozen is None or not frozen.known or frozen.value:
        return  # frozen batch norm is in evaluation mode regardless
    for one in ancestors(phase.network.graph):
        if not isinstance(one, Thing) or one.name != "()" or one.base is None:
            continue
        given = one.kwargs.get("training")
        own = isinstance(given, Const) and given.data is True and given.at != phase.network.model.at
        if own and given is not None and _norms([one.base]):
            yield KerasMode(given.at, training=True, layer=_called(one.base), norms=True)


def old_frozen_norms(reader: Reader, phases: list[Phase]) -> Iterator[OldFrozenNorm]:
    """Frozen backbones with batch norm in programs for Keras before TensorFlow 2, once per place."""
    if "tensorflow" in reader.libraries or not (reader.trace.calls(*OLD_CALLS) or _named_lr(reader)):
        return
    reported: set[Location] = set()
    for phase in phases:
        normed = [one for one in phase.network.bodies if not one.short.startswith(WITHOUT_NORM)]
        if not normed or not phase.freezes_backbone:
            continue
        place = phase.fields.settings["frozen"].location
        if place is not None and place not in reported:
            reported.add(place)
            yield OldFrozenNorm(place)


def _named_lr(reader: Reader) -> bool:
    return any("lr" in e.kwargs for e in reader.trace.calls() if e.name.startswith("keras.optimizers."))


def _own_norms(reader: Reader) -> Iterator[KerasMode]:
    """The program's own batch norm classes that call the library's with training=True in either mode."""
    reported: set[Class] = set()
    for event in reader.trace.calls(".call", ".__call__"):
        layer, given = event.target, event.kwargs.get("training")
        if not isinstance(layer, Instance) or layer.cls in reported or not isinstance(given, Const) or event.guards:
            continue
        trains = plain(layer.attrs.get("trainable"), True) is True
        if given.data is True and trains and {"BatchNormalization", "SyncBatchNormalization"} & {*layer.cls.foreign()}:
            reported.add(layer.cls)
            yield KerasMode(event.at, training=True, layer=layer.cls.name, norms=True)


def _of_loop(reader: Reader, phase: Phase) -> Iterator[KerasMode]:
    assert phase.own is not None
    forward, model = phase.own.forward, phase.network.model
    layers = parts(phase.network)
    norms, others = _norms(layers), _others(layers)
    if not (norms or others) or not phase.network.whole:
        return
    if forward is not None and isinstance(model, Thing) and not _in_training(forward.kwargs.get("training")):
        yield KerasMode(forward.at, training=False, layer="the training step", norms=norms, others=others)
    measured = measuring(reader, phase.own)
    if measured is not None and plain(measured.kwargs.get("training")) is True:
        yield KerasMode(measured.at, training=True, layer="the validation", norms=norms, others=others)


def _in_training(given: Value | None) -> bool:
    """Whether a network may be called in training mode: with True, or with an unknown value."""
    return given is not None and plain(given, True) is not False


def _norms(layers: list[Value]) -> bool:
    """Whether there is trainable batch norm among the layers, or in the networks among them."""
    for layer in layers:
        if isinstance(layer, Thing) and layer.short in ("BatchNormalization", "SyncBatchNormalization"):
            return True
        if is_application(layer) and isinstance(layer, Thing) and not layer.short.startswith(WITHOUT_NORM):
            return True
        if is_model(layer) and not isinstance(layer, Instance) and any(_norms([one]) for one in _inside(layer)):
            return True
    return False


def _inside(model: Value) -> list[Value]:
    held = [one for one in ancestors(model, 400) if isinstance(one, Thing) and one is not model]
    return [one for one in held if one.short == "BatchNormalization" or is_application(one)]


def _others(layers: list[Value]) -> tuple[str, ...]:
    found = [one.short for one in layers if isinstance(one, Thing) and one.short.startswith(OF_TRAINING)]
    return tuple(dict.fromkeys(found))


def _called(layer: Value) -> str:
    return layer.short if isinstance(layer, Thing) and layer.name[:1].isalpha() else "the network"
