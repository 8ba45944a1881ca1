"""The acts of the training and validation loops, in the program's order."""

from __future__ import annotations

from diagnose.catalogue.schedules import FORMS
from diagnose.config.pytorch.sessions import Session, batch_loops, is_optimizer, optimizers_in
from diagnose.model import Act
from diagnose.program.library import is_no_grad
from diagnose.program.modules import is_network
from diagnose.program.reader import Reader
from diagnose.program.values import Either, Event, Thing, Value, plain


def find_acts(reader: Reader, session: Session, validating: list[Event]) -> tuple[Act, ...]:
    """Everything the loops of a session do to the network, its optimizers and schedules."""
    held_out = {id(loop) for event in validating for loop in batch_loops(event)[-1:]}
    validating_ids = {id(event) for event in validating}
    numbers: dict[int, int] = {}
    mode = "train"
    acts: list[Act] = []
    for event in reader.events:
        if event.kind not in ("call", "managed", "set"):
            continue
        what = _what(session, event, validating_ids)
        if what is None:
            continue
        if what in ("train_mode", "eval_mode"):
            mode = what.removesuffix("_mode")
        phase, level = _place(session, event, held_out)
        if what == "forward" and id(event) in validating_ids:
            phase = "validation"
        over = event.args[0] if what == "step" and event.args and is_optimizer(event.args[0]) else event.target
        key = id((optimizers_in(over) or [over])[0]) if over is not None else 0
        acts.append(
            Act(
                what,
                event.at,
                phase,
                level,
                numbers.setdefault(key, len(numbers)),
                frozenset((guard.number, guard.side) for guard in event.guards),
                any(is_no_grad(context) for context in event.contexts),
                mode if what == "forward" else "",
                event.index,
            )
        )
    return tuple(acts)


def _what(session: Session, event: Event, validating: set[int]) -> str | None:
    name, target = event.name, event.target
    if event is session.forward or id(event) in validating:
        return "forward"
    if event.kind == "set":
        return "zero_grad" if name == ".grad" and plain(event.args[0], 0) is None else None
    if name in (".backward", ".manual_backward"):
        return "backward"
    if name == "()" and isinstance(target, Thing) and target.short.startswith("NativeScaler"):
        return "step"
    if name == ".zero_grad":
        return "zero_grad"
    if name == ".step" and _inside_a_step(event):
        return None  # an optimizer of the program's own that wraps another
    if name == ".step":
        if optimizers_in(target) or (event.args and optimizers_in(event.args[0])):
            return "step"
        if isinstance(target, Thing | Either) and _short(target) in FORMS:
            return "schedule"
        return None
    if name in (".train", ".eval") and _concerns(session, target):
        given = event.args[0] if event.args else event.kwargs.get("mode")
        off = given is not None and plain(given, True) is False
        return "eval_mode" if name == ".eval" or off else "train_mode"
    return None


def _inside_a_step(event: Event) -> bool:
    return any(function.name in ("step", "pre_step") and is_optimizer(function.bound) for function in event.functions)


def _short(value: Value) -> str:
    if isinstance(value, Either):
        return next((_short(option) for option in value.options if _short(option) in FORMS), "")
    if isinstance(value, Thing) and value.name == "[]" and isinstance(value.base, Thing):
        return value.base.short
    return value.short if isinstance(value, Thing) else ""


def _concerns(session: Session, target: Value | None) -> bool:
    """Whether train() or eval() is called on the session's network as a whole."""
    if target is None or session.model is None:
        return is_network(target)
    if target is session.model:
        return True
    forward = session.forward.functions[-1].bound if session.forward and session.forward.functions else None
    return target is forward  # a module that holds the network, such as a LightningModule


def _place(session: Session, event: Event, held_out: set[int]) -> tuple[str, str]:
    if session.batch_loop is not None and session.batch_loop in event.loops:
        return "train", "batch"
    if any(id(loop) in held_out for loop in event.loops):
        return "validation", "batch"
    if session.epoch_loop is not None and session.epoch_loop in event.loops:
        return "between", "epoch"
    return "setup", "program"
