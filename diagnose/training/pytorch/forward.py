"""The events within the forward of the network that a session trains."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Event, Instance
from diagnose.training.pytorch.parts import parts_of
from diagnose.training.pytorch.sessions import Session


def calls_inside(reader: Reader, session: Session) -> Iterator[Event]:
    """The calls in methods of the network, and of the networks in it, during a forward pass."""
    if session.forward is None or not isinstance(session.model, Instance):
        return
    parts = {id(part) for part in parts_of(session.model)}
    loop = session.batch_loop
    for event in reader.trace[: session.forward.index]:
        method = event.functions[-1] if event.functions else None
        if (
            event.kind == "call"
            and method is not None
            and id(method.bound) in parts
            and method.name != "__init__"
            and (loop is None or loop in event.loops)
        ):
            yield event
