"""Programs with several networks: which optimizer follows which loss, and averages of weights that nothing uses."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Either, Event, Instance, Items, Table, Thing, Value
from diagnose.libraries import networks
from diagnose.libraries.networks import is_network
from diagnose.libraries.wrappers import is_no_grad
from diagnose.model import AverageUnused, WrongOptimizer
from diagnose.training.pytorch.acts import inside_a_step
from diagnose.training.pytorch.held import covered
from diagnose.training.pytorch.sessions import Session, is_optimizer, loss_of
from diagnose.training.text import blocks, last_name
from diagnose.training.unfollowed import within

AVERAGES = ("AveragedModel", "ModelEma", "ModelEmaV2", "ModelEmaV3", "ExponentialMovingAverage", "EMA")
UPDATES = ("update", "to", "cuda", "register", "requires_grad")
KEEPING = ("__init__", "register", "_update", "step", "__call__", "register_shadow", "reset", "init")
CUT = (".detach", ".detach_", ".item", ".numpy", ".tolist", ".data", "item")  # no gradient comes through
SHAPING = (".to", ".cuda", ".view", ".reshape", ".expand", ".float", ".type", ".size")


# ---------------------------------------------------------------------- the other network's optimizer


def wrong_optimizers(reader: Reader, session: Session) -> Iterator[WrongOptimizer]:
    """The first step of a training by an optimizer that none of the losses since the last step reaches; else the first
    that stands in the place of another optimizer's, which is cleared in the loop and never stepped."""
    if session.managed or session.batch_loop is None:
        return
    held = {id(one): own for one in session.optimizers if (own := covered(one))}
    if not held or len(held) != len(session.optimizers):
        return
    forwards = _forwards(reader, session)
    whole = {id(event.target) for event in forwards.values() if not any(is_network(f.bound) for f in event.functions)}
    if len(whole) < 2:
        return
    idle = _idle(reader, session)
    for step, losses in _steps(reader, session):
        own = held.get(id(_stepped(step)))
        reached = [_reached(loss_of(one), forwards) for one in losses]
        known = [one for one in reached if one is not None]
        if own is None or len(known) < len(reached):
            continue
        if not any(one & own for one in known) or (idle and any(one & idle for one in known)):
            yield WrongOptimizer(step.at, backward=losses[-1].at)
            return


def _steps(reader: Reader, session: Session) -> Iterator[tuple[Event, list[Event]]]:
    """Each step of the loop, with the calls of backward() since the steps before."""
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
    """The optimizer of a step, a gradient scaler's too."""
    return next((one for one in (*event.args[:1], event.target) if is_optimizer(one)), None)


def _idle(reader: Reader, session: Session) -> set[int]:
    """The parameters of the optimizers that the loop clears, and that nothing steps, where another is stepped twice."""
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


def _forwards(reader: Reader, session: Session) -> dict[int, Event]:
    """The calls of networks in the loop, by the id of what they come to."""
    inside = reader.trace.inside(session.batch_loop) if session.batch_loop is not None else []
    return {id(e.result): e for e in inside if e.name == "()" and e.kind == "call" and is_network(e.target)}


def _reached(loss: Value | None, forwards: dict[int, Event]) -> set[int] | None:
    """The ids of the parameters that get gradients from a loss; None where a part of its way is not known."""
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


# ---------------------------------------------------------------------- averages


def unused_averages(reader: Reader, session: Session) -> Iterator[AverageUnused]:
    """Averages of the network's weights that the loop keeps up, and that nothing evaluates, saves or copies back."""
    if session.managed:
        return
    for event in reader.trace:
        made = event.result
        if event.kind == "make" and isinstance(made, Instance) and _averages(made.cls.name):
            name = made.cls.name
        elif event.kind == "call" and isinstance(made, Thing) and made.short in AVERAGES and made.name[:1].isalpha():
            name = made.short
        else:
            continue
        if _kept_up(reader, session, made) and not (_used(reader, made, event) or _read_by_name(reader, event)):
            yield AverageUnused(event.at, name=name)


def _averages(name: str) -> bool:
    return name.lower() in ("ema", "modelema", "exponentialmovingaverage", "modelemav2", "weightema", "emamodel")


def _kept_up(reader: Reader, session: Session, average: Value) -> bool:
    """Whether the loop over batches or epochs updates an average."""
    loops = [loop for loop in (session.batch_loop, session.epoch_loop) if loop is not None]
    inside = [e for e in reader.trace if any(loop in e.loops for loop in loops)]
    return any(
        (e.target is average and e.short.startswith("update"))
        or any(f.bound is average and f.name.lstrip("_").startswith(("update", "step")) for f in e.functions)
        for e in inside
    )


def _used(reader: Reader, average: Value, making: Event) -> bool:
    """Whether anything but its updates meets an average, as far as was read."""
    attributes = average.attrs.values() if isinstance(average, Instance) else ()
    parts = {id(one) for one in attributes if isinstance(one, Table | Items)}
    for event in reader.trace:
        if event is making:
            continue
        own = [function.name for function in event.functions if function.bound is average]
        if any(name not in KEEPING and not name.lstrip("_").startswith(UPDATES) for name in own):
            return True
        if event.target is average and not own and not event.short.startswith(UPDATES):
            return True
        if own or event.target is average:
            continue
        given = (*event.args, *event.kwargs.values(), *event.contexts, *((event.target,) if event.target else ()))
        if any(id(one) in parts or _from(one, average) for value in given for one in within((value,))):
            return True
    return False


def _read_by_name(reader: Reader, making: Event) -> bool:
    """Whether an attribute of an average is read, other than its updates: its network may be a copy of the trained one,
    which the reading does not tell apart."""
    text = blocks(reader)
    names = {
        last_name(target)
        for block in text
        for node in block.every(ast.Assign)
        if block.at(node.value) == making.at
        for target in node.targets
    }
    return any(
        last_name(node.value) in names and not node.attr.startswith(UPDATES)
        for block in text
        for node in block.every(ast.Attribute)
    )


def _from(value: Value, average: Value) -> bool:
    """Whether a value is an average, or an attribute or method's result of one."""
    for _ in range(8):
        if value is average:
            return True
        if not isinstance(value, Thing) or value.base is None:
            return False
        value = value.base
    return False
