"""The acts of the training and validation loops, in the program's order, for each of its trainings."""

from __future__ import annotations

from diagnose.catalogue.schedules import FORMS
from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Either, Event, Instance, Thing, Value, plain
from diagnose.libraries.wrappers import is_no_grad
from diagnose.model import Act
from diagnose.training.pytorch.modes import forward_modes, wrapped
from diagnose.training.pytorch.sessions import Session, batch_loops, is_optimizer, optimizers_in
from diagnose.training.unfollowed import UnfollowedCall


def find_acts(
    reader: Reader, sessions: list[Session], validating: list[list[Event]], lost: list[UnfollowedCall]
) -> tuple[Act, ...]:
    """Everything the loops of each session do to its network, optimizers and schedules.

    validating: for each session, the calls of its network for validation.
    """
    modes = forward_modes(reader, lost)
    return tuple(
        act
        for number, session in enumerate(sessions)
        for act in _acts(reader, session, validating[number], modes, number)
    )


def _acts(reader: Reader, session: Session, validating: list[Event], modes: dict[int, str], training: int) -> list[Act]:
    held_out = {id(loop) for event in validating for loop in batch_loops(event)[-1:]}
    validating_ids = {id(event) for event in validating}
    numbers: dict[int, int] = {}
    acts: list[Act] = []
    for event in reader.trace:
        if event.kind not in ("call", "managed", "set"):
            continue
        what = _what(session, event, validating_ids)
        if what is None:
            continue
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
                without_gradients(event),
                modes.get(id(event), "") if what == "forward" else "",
                event.index,
                training,
            )
        )
    return acts


def without_gradients(event: Event) -> bool:
    """Whether gradients are disabled, or may be by a context that is not followed."""
    return any(
        is_no_grad(context) or isinstance(context, Instance) or (isinstance(context, Thing) and _unread(context))
        for context in event.contexts
    ) or any(map(wrapped, event.functions))


def _unread(context: Thing) -> bool:
    return context.name in ("", "generator") or context.short == "set_grad_enabled"


def _what(session: Session, event: Event, validating: set[int]) -> str | None:
    name, target = event.name, event.target
    if event is session.forward or id(event) in validating:
        return "forward"
    if event.kind == "set":
        return "zero_grad" if name == ".grad" and _cleared(event.args[0]) else None
    if name in (".backward", ".manual_backward"):
        return "backward"
    if name == "()" and isinstance(target, Thing) and target.short.startswith("NativeScaler"):
        return "step"
    if name == ".zero_grad" or (name in (".zero_", ".fill_") and of_gradient(target)) or name == "torch._foreach_zero_":
        return "zero_grad"
    if name == ".step" and inside_a_step(event):
        return None  # the program's own optimizer that wraps another
    if name == ".step":
        if optimizers_in(target) or (event.args and optimizers_in(event.args[0])):
            return "step"
        if isinstance(target, Thing | Either) and _short(target) in FORMS:
            return "schedule"
    return None


def _cleared(value: Value) -> bool:
    """Whether a value that a gradient is set to clears it: None, or itself times zero."""
    if isinstance(value, Thing) and value.name == "op*":
        return any(plain(factor) == 0 for factor in value.args)
    return plain(value, 0) is None


def of_gradient(value: Value | None) -> bool:
    """Whether a value is a gradient: p.grad, p.grad.data."""
    while isinstance(value, Thing) and value.name.startswith("."):
        if value.name == ".grad":
            return True
        value = value.base
    return False


def inside_a_step(event: Event) -> bool:
    """Whether an event is in the step() of the program's own optimizer, which wraps another."""
    return any(function.name in ("step", "pre_step") and is_optimizer(function.bound) for function in event.functions)


def _short(value: Value) -> str:
    if isinstance(value, Either):
        return next((_short(option) for option in value.options if _short(option) in FORMS), "")
    if isinstance(value, Thing) and value.name == "[]" and isinstance(value.base, Thing):
        return value.base.short
    return value.short if isinstance(value, Thing) else ""


def _place(session: Session, event: Event, held_out: set[int]) -> tuple[str, str]:
    if session.batch_loop is not None and session.batch_loop in event.loops:
        return "train", "batch"
    if any(id(loop) in held_out for loop in event.loops):
        return "validation", "batch"
    if session.epoch_loop is not None and session.epoch_loop in event.loops:
        return "between", "epoch"
    return "setup", "program"
