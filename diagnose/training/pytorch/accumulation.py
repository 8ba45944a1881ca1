"""Gradients of several batches for one step, where the program's own loop counts the batches."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Event, Guard, Thing, Value, plain
from diagnose.model import Accumulation, Location
from diagnose.training.fields import Fields, ancestors
from diagnose.training.pytorch.acts import of_gradient
from diagnose.training.pytorch.network import Network
from diagnose.training.pytorch.optimizing import loss_call
from diagnose.training.pytorch.sessions import Session

SCALING = ("op/", "op*", "op//", ".div", ".div_", ".mul", ".mul_", ".true_divide", "torch.div", "torch.mul",
           "torch.true_divide")  # fmt: skip


def find_accumulation(
    reader: Reader, session: Session, network: Network | None, fields: Fields
) -> Iterator[Accumulation]:
    """A step that waits for every Nth batch, while each batch adds its gradients."""
    if session.managed or session.batch_loop is None or len(session.optimizers) != 1:
        return
    if any(isinstance(context, Thing) and context.short == "accumulate" for context in session.backward.contexts):
        return  # Accelerate divides the loss, and steps by itself
    waits = [guard for event in session.steps if (guard := _waiting(event, session.backward)) is not None]
    if not session.steps or len(waits) != len(session.steps):
        return
    batches = next((found for guard in waits if isinstance(found := _count(guard), int)), None)
    if batches is not None and batches < 2:
        return
    yield Accumulation(session.backward.at, batches, _scaled(reader, session), _cleared(reader, session))


def _waiting(step: Event, backward: Event) -> Guard | None:
    """The condition on the number of the batch that a step hangs on and backward() does not."""
    own = [guard for guard in step.guards if guard not in backward.guards]
    return next((guard for guard in own if _remainder(guard.test) is not None), None)


def _remainder(test: Value | None) -> Thing | None:
    """The `batch % N` in a condition."""
    found = (one for one in ancestors(test, 40) if isinstance(one, Thing) and one.name == "op%")
    return next(found, None)


def _count(guard: Guard) -> int | None:
    remainder = _remainder(guard.test)
    told = plain(remainder.args[1]) if remainder is not None else None
    return told if isinstance(told, int) and not isinstance(told, bool) else None


def _scaled(reader: Reader, session: Session) -> bool:
    """Whether the loss, the gradients or the learning rate are divided, or a library or an unknown loss may do it."""
    if session.backward.args:
        return True  # accelerator.backward(loss)
    if any(map(_divided, (session.loss, *session.other_losses))):
        return True
    inside = [event for event in reader.trace if session.batch_loop in event.loops]
    changed = [event for event in inside if event.kind in ("set", "add") or event.name in SCALING]
    return any(of_gradient(event.target) or ".grad" in event.name for event in changed)


def _divided(loss: Value) -> bool:
    call = loss_call(loss)
    if call is None:
        return True
    made = call.base if call.name == "()" else call
    reduction = made.kwargs.get("reduction") if isinstance(made, Thing) else None
    if reduction is not None and plain(reduction) != "mean":
        return True
    inside = {id(one) for one in ancestors(call, 4000)} - {id(call)}
    return any(isinstance(one, Thing) and one.name in SCALING and id(one) not in inside for one in ancestors(loss, 600))


def _cleared(reader: Reader, session: Session) -> Location | None:
    """Where gradients are cleared for every batch: under no condition but those of backward()."""
    for event in reader.trace.calls(".zero_grad"):
        if session.batch_loop in event.loops and set(event.guards) <= set(session.backward.guards):
            return event.at
    return None
