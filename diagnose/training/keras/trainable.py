"""Layers that are frozen or unfrozen without effect: after compile(), which is not called again."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Event, Thing, Value, plain
from diagnose.model import Location, TrainableAfterCompile
from diagnose.training.keras.layers import is_model, lost_in, touches
from diagnose.training.keras.phase import Phase
from diagnose.training.unfollowed import within

TRAINS = (".fit", ".fit_generator", ".train_on_batch")


def set_after_compile(reader: Reader, phases: list[Phase]) -> Iterator[TrainableAfterCompile]:
    """Where `trainable` of layers changes between the last compile() of a model and its next fit()."""
    seen: set[Location] = set()
    for phase in phases:
        compiled = phase.compiled[0] if phase.compiled else None
        if phase.own is not None and phase.own.compiled is not None:
            continue  # a custom loop collects the trainable variables itself
        if compiled is None or compiled.guards or compiled.name != ".compile":
            continue
        trainings = _trainings(reader, phase, compiled)
        changes = [e for e in reader.trace.sets("trainable", before=trainings[-1].index) if _changes(reader, e, phase)]
        late = [e for e in changes if e.index > compiled.index]
        if not late or late[0].at in seen or lost_in(reader, phase.network, late[0].index) is not None:
            continue
        then = next(e for e in trainings if e.index > late[0].index)
        if then.guards:
            continue
        seen.add(late[0].at)
        yield TrainableAfterCompile(
            late[0].at,
            value=plain(late[0].args[0]),
            fitted=any(e.index < late[0].index for e in trainings),
            compiled=compiled.at.line,
            fit=then.at.line,
        )


def _trainings(reader: Reader, phase: Phase, compiled: Event) -> list[Event]:
    """The trainings of a phase's model as compiled: up to the next compile(), or the phase itself."""
    model = phase.fit.target
    again = (e.index for e in reader.trace.calls(".compile", of=model) if e.index > phase.fit.index)
    end = next(again, len(reader.trace))
    found = [e for e in reader.trace.calls(*TRAINS, of=model) if compiled.index < e.index < end]
    return found if phase.fit.kind == "call" and found else [phase.fit]


def _changes(reader: Reader, event: Event, phase: Phase) -> bool:
    """Whether an event certainly changes which layers of the network train."""
    target, value = event.target, plain(event.args[0]) if event.args else None
    if target is None or not isinstance(value, bool) or event.guards or not touches(target, phase.network):
        return False
    for earlier in reversed(reader.trace.sets("trainable", before=event.index)):
        relation = _relation(earlier.target, target) if earlier.target is not None else ""
        if not relation:
            continue
        earlier_value = plain(earlier.args[0]) if earlier.args else None
        if earlier.guards or relation == "overlap" or not isinstance(earlier_value, bool):
            return False
        if relation == "whole":
            return earlier_value is not value
        if earlier_value is not value:
            return True
    made = next((one for one in _chain(target) if isinstance(one, Thing) and "trainable" in one.kwargs), None)
    if made is not None:
        return plain(made.kwargs["trainable"]) is (not value)
    return value is False  # everything is trainable by default


def _relation(earlier: Value, target: Value) -> str:
    """How an earlier target relates to a later one: the whole of it, a part of it, an overlap; "" where unrelated."""
    if any(one is earlier for one in _chain(target)):
        return "whole"
    inside = any(one is target for one in _chain(earlier))
    if inside:
        return "whole" if _all_layers(earlier) and not _cut(earlier) else "part"
    if _all_layers(earlier) and _all_layers(earlier) is _all_layers(target):
        if _cut(earlier) == _cut(target) or not _cut(earlier):
            return "whole"
        return "overlap" if _cut(target) else "part"
    if is_model(target) and any(one is _root(earlier) for one in within([target])):
        return "part"
    return ""


def _chain(value: Value) -> list[Value]:
    """A value and its containers: item <- base.layers <- base."""
    found = [value]
    while isinstance(value, Thing) and value.base is not None and value.name != "()":
        value = value.base
        found.append(value)
    return found


def _root(value: Value) -> Value:
    return _chain(value)[-1]


def _all_layers(value: Value) -> Value | None:
    """The network whose layers a value represents, as in `for layer in base.layers`; None for any other."""
    if not isinstance(value, Thing) or value.name != "item":
        return None
    return next((one.base for one in _chain(value) if isinstance(one, Thing) and one.name == ".layers"), None)


def _cut(value: Value) -> str:
    """The bounds of the slice of layers that a value represents; "" for all of them."""
    cuts = [one for one in _chain(value) if isinstance(one, Thing) and one.name == "[:]"]
    return str([[plain(bound, id(bound)) for bound in one.args] for one in cuts]) if cuts else ""
