"""eval() that lasts into training: called in or before the loop, with no train() before the next batch."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Event, Guard, Loop
from diagnose.model import TrainModeNotRestored
from diagnose.training.pytorch.parts import parts_of
from diagnose.training.pytorch.sessions import Session


def restored(reader: Reader, session: Session) -> Iterator[TrainModeNotRestored]:
    """Where a training's network stays in evaluation mode while it trains."""
    if session.managed or session.model is None:
        return
    switches = [e for e in reader.trace.calls(".train", ".eval") if e.target is session.model]
    batch, epoch = session.batch_loop, session.epoch_loop
    if batch is not None and (evals := _lasting(reader, switches, batch)):
        yield TrainModeNotRestored(evals[-1].at, since="batch")
    elif epoch is not None and epoch is not batch and (evals := _lasting(reader, switches, epoch)):
        yield TrainModeNotRestored(evals[-1].at, since="epoch")
    elif (before := _before_training(reader, session, switches)) is not None:
        yield TrainModeNotRestored(before.at, since="start")


def _lasting(reader: Reader, switches: list[Event], loop: Loop) -> list[Event]:
    """The calls of eval() in a loop without train(), except those after which the loop ends."""
    inside = [event for event in switches if loop in event.loops]
    if any(event.name == ".train" for event in inside):
        return []
    return [event for event in inside if not any(_ends(reader, guard) for guard in event.guards)]


def _before_training(reader: Reader, session: Session, switches: list[Event]) -> Event | None:
    """The eval() before all training where nothing puts the network, or a part of it, into training mode."""
    if session.forward is None or any(event.name == ".train" for event in switches):
        return None
    parts = {id(part) for part in parts_of(session.model)} if session.model is not None else set()
    if any(id(event.target) in parts for event in reader.trace.calls(".train")):
        return None
    return next((e for e in switches if e.index < session.forward.index and not (e.guards or e.loops)), None)


def _ends(reader: Reader, guard: Guard) -> bool:
    """Whether one side of a condition ends in a break or return."""
    for source in reader.sources.values():
        if source.file != guard.at.file:
            continue
        for tree, cell in source.parts:
            for node in ast.walk(tree) if cell == guard.at.cell else ():
                if isinstance(node, ast.If) and node.test.lineno == guard.at.line:
                    last = (node.body if not guard.side else node.orelse)[-1:]
                    return any(isinstance(one, ast.Break | ast.Return | ast.Raise) for one in last)
    return False
