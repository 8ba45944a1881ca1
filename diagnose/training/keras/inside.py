"""Preprocessing inside a Keras model, before its first trainable layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import Either, Instance, Thing, Value, cause, plain
from diagnose.libraries.networks import is_container
from diagnose.model import UNIT_STEP
from diagnose.training.fields import ancestors
from diagnose.training.keras.layers import is_application, is_model, outputs_of
from diagnose.training.keras.operations import is_trained, layers_of
from diagnose.training.keras.steps import RUN_TIME, wanted

if TYPE_CHECKING:
    from diagnose.training.keras.data import Images


def through_model(images: Images, model: Value | None, depth: int = 0) -> bool:
    """Apply a model's steps before its first trainable layer. Returns whether that layer was reached.

    True too where the model was not followed, which adds a doubt.
    """
    if depth > 8:
        return True
    if isinstance(model, Either):
        images.way.doubt(f"its model is one of several, {RUN_TIME}", "values", "random")
        return through_model(images, model.options[0], depth + 1)
    if is_application(model):
        assert isinstance(model, Thing)
        _body(images, model, depth)
        return True
    if isinstance(model, Thing) and is_container(model):
        for layer in layers_of(model):
            if is_trained(layer):
                return True
            if is_model(layer) or is_application(layer) or isinstance(layer, Instance):
                if through_model(images, layer, depth + 1):
                    return True
            else:
                images.layer(layer)
        return False
    outputs = outputs_of(images.reader, model)
    if outputs is None:
        why = "what its model does with the images was not followed"
        images.way.doubt(why, "values", "random")
        return True
    return _graph(images, outputs, depth)


def _body(images: Images, body: Thing, depth: int) -> None:
    """Apply a library network's input, and its built-in preprocessing."""
    on = body.kwargs.get("input_tensor")
    if on is not None and plain(on, ...) is not None:
        _prefix(images, on)
    if wanted(body) == "built in" and plain(body.kwargs.get("include_preprocessing"), True):
        images.way.scaling.append((UNIT_STEP, body.at))
        images.way.put("built_in", "scale", body.at)


def _graph(images: Images, outputs: Value, depth: int) -> bool:
    """Apply the steps of a functional model before its first trainable layer."""
    calls = [one for one in ancestors(outputs) if isinstance(one, Thing) and _learns(images, one)]
    if not calls:
        _prefix(images, outputs)
        return False
    ids = {id(one) for one in calls}
    firsts = [one for one in calls if not any(id(a) in ids for a in ancestors(one) if a is not one)]
    for first in firsts[:1]:
        if first.name == "()":
            _prefix(images, first.args[0] if first.args else None)
            if is_model(first.base) or is_application(first.base):
                through_model(images, first.base, depth + 1)
        elif is_application(first.base):
            assert isinstance(first.base, Thing)
            _body(images, first.base, depth)
    return True


def _learns(images: Images, one: Thing) -> bool:
    if one.name in (".output", ".outputs", ".get_layer"):
        return is_application(one.base) or is_model(one.base)
    if one.name != "()":
        return False
    return is_trained(one.base) or is_application(one.base) or (is_model(one.base) and _holds_weights(one.base))


def _prefix(images: Images, value: Value | None) -> None:
    """Apply the steps from a model's input to a value in it."""
    source = next((one for one in ancestors(value) if _is_input(one)), None) if value is not None else None
    inner = images.inner(source)
    if source is None:
        images.way.doubt("what its model does with the images was not followed", "values", "random")
    else:
        inner.walk(value)


def _is_input(value: Value) -> bool:
    return isinstance(value, Thing) and (
        value.short in ("Input", "placeholder")
        or value.name in (".input", ".inputs")
        or (value.name == "" and cause(value).reason is Reason.PLACEHOLDER)
    )


def _holds_weights(model: Value | None) -> bool:
    """Whether a nested model has a trainable layer."""
    if isinstance(model, Thing) and is_container(model):
        return any(is_trained(layer) or is_application(layer) or _holds_weights(layer) for layer in layers_of(model))
    return not isinstance(model, Thing) or any(
        is_trained(one.base) or is_application(one.base)
        for one in ancestors(model.arg(1, "outputs", "output"))
        if isinstance(one, Thing) and one.base is not None
    )
