"""Further options of a Keras program's loss, optimizer, schedule and head, beyond names and main numbers."""

from __future__ import annotations

from typing import Any

from diagnose.catalogue import losses, optimizers, schedules
from diagnose.interpreter.values import Event, Items, Table, Thing, Value, plain
from diagnose.model import Location
from diagnose.training.fields import Fields
from diagnose.training.given import COMPUTED, given, options
from diagnose.training.keras.layers import KerasModel, last_dense, word
from diagnose.training.pytorch.details import arguments

# Keras's arguments by torch's names; betas are two of them.
OWN = {"epsilon": "eps", "rho": "rho", "nesterov": "nesterov", "amsgrad": "amsgrad", "centered": "centered",
       "initial_accumulator_value": "initial_accumulator_value", "clipnorm": "clip_norm",
       "global_clipnorm": "clip_norm", "clipvalue": "clip_value"}  # fmt: skip
BETAS = (("beta_1", 0.9), ("beta_2", 0.999))
PLAIN_LAYERS = ("GlobalAveragePooling2D", "Flatten", "Activation", "Softmax", "Rescaling", "Input", "InputLayer")
DROPOUT = 0.5  # where the rate is computed


def describe_details(fit: Event, compiled: Event | None, network: KerasModel, fields: Fields) -> None:
    """Write loss_options, optimizer_options, schedule_options and head_options into `fields`.

    Each only where its loss, optimizer, schedule or head was found. compiled: None where several compile() calls may
    apply.
    """
    if compiled is not None:
        loss = compiled.arg(1, "loss")
        _loss(loss, fit, compiled.at, fields)
        _optimizer(compiled.arg(0, "optimizer"), compiled.at, fields)
    _plateau(fit, fields)
    _head(network, fields)


def _loss(loss: Value | None, fit: Event, at: Location, fields: Fields) -> None:
    values: dict[str, Any] = {}
    if isinstance(loss, Thing):
        values = {name: given(loss.kwargs.get(name)) for name in losses.OPTIONS if name in loss.kwargs}
    weights = fit.kwargs.get("class_weight")
    if isinstance(weights, Table) and weights.pairs:
        shares = [given(weights.pairs.get(number)) for number in range(len(weights.pairs))]
        values["class_weights"] = tuple(shares) if all(isinstance(one, int | float) for one in shares) else COMPUTED
    elif weights is not None:
        values["class_weights"] = given(weights)
    fields.know("loss_options", options(values), loss.at if loss is not None else at)


def _optimizer(value: Value | None, at: Location, fields: Fields) -> None:
    said = fields.settings.get("optimizer")
    entry = optimizers.find(said.value) if said is not None and said.known else None
    if entry is None:
        return
    if isinstance(value, Thing) and value.short == "LossScaleOptimizer" and value.args:
        value = value.args[0]
    values: dict[str, Any] = dict(entry.of("keras").own)
    place = value.at if value is not None else at
    if isinstance(value, Thing):
        for name, own in OWN.items():
            if name in value.kwargs:
                own = "alpha" if own == "rho" and entry.name == "rmsprop" else own
                values[own] = given(value.kwargs[name])
        if any(name in value.kwargs for name, _ in BETAS) and "betas" in entry.own:
            pair = [given(value.kwargs[name]) if name in value.kwargs else usual for name, usual in BETAS]
            values["betas"] = COMPUTED if COMPUTED in pair else tuple(pair)
        rate = value.arg(0, "learning_rate", "lr")
        if isinstance(rate, Thing) and rate.short in schedules.FORMS:
            shape = {**arguments(rate, schedules.FORMS[rate.short][1]), "unit": "step"}  # Keras counts batches
            fields.know("schedule_options", options(shape), rate.at)
    fields.know("optimizer_options", options(values), place)


def _plateau(fit: Event, fields: Fields) -> None:
    callbacks = fit.kwargs.get("callbacks")
    for callback in callbacks.items if isinstance(callbacks, Items) else ():
        if isinstance(callback, Thing) and callback.short == "ReduceLROnPlateau":
            fields.know(
                "schedule_options", options(arguments(callback, schedules.FORMS[callback.short][1])), callback.at
            )


def _head(network: KerasModel, fields: Fields) -> None:
    """The layers between the library's network and the last one."""
    last, _ = last_dense(network)
    places = [n for n, layer in enumerate(network.layers) if layer is network.body]
    if last is None or network.body is None or last is network.body or not places:
        return
    hidden: list[int] = []
    other: list[str] = []
    values: dict[str, Any] = {}
    for layer in network.layers[places[-1] + 1 :]:
        if layer is last:
            break
        if not isinstance(layer, Thing):
            continue
        units = plain(layer.arg(0, "units")) if layer.short == "Dense" else None
        if isinstance(units, int) and word(layer.arg(1, "activation")) == "relu":
            hidden.append(units)
        elif layer.short == "Dropout":
            share = given(layer.arg(0, "rate"))
            values["dropout"] = share if isinstance(share, float) else DROPOUT
        elif layer.short not in PLAIN_LAYERS:
            other.append(layer.short)
    values |= {"hidden": tuple(hidden) or None, "other": tuple(other) or None}
    fields.know("head_options", options(values), last.at)
