"""Training in float16: loss scaling, unscaling of gradients and steps, and their order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeGuard

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Either, Event, Instance, Ref, Thing, Value, is_known, plain
from diagnose.model import Fact, MixedPrecision
from diagnose.training.fields import Fields, ancestors
from diagnose.training.pytorch.network import Network
from diagnose.training.pytorch.sessions import Session, is_optimizer, networks_of
from diagnose.training.unfollowed import unfollowed_calls

HALF = ("float16", "half")
SCALERS = ("GradScaler", "ShardedGradScaler")
CLIPPING = ("clip_grad_norm_", "clip_grad_norm", "clip_grad_value_", "clip_grad_value")
BY_THEMSELVES = ("apex", "accelerate", "deepspeed", "lightning", "composer", "colossalai", "fairscale", "torch_xla")


def find_precision_faults(reader: Reader, session: Session, network: Network | None, fields: Fields) -> Iterator[Fact]:
    """Faults of a float16 loop; none where a library takes care of it."""
    if session.managed or session.batch_loop is None or session.backward.args:
        return
    if reader.libraries.intersection(BY_THEMSELVES):
        return
    inside = [event for event in reader.trace.calls() if session.batch_loop in event.loops]
    scalers = [one for event in reader.trace.calls() for one in (event.result, event.target) if _is_scaler(one)]
    if scalers:
        if not _off(scalers):
            yield from _scaled(reader, session, inside, scalers)
    elif not any(map(_names_scaler, reader.trace)):
        yield from _unscaled(reader, session)


def _is_scaler(value: Value | None) -> TypeGuard[Thing]:
    return isinstance(value, Thing) and value.short in SCALERS and value.package in ("torch", "fairscale")


def _off(scalers: list[Thing]) -> bool:
    return any(plain(one.kwargs.get("enabled"), True) is False for one in scalers)


def _names_scaler(event: Event) -> bool:
    """Whether an event involves the program's own scaler, or one of another library."""
    made = event.result.cls.name if isinstance(event.result, Instance) else ""
    word = made or event.name
    return "scaler" in word.lower() and not event.name.startswith("sklearn")


def _of_scaler(event: Event, name: str) -> bool:
    return event.name == name and _is_scaler(event.target)


def _together(one: Event, others: Iterable[Event]) -> list[Event]:
    """The events that may run in the same iteration as another: not on the other side of a condition."""
    return [two for two in others if not any(a.excludes(b) for a in one.guards for b in two.guards)]


def _scaled(reader: Reader, session: Session, inside: list[Event], scalers: list[Thing]) -> Iterator[Fact]:
    """Faults of a loop that has a GradScaler."""
    backward = session.backward
    scaled = isinstance(backward.target, Thing) and backward.target.short == "scale"
    stepped = [event for event in inside if _of_scaler(event, ".step")]
    unscaled = [event for event in inside if _of_scaler(event, ".unscale_")]
    updates = [event for event in reader.trace.calls(".update") if _is_scaler(event.target)]
    lost = any(call.reaches(scalers) for call in unfollowed_calls(reader))
    if lost:
        return
    if not scaled:
        if steps := _together(backward, stepped):
            yield MixedPrecision(backward.at, "unscaled_loss", steps[0].at.line)
        return
    direct = [event for event in inside if event.name == ".step" and is_optimizer(event.target)]
    if not _together(backward, stepped):
        for event in _together(backward, direct):
            if not _together(event, unscaled):
                yield MixedPrecision(event.at, "direct_step", backward.at.line)
                return
    for event in _together(backward, stepped):
        if not updates:
            yield MixedPrecision(event.at, "no_update", None)
            return
    for event in _together(backward, (event for event in inside if event.short in CLIPPING)):
        before = [one for one in _together(event, unscaled) if one.index < event.index]
        after = [one for one in _together(event, stepped) if one.index > event.index]
        if event.index > backward.index and after and not before:
            yield MixedPrecision(event.at, "clipped_scaled", after[0].at.line)
            return


def _unscaled(reader: Reader, session: Session) -> Iterator[Fact]:
    """Faults of a loop without any scaler."""
    contexts = session.forward.contexts if session.forward is not None else ()
    if any(map(_in_half, contexts)):
        yield MixedPrecision(session.backward.at, "no_scaler")
        return
    whole = {id(one) for one in networks_of(session)}
    for event in reader.trace.calls(".half", ".to", before=session.backward.index):
        if id(event.target) in whole and (event.name == ".half" or _to_half(event)):
            later = [
                one
                for one in reader.trace.calls(".float", ".bfloat16", ".to", before=session.backward.index)
                if one.index > event.index and one.target is event.target and (one.name != ".to" or _casts(one))
            ]
            if not later and not event.guards:
                yield MixedPrecision(event.at, "half_weights")
                return


def _to_half(event: Event) -> bool:
    return any(map(_is_half, (*event.args, *event.kwargs.values())))


def _casts(event: Event) -> bool:
    return "dtype" in event.kwargs or any(isinstance(one, Ref) for one in event.args)


def _is_half(value: Value | None) -> bool:
    return isinstance(value, Ref) and value.name in tuple(f"torch.{name}" for name in HALF)


def _in_half(context: Value) -> bool:
    """Whether a context certainly computes in float16 on a GPU."""
    name = context.name if isinstance(context, Ref | Thing) else ""
    if not name.startswith("torch.") or name.rpartition(".")[2] != "autocast" or isinstance(context, Either):
        return False
    if isinstance(context, Ref):
        return name == "torch.cuda.amp.autocast"  # as a decorator
    assert isinstance(context, Thing)
    old = ".cuda." in name  # autocast(enabled, dtype) rather than autocast(device_type, dtype, enabled)
    if ".cpu." in name:
        return False
    enabled = context.arg(0 if old else 2, "enabled")
    if enabled is not None and plain(enabled) is not True:
        return False
    if not old and not _on_gpu(context.arg(0, "device_type")):
        return False
    dtype = context.arg(1, "dtype")
    return dtype is None or _is_half(dtype) or (is_known(dtype) and plain(dtype) is None)


def _on_gpu(device: Value | None) -> bool:
    words = [plain(one) for one in ancestors(device, 20)]
    return any(isinstance(word, str) and word.startswith("cuda") for word in words)
