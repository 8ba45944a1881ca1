"""Custom training loops of a Keras program, with GradientTape, backward() or train_on_batch().

Each is represented by equivalent calls of fit() and compile(), so that code for those handles it too.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import Const, Event, Items, Loop, Thing, Value, plain, unknown
from diagnose.training.fields import ancestors
from diagnose.training.keras.minimised import applied, is_network, loss_in, losses_in
from diagnose.training.pytorch.optimizing import count_of
from diagnose.training.pytorch.sessions import batch_loops, passes_batches

VARIABLES = (".trainable_variables", ".trainable_weights", ".variables", ".weights")
NO_LOSS = "no known loss was found in its loop"
ORDERING = ("permutation", "shuffle", "randint", "choice", "sample", "integers")


@dataclass(frozen=True, eq=False)
class OwnLoop:
    """A custom training loop. fit, compiled: the equivalent calls; compiled is None where compile()'s settings apply.

    loop: over the batches. forward: the call of the network; loss: the minimised value; outputs: the outputs that its
    known loss gets.
    """

    fit: Event
    compiled: Event | None
    loop: Loop | None
    forward: Event | None = None
    loss: Value | None = None
    outputs: Value | None = None


def own_loops(reader: Reader) -> list[OwnLoop]:
    """The program's custom training loops, in order."""
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
    """Whether the same loop also trains another network, as for generative networks."""
    return one.loop is not None and any(
        other.loop is one.loop and other.fit.target is not one.fit.target for other in found
    )


def activated(own: OwnLoop) -> Thing | None:
    """The activation that a loop applies to its network's outputs before the loss; None where there is none."""
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
    """A loop that computes gradients, with a tape or with backward() on the torch backend."""
    if event.name == ".backward":
        loss, loops = event.target, batch_loops(event)
        events = [e for e in reader.trace[: event.index] if not loops or loops[-1] in e.loops]
    else:
        loss = event.args[0] if event.args else event.kwargs.get("target", event.kwargs.get("loss"))
        tape = event.target if event.name == ".gradient" else event.kwargs.get("tape")
        if not isinstance(tape, Thing) or tape.name != "tensorflow.GradientTape":
            return None
        events = [e for e in reader.trace if any(context is tape for context in e.contexts)]
    calls = _forward(events, loss, event)
    nearby = [e for e in reader.trace if e.index >= event.index and e.loops == event.loops]
    optimizer = applied(nearby, None)
    if not calls or loss is None or optimizer is None:
        return None
    used = loss_in(loss)
    if len({id(one.made) for one in losses_in(loss)} if used and used.call is not used.made else ()) > 1:
        used = None  # a sum of several
    batches, epochs = _loops(event)
    network = calls[0].target if len(calls) == 1 else _in_sequence(calls)
    kwargs = {"x": calls[0].args[0], "y": used.labels if used else None, "epochs": epochs}
    given = {name: value for name, value in kwargs.items() if value is not None}
    settings = {"optimizer": optimizer, "loss": used.made if used else unknown(Reason.UNFOLLOWED, NO_LOSS, event.at)}
    return OwnLoop(
        replace(event, name=".fit", target=network, args=(), kwargs=given),
        replace(event, name=".compile", target=network, args=(), kwargs=settings),
        batches,
        calls[0],
        loss,
        used.outputs if used else None,
    )


def _forward(events: list[Event], loss: Value | None, gradient: Event) -> list[Event]:
    """The calls of the trained network, in order: several where it is a sequence of networks.

    Empty where none was found, or where the loss may depend on parallel networks.
    """
    sources = gradient.args[1] if len(gradient.args) > 1 else gradient.kwargs.get("sources")
    owners = [one.base for one in ancestors(sources, 200) if isinstance(one, Thing) and one.name in VARIABLES]
    part = {id(one) for one in ancestors(loss)}
    calls = [
        event
        for event in events
        if event.kind == "call"
        and event.name == "()"
        and event.args
        and (is_network(event.target) or any(event.target is owner for owner in owners))
        and any(id(one) in part for one in _results(event.result))
    ]
    if not calls:
        return []
    held = [e for e in calls if any(e.target is owner for owner in owners)]
    top = min(len(e.functions) for e in calls)
    pool = held or [e for e in calls if len(e.functions) == top]
    firsts = list({id(e.target): e for e in reversed(pool)}.values())[::-1]
    apart = any(not _feeds(one, other) for one, other in itertools.pairwise(firsts))
    return [] if apart else firsts


def _feeds(one: Event, other: Event) -> bool:
    """Whether the second of two calls gets the result of the first."""
    made = {id(result) for result in _results(one.result)}
    return any(id(value) in made for value in ancestors(other.args[0], 400))


def _in_sequence(calls: list[Event]) -> Thing:
    """Networks that a loop calls in sequence, as one."""
    parts = tuple(call.target for call in calls if call.target is not None)
    return Thing(parts[0].at, "keras.Sequential", (Items(parts[0].at, parts),))


def _results(value: Value) -> tuple[Value, ...]:
    return (value, *value.items) if isinstance(value, Items) else (value,)


def _loops(event: Event) -> tuple[Loop | None, Value | None]:
    """The loop over batches, and the number of passes over the data; None where either is unknown."""
    loops = batch_loops(event)
    if not loops:
        return None, None
    if passes_batches(loops[-1]) or len(loops) > 1:
        epochs = count_of(loops[-2]) if len(loops) > 1 else Const(event.at, 1)
        return loops[-1], epochs or unknown(Reason.UNFOLLOWED, "no loop over epochs was found", event.at)
    return loops[-1], unknown(Reason.UNFOLLOWED, "whether its loop counts epochs or batches is not known", event.at)


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
    """The step of a loop over the start indices of batches; None where it counts something else."""
    over = batches.over if batches is not None else None
    if isinstance(over, Thing) and over.name == "builtins.range" and len(over.args) == 3:
        return over.args[2]
    drawn = (one for one in ancestors(x, 60) if isinstance(one, Thing) and one.short == "randint")
    return next((size for one in drawn if (size := one.arg(2, "size")) is not None), None)


def ordered_at_random(x: Value | None) -> Value | None:
    """The call that picks the images of a batch at random; None where there is none."""
    for one in ancestors(x, 80):
        if isinstance(one, Thing) and one.short in ORDERING:
            return one
    return None


def measuring(reader: Reader, own: OwnLoop) -> Event | None:
    """The first call of the network outside its training: outside the loop over batches, and outside any tape that
    gradients are taken from."""
    target = own.forward.target if own.forward is not None else own.fit.target
    used = [e.target if e.name == ".gradient" else e.kwargs.get("tape")
            for e in reader.trace.calls(".gradient", ".minimize")]  # fmt: skip
    for event in reader.trace.calls("()", of=target):
        taped = any(one is tape for one in event.contexts for tape in used)
        if not taped and event.args and event.loops and event.loops[-1] not in (own.loop, *own.fit.loops):
            return event
    return None


def is_direct(labels: Value | None, images: Value | None) -> bool:
    """Whether images and labels are the first and second part of one dataset item, unchanged."""
    if not isinstance(labels, Thing) or labels.name != "[]" or plain(labels.args[0]) != 1:
        return False
    return any(one is labels.base for one in ancestors(images, 200))
