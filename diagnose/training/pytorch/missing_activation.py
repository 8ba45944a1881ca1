"""Consecutive layers of a PyTorch network without an activation between them."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Event, Instance, Thing, Value
from diagnose.libraries.networks import is_container
from diagnose.model import NoActivation
from diagnose.training.activations import Use, linear_pairs, plain_convolutions, uses_by
from diagnose.training.pytorch.forward import calls_inside
from diagnose.training.pytorch.network import Network
from diagnose.training.pytorch.parts import parts_of
from diagnose.training.pytorch.sessions import Session
from diagnose.training.unfollowed import within


def missing_activations(reader: Reader, session: Session, network: Network) -> Iterator[NoActivation]:
    """The first pair of layers, of each kind, that one layer could replace."""
    inside = [e for e in calls_inside(reader, session) if e.functions[-1].name == "forward"]
    if session.forward is not None and isinstance(session.model, Thing):
        inside = [session.forward]
    names = {
        id(part): (name.lower(),)
        for owner in parts_of(network.root)
        if isinstance(owner, Instance)
        for name, part in owner.attrs.items()
        if isinstance(name, str)
    }
    results = [e.result for e in reader.trace.calls("()") if isinstance(e.target, Instance)]
    given_back = {id(part) for one in results if not isinstance(one, Thing) for part in within((one,))}

    def consumed(value: Value) -> int:
        return sum(_takes(event, value) for event in inside) + (id(value) in given_back)

    for method in dict.fromkeys(e.functions[-1] if e.functions else None for e in inside):
        own = [e for e in inside if (e.functions[-1] if e.functions else None) is method]
        for pair in linear_pairs(uses_by(own, names), consumed):
            yield pair
            break
    called = {id(event.target) for event in inside}
    rest = [part for part in parts_of(network.root) if isinstance(part, Thing) and is_container(part)]
    heads = [Use(part, None, part, part.at) for part in rest if part.short == "Sequential" and id(part) not in called]
    yield from list(linear_pairs(heads, consumed))[:1]
    if network.body is None:
        yield from plain_convolutions(uses_by(inside, names), consumed)


def _takes(event: Event, value: Value) -> bool:
    return event.target is value or any(one is value for one in event.args)
