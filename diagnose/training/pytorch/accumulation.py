"""Gradient accumulation over several batches in the program's own loop."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.reasons import GROWS
from diagnose.interpreter.values import Event, Thing, Value, plain
from diagnose.model import Accumulation, Location
from diagnose.training.fields import Fields, ancestors
from diagnose.training.pytorch.acts import of_gradient
from diagnose.training.pytorch.network import Network
from diagnose.training.pytorch.optimizing import count_of, loss_call
from diagnose.training.pytorch.sessions import Session, batch_loops

MOST_BATCHES = 1024  # most batches per step
SCALING = ("op/", "op*", "op//", ".div", ".div_", ".mul", ".mul_", ".true_divide", "torch.div", "torch.mul",
           "torch.true_divide")  # fmt: skip


def find_accumulation(
    reader: Reader, session: Session, network: Network | None, fields: Fields
) -> Iterator[Accumulation]:
    """A step on every Nth batch, while each batch adds its gradients."""
    if session.managed or session.batch_loop is None or len(session.optimizers) != 1:
        return
    if any(isinstance(context, Thing) and context.short == "accumulate" for context in session.backward.contexts):
        return  # Accelerate divides the loss, and decides when to step
    counts = [_batches(reader, session, event) for event in session.steps]
    if not counts or any(one is None or one == 1 for one in counts):
        return
    batches = next((one for one in counts if one), None)
    yield Accumulation(session.backward.at, batches, _scaled(reader, session), _cleared(reader, session))


def _batches(reader: Reader, session: Session, step: Event) -> int | None:
    """How many batches a step accumulates, 0 where that is unknown; None where it steps on every batch."""
    backward = session.backward
    counted = [loop for loop in batch_loops(backward) if loop not in step.loops]
    if counted and session.batch_loop in step.loops:
        return _number(count_of(counted[-1]))
    for guard in step.guards:
        if guard in backward.guards:
            continue
        for one in ancestors(guard.test, 40):
            if isinstance(one, Thing) and one.name == "op%":
                return _number(one.args[1])
        counter = _counter(guard.test)
        if counter is not None and any(guard in event.guards for event in reader.trace.calls(".zero_grad")):
            return counter
    return None


def _counter(test: Value | None) -> int | None:
    """The number that a condition compares with the loop's counter."""
    if not isinstance(test, Thing) or test.name != "compare":
        return None
    for one, other in (test.args, test.args[::-1]):
        grown = isinstance(one, Thing) and one.name == "op+" and one.why == GROWS
        if grown and 1 < _number(other) <= MOST_BATCHES:
            return _number(other)
    return None


def _number(value: Value | None) -> int:
    number = plain(value)
    return number if isinstance(number, int) and not isinstance(number, bool) else 0


def _scaled(reader: Reader, session: Session) -> bool:
    """Whether the loss, gradients or learning rate are divided, or a library or an unknown loss may do so."""
    by_hand = session.backward.name == ".manual_backward"
    if session.backward.args and not by_hand and not _divides_nothing(session.backward.target):
        return True
    if any(map(_divided, (session.loss, *session.other_losses))):
        return True
    inside = [event for event in reader.trace if session.batch_loop in event.loops]
    changed = [event for event in inside if event.kind in ("set", "add") or event.name in SCALING]
    return any(of_gradient(event.target) or ".grad" in event.name for event in changed)


def _divides_nothing(target: Value | None) -> bool:
    """Whether backward(loss) belongs to an Accelerator without accumulation, which divides by 1, or to a Fabric, which
    never divides; DeepSpeed may."""
    if not isinstance(target, Thing):
        return False
    if target.short == "Fabric":
        given = target.arg(1, "strategy")
        strategy = "auto" if given is None else plain(given)
        return isinstance(strategy, str) and "deepspeed" not in strategy
    if target.short != "Accelerator":
        return False
    names = ("gradient_accumulation_steps", "gradient_accumulation_plugin", "deepspeed_plugin", "fsdp_plugin")
    return not target.args and not any(name in target.kwargs for name in names)


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
    """Where gradients are cleared for every batch: under no conditions other than those of backward()."""
    inner = batch_loops(session.backward)[-1]
    for event in reader.trace.calls(".zero_grad"):
        if inner in event.loops and set(event.guards) <= set(session.backward.guards):
            return event.at
    return None
