"""Trainings that a Keras program writes itself: loops over GradientTape, backward() or train_on_batch().

Each is given as the calls of fit() and compile() that it amounts to, so that what reads those reads it too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from diagnose.interpreter.functions import bind
from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Call, Const, Event, Function, Instance, Items, Loop, Thing, Value, plain, unknown
from diagnose.training.fields import ancestors
from diagnose.training.keras.layers import is_application, is_model
from diagnose.training.pytorch.optimizing import count_of
from diagnose.training.pytorch.sessions import batch_loops, passes_batches

VARIABLES = (".trainable_variables", ".trainable_weights", ".variables", ".weights")
APPLIES = (".apply_gradients", ".apply", ".minimize")
# Losses of TensorFlow by Keras's names; all expect logits.
OF_LOGITS = {
    "sparse_softmax_cross_entropy_with_logits": "SparseCategoricalCrossentropy",
    "softmax_cross_entropy_with_logits": "CategoricalCrossentropy",
    "softmax_cross_entropy_with_logits_v2": "CategoricalCrossentropy",
    "sigmoid_cross_entropy_with_logits": "BinaryCrossentropy",
}
COMPILED_LOSS = (".compute_loss", ".compiled_loss", ".loss", "._compute_loss")
ORDERING = ("permutation", "shuffle", "randint", "choice", "sample", "integers")


@dataclass(frozen=True, eq=False)
class OwnLoop:
    """A training written by hand. fit, compiled: the calls that it amounts to; compiled is None where compile() holds.

    loop: over the batches. forward: the call of the network; loss: what is minimised, and outputs: what its known loss
    is given.
    """

    fit: Event
    compiled: Event | None
    loop: Loop | None
    forward: Event | None = None
    loss: Value | None = None
    outputs: Value | None = None


@dataclass(frozen=True, eq=False)
class OwnStep:
    """train_step() of a model of the program, which fit() calls. batch: what it is given; images: what the network is.

    labels: what the loss is given. optimizer, loss: those that it uses itself; None where compile()'s hold. certain:
    whether its loss was found.
    """

    batch: Value
    images: Value
    labels: Value | None
    optimizer: Value | None
    loss: Value | None
    certain: bool


@dataclass(frozen=True, eq=False)
class _Loss:
    """A loss in use: what it is, the call of it, and what it compares."""

    made: Value
    call: Value
    labels: Value | None
    outputs: Value | None


def own_loops(reader: Reader) -> list[OwnLoop]:
    """The trainings that the program writes itself, in order."""
    found: list[OwnLoop] = []
    for event in list(reader.trace.calls(".gradient", ".backward", ".minimize", ".train_on_batch")):
        one = _on_batches(event) if event.name == ".train_on_batch" else _with_gradients(reader, event)
        known = one and any(
            other.fit.target is one.fit.target and (other.loop is one.loop or other.fit.at == one.fit.at)
            for other in found
        )
        if one is not None and not known:
            found.append(one)
    return [one for one in found if not _among_several(one, found)]


def _among_several(one: OwnLoop, found: list[OwnLoop]) -> bool:
    """Whether the same loop trains another network as well, as those of generative networks do."""
    return one.loop is not None and any(
        other.loop is one.loop and other.fit.target is not one.fit.target for other in found
    )


def own_step(reader: Reader, model: Value) -> OwnStep | None:
    """What train_step() of the program's own model does with a batch; None without one, or where it was not followed."""
    found = model.cls.find("train_step") if isinstance(model, Instance) else None
    if not isinstance(model, Instance) or not isinstance(found, Function):
        return None
    batch = unknown("a batch", found.at)
    before = len(reader.trace)
    reader.call(bind(found, model), Call((*_states(found), batch), {}, found.at))
    events = reader.trace[before:]
    calls = [e for e in events if e.kind == "call" and e.name == "()" and is_network(e.target) and e.args]
    if not calls:
        return None
    outermost = min(calls, key=lambda e: (len(e.functions), e.index))
    target = next((e.args[0] if e.args else e.target for e in events if e.name in (".gradient", ".minimize")), None)
    target = target or next((e.target for e in events if e.name == ".backward"), None)
    loss = loss_in(target)
    compiled = next((e for e in events if e.name in COMPILED_LOSS and e.target is model), None)
    labels = loss.labels if loss is not None else None
    if compiled is not None:
        labels = compiled.kwargs.get("y") or (compiled.args[0 if compiled.name != ".compute_loss" else 1 :] or (None,))[0]
    return OwnStep(
        batch,
        outermost.args[0],
        labels,
        _optimizer(events, model),
        loss.made if loss is not None and compiled is None else None,
        compiled is not None or loss is not None,
    )


def _states(function: Function) -> tuple[Value, ...]:
    """What stands before the batch among the parameters: the state, of JAX."""
    count = len(function.node.args.args) - 2
    return tuple(unknown("the state of the training", function.at) for _ in range(max(0, count)))


def is_network(value: Value | None) -> bool:
    """Whether a value is a Keras network that a loop may call."""
    if is_model(value) or is_application(value):
        return not isinstance(value, Thing) or value.package == "keras"
    return isinstance(value, Thing) and value.name.startswith("keras.") and value.short in ("load_model", "clone_model")


def loss_in(value: Value | None) -> _Loss | None:
    """The loss of Keras or TensorFlow that a value was computed by; None where none was found."""
    return next(_losses_in(value), None)


def _losses_in(value: Value | None) -> Iterator[_Loss]:
    for one in ancestors(value, 400):
        if not isinstance(one, Thing):
            continue
        base = one.base
        if one.name == "()" and isinstance(base, Thing) and base.name.startswith("keras.losses."):
            yield _Loss(base, one, one.arg(0, "y_true"), one.arg(1, "y_pred"))
        elif one.name.startswith("tensorflow.") and one.short in OF_LOGITS:
            made = Thing(one.at, f"keras.losses.{OF_LOGITS[one.short]}", kwargs={"from_logits": Const(one.at, True)})
            yield _Loss(made, one, one.arg(0, "labels"), one.arg(1, "logits"))
        elif one.name.startswith("keras.losses.") and one.short[:1].islower() and len(one.args) + len(one.kwargs) > 1:
            yield _Loss(one, one, one.arg(0, "y_true"), one.arg(1, "y_pred"))


def activated(own: OwnLoop) -> Thing | None:
    """The activation that a loop applies to the outputs of its network before the loss; None where there is none."""
    if own.forward is None:
        return None
    for one in ancestors(own.outputs, 40):
        if one is own.forward.result:
            return None
        if isinstance(one, Thing) and one.short in ("softmax", "log_softmax", "sigmoid"):
            return one
    return None


# ---------------------------------------------------------------------- loops


def _with_gradients(reader: Reader, event: Event) -> OwnLoop | None:
    """A loop that computes gradients: by a tape, or by backward() of the torch backend."""
    if event.name == ".backward":
        loss, loops = event.target, batch_loops(event)
        events = [e for e in reader.trace[: event.index] if not loops or loops[-1] in e.loops]
    else:
        loss = event.args[0] if event.args else event.kwargs.get("target", event.kwargs.get("loss"))
        tape = event.target if event.name == ".gradient" else event.kwargs.get("tape")
        if not isinstance(tape, Thing) or tape.name != "tensorflow.GradientTape":
            return None
        events = [e for e in reader.trace if any(context is tape for context in e.contexts)]
    forward = _forward(events, loss, event)
    if forward is None or forward.target is None or loss is None:
        return None
    used = loss_in(loss)
    if len({id(one.made) for one in _losses_in(loss)} if used and used.call is not used.made else ()) > 1:
        used = None  # a sum of several
    batches, epochs = _loops(event)
    nearby = [e for e in reader.trace if e.index >= event.index and e.loops == event.loops]
    optimizer = _optimizer(nearby, None)
    kwargs = {"x": forward.args[0], "y": used.labels if used else None, "epochs": epochs}
    given = {name: value for name, value in kwargs.items() if value is not None}
    told = {"optimizer": optimizer or unknown("no optimizer was found that the loop steps", event.at)}
    told["loss"] = used.made if used else unknown("no known loss was found in its loop", event.at)
    return OwnLoop(
        replace(event, name=".fit", target=forward.target, args=(), kwargs=given),
        replace(event, name=".compile", target=forward.target, args=(), kwargs=told),
        batches,
        forward,
        loss,
        used.outputs if used else None,
    )


def _forward(events: list[Event], loss: Value | None, gradient: Event) -> Event | None:
    """The call of the network that is trained; None where none was found, or several that the loss may be of."""
    part = {id(one) for one in ancestors(loss)}
    calls = [e for e in events if e.kind == "call" and e.name == "()" and is_network(e.target) and e.args]
    calls = [e for e in calls if any(id(one) in part for one in _results(e.result))]
    if not calls:
        return None
    sources = gradient.args[1] if len(gradient.args) > 1 else gradient.kwargs.get("sources")
    owners = [one.base for one in ancestors(sources, 60) if isinstance(one, Thing) and one.name in VARIABLES]
    held = [e for e in calls if any(e.target is owner for owner in owners)]
    top = min(len(e.functions) for e in calls)
    pool = held or [e for e in calls if len(e.functions) == top]
    return pool[0] if len({id(e.target) for e in pool}) == 1 else None


def _results(value: Value) -> tuple[Value, ...]:
    return (value, *value.items) if isinstance(value, Items) else (value,)


def _optimizer(events: list[Event], model: Value | None) -> Value | None:
    """What applies the gradients; None for the one that compile() gave the model."""
    for event in events:
        target = event.target
        if event.kind != "call" or event.name not in APPLIES or target is None:
            continue
        if isinstance(target, Thing) and target.name == ".optimizer" and target.base is model:
            return None
        return target
    return None


def _loops(event: Event) -> tuple[Loop | None, Value | None]:
    """The loop over batches, and how often the data is passed through; None where either is not known."""
    loops = batch_loops(event)
    if not loops:
        return None, None
    if passes_batches(loops[-1]) or len(loops) > 1:
        epochs = count_of(loops[-2]) if len(loops) > 1 else Const(event.at, 1)
        return loops[-1], epochs or unknown("no loop over epochs was found", event.at)
    return loops[-1], unknown("whether its loop counts epochs or batches is not known", event.at)


def _on_batches(event: Event) -> OwnLoop | None:
    if not (is_network(event.target) or isinstance(event.target, Thing)) or not (event.args or event.kwargs):
        return None
    batches, epochs = _loops(event)
    x, y = (event.args[n] if len(event.args) > n else event.kwargs.get(name) for n, name in ((0, "x"), (1, "y")))
    given = {name: value for name, value in (("x", x), ("y", y), ("epochs", epochs)) if value is not None}
    if size := _size_of(x, batches):
        given["batch_size"] = size
    return OwnLoop(replace(event, name=".fit", args=(), kwargs=given), None, batches)


def _size_of(x: Value | None, batches: Loop | None) -> Value | None:
    """The step of a loop over the places where batches begin; None where that is not what it counts."""
    over = batches.over if batches is not None else None
    if isinstance(over, Thing) and over.name == "builtins.range" and len(over.args) == 3:
        return over.args[2]
    drawn = (one for one in ancestors(x, 60) if isinstance(one, Thing) and one.short == "randint")
    return next((size for one in drawn if (size := one.arg(2, "size")) is not None), None)


def ordered_at_random(x: Value | None) -> Value | None:
    """The call by which the images of a batch are picked at random; None where there is none."""
    for one in ancestors(x, 80):
        if isinstance(one, Thing) and one.short in ORDERING:
            return one
    return None


def measuring(reader: Reader, own: OwnLoop) -> Event | None:
    """The first call of the network that is none of its training: outside of its tape and of its loop over batches."""
    for event in reader.trace.calls("()", of=own.fit.target):
        taped = any(isinstance(one, Thing) and one.name == "tensorflow.GradientTape" for one in event.contexts)
        if not taped and event.args and event.loops and event.loops[-1] not in (own.loop, *own.fit.loops):
            return event
    return None


def is_direct(labels: Value | None, images: Value | None) -> bool:
    """Whether labels are the second part of what the images are the first part of, as the dataset gives them."""
    if not isinstance(labels, Thing) or labels.name != "[]" or plain(labels.args[0]) != 1:
        return False
    return any(one is labels.base for one in ancestors(images, 200))
