"""Programs that only evaluate or predict: their preprocessing is that of held-out images."""

from __future__ import annotations

from dataclasses import replace

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import Event, Thing, Value, unknown
from diagnose.libraries.networks import architecture, is_container, is_network
from diagnose.model import HIDDEN, Act, Program, Unfollowed
from diagnose.training.class_numbers import classes_by_name
from diagnose.training.fields import Fields
from diagnose.training.keras import data as keras_data
from diagnose.training.keras import layers, steps
from diagnose.training.pytorch.acts import without_gradients
from diagnose.training.pytorch.channels import channel_order
from diagnose.training.pytorch.data import (
    dataset_of,
    describe_images,
    find_loader,
    joined,
    way_in_loop,
    way_of_loader,
)
from diagnose.training.pytorch.modes import forward_modes
from diagnose.training.pytorch.network import describe, find_network
from diagnose.training.pytorch.sessions import Session, batch_loops
from diagnose.training.unfollowed import unfollowed_calls

NOT_SHOWN = "this file does not train"
COPIES = ("copy.deepcopy", "copy.copy")
MODELS = ("load_model", "Model", "Sequential", "model_from_json")
ANSWERS = (".predict", ".evaluate", ".predict_on_batch", ".test_on_batch")


def read_evaluation(reader: Reader, fields: Fields) -> Program | None:
    """The program of a file that calls a network and trains none; None where it calls none.

    Writes model and the fields of validation images into `fields`; those of a training stay unknown.
    """
    return _pytorch(reader, fields) or _keras(reader, fields)


def _pytorch(reader: Reader, fields: Fields) -> Program | None:
    calls = [event for event in reader.trace.calls("()") if event.args and _calls_network(event)]
    if not calls:
        return None
    event = next((one for one in calls if batch_loops(one) and find_loader(batch_loops(one)[-1].over)), calls[-1])
    session = Session(event, unknown(Reason.UNREAD, NOT_SHOWN, event.at), None, None, model=event.target)
    lost = unfollowed_calls(reader)
    network = find_network(reader, replace(session, forward=event))
    if network is not None:
        describe(reader, session, network, lost, fields)
    loader = find_loader(batch_loops(event)[-1].over) if batch_loops(event) else None
    way = way_in_loop(reader, session, event)
    if loader is not None:
        way = joined(way_of_loader(reader, loader), way)  # type: ignore[assignment]
    describe_images(reader, way, dataset_of(loader) if loader is not None else None, fields, val=True)
    act = Act(
        "forward",
        event.at,
        "validation",
        no_grad=without_gradients(event),
        mode=forward_modes(reader, lost).get(id(event), ""),
    )
    return Program(
        framework="pytorch",
        acts=(act,),
        val_steps=tuple(way.steps) if way is not None and not way.unsure else None,
        network_from=network.body.package if network is not None and network.body is not None else None,
        seen=(*channel_order(reader), *classes_by_name(reader)),
        unfollowed=_elsewhere(event),
        training=event.at,
    )


def _calls_network(event: Event) -> bool:
    """Whether it calls a whole network, and not a layer of one."""
    inside = any(is_network(function.bound) for function in event.functions)
    target = event.target
    while isinstance(target, Thing) and target.name in COPIES and target.args:
        target = target.args[0]  # an average of the weights begins as a copy
    whole = architecture(target) is not None or is_container(target) or not isinstance(target, Thing)
    return is_network(target) and whole and not inside


def _keras(reader: Reader, fields: Fields) -> Program | None:
    calls = [event for event in reader.trace.calls(*ANSWERS) if isinstance(event.target, Thing)]
    calls = calls or [event for event in reader.trace.calls("()") if event.args and _is_keras_model(event.target)]
    if not calls or not {"keras", "tensorflow", "tf_keras"} & reader.libraries:
        return None
    event = calls[-1]
    assert event.target is not None
    network = layers.find_network(reader, event.target)
    layers.describe(reader, network, event.index, fields)
    way = keras_data.way_of(reader, event.args[0] if event.args else event.kwargs.get("x"), event.at)
    keras_data.through_network(reader, network.model, way, random=False)
    steps.settle(way, fields, val=True)
    return Program(
        framework="keras",
        managed_by="Keras",
        seen=tuple(classes_by_name(reader)),
        val_steps=tuple(way.steps) if way.certain else None,
        unfollowed=_elsewhere(event),
        training=event.at,
    )


def _is_keras_model(value: Value | None) -> bool:
    return isinstance(value, Thing) and value.package in ("keras", "tensorflow", "tf_keras") and value.short in MODELS


def _elsewhere(event: Event) -> tuple[Unfollowed, ...]:
    return (Unfollowed("the training, which another program does,", event.at, frozenset(HIDDEN)),)
