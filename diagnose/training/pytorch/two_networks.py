"""Programs with several networks: which optimizer steps after which loss."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Either, Event, Items, Table, Thing, Value
from diagnose.libraries import networks
from diagnose.libraries.networks import is_network
from diagnose.libraries.wrappers import is_no_grad
from diagnose.model import WrongOptimizer
from diagnose.training.pytorch.acts import inside_a_step
from diagnose.training.pytorch.held import covered
from diagnose.training.pytorch.sessions import Session, is_optimizer, loss_of

# No gradient passes through.
CUT = (".detach", ".detach_", ".item", ".numpy", ".tolist", ".data", "item", ".argsort", "torch.argsort", ".argmax",
       "torch.argmax", ".argmin", "torch.argmin", ".nonzero", "compare")  # fmt: skip
SHAPING = (".to", ".cuda", ".view", ".reshape", ".expand", ".float", ".type", ".size", "[]")  # nor through an argument


def wrong_optimizers(reader: Reader, session: Session) -> Iterator[WrongOptimizer]:
    """The first step by an optimizer that none of the losses since the last step reaches; else the first step in place
    of another optimizer, which is cleared in the loop but never stepped."""
    if session.managed or session.batch_loop is None:
        return
    held = {id(one): own for one in session.optimizers if (own := covered(one))}
    if not held or len(held) != len(session.optimizers):
        return
    calls = forwards(reader, session)
    whole = {id(event.target) for event in calls.values() if not any(is_network(f.bound) for f in event.functions)}
    if len(whole) < 2:
        return
    idle = _idle(reader, session)
    for step, losses in _steps(reader, session):
        own = held.get(id(_stepped(step)))
        per_loss = [reached(loss_of(one), calls) for one in losses]
        known = [one for one in per_loss if one is not None]
        if own is None or len(known) < len(per_loss):
            continue
        if not any(one & own for one in known) or (idle and any(one & idle for one in known)):
            yield WrongOptimizer(step.at, backward=losses[-1].at)
            return


def _steps(reader: Reader, session: Session) -> Iterator[tuple[Event, list[Event]]]:
    """Each step of the loop, with the calls of backward() since the previous steps."""
    losses: list[Event] = []
    stepped = False
    for event in reader.trace.inside(session.batch_loop) if session.batch_loop is not None else ():
        if event.kind != "call":
            continue
        if loss_of(event) is not None:
            losses = [event] if stepped else [*losses, event]
            stepped = False
        elif event.name == ".step" and _stepped(event) is not None and not inside_a_step(event) and losses:
            stepped = True
            yield event, losses


def _stepped(event: Event) -> Value | None:
    """The optimizer of a step, also of a gradient scaler's."""
    return next((one for one in (*event.args[:1], event.target) if is_optimizer(one)), None)


def _idle(reader: Reader, session: Session) -> set[int]:
    """The parameters of optimizers that the loop clears but never steps, where another is stepped twice."""
    stepped = {id(one) for event in reader.trace.calls(".step") if (one := _stepped(event)) is not None}
    places: dict[int, set[object]] = {}
    for event, _ in _steps(reader, session):
        places.setdefault(id(_stepped(event)), set()).add(event.at)
    if not any(len(at) > 1 for at in places.values()):
        return set()
    found: set[int] = set()
    for event in reader.trace.calls(".zero_grad"):
        if session.batch_loop in event.loops and is_optimizer(event.target) and id(event.target) not in stepped:
            found |= (covered(event.target) if event.target is not None else None) or set()
    return found


def forwards(reader: Reader, session: Session) -> dict[int, Event]:
    """The calls of networks in the loop, or in the whole program without one, by the id of their result."""
    inside = reader.trace.inside(session.batch_loop) if session.batch_loop is not None else reader.trace
    return {id(e.result): e for e in inside if e.name == "()" and e.kind == "call" and is_network(e.target)}


def reached(loss: Value | None, forwards: dict[int, Event]) -> set[int] | None:
    """The ids of the parameters that get gradients from a loss; None where a part of its path is unknown."""
    found: set[int] = set()
    waiting: list[Value] = [loss] if loss is not None else []
    while waiting:
        one = waiting.pop()
        if id(one) in found:
            continue
        if len(found) > 3000:
            return None
        found.add(id(one))
        call = forwards.get(id(one))
        if call is not None and any(is_no_grad(context) for context in call.contexts):
            continue
        target = call.target if call is not None else one.base if isinstance(one, Thing) and one.name == "()" else None
        if target is not None and is_network(target):
            own = list(networks.parameters(target))
            if any(not name for name, _ in own):
                return None
            found |= {id(parameter) for _, parameter in own}
            waiting += call.args if call is not None else ()
        if isinstance(one, Thing):
            if one.name == "":
                return None
            if one.name not in CUT:
                more = (one.base,) if one.name in SHAPING else (one.base, *one.args, *one.kwargs.values())
                waiting += [part for part in more if part is not None]
        elif isinstance(one, Items):
            waiting += one.items
        elif isinstance(one, Table):
            waiting += one.pairs.values()
        elif isinstance(one, Either):
            waiting += one.options
    return found
