"""Weights put into a copy of a network's state, which has no effect on the network."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.model import CopyNotLoaded
from diagnose.training.fields import ancestors
from diagnose.training.pytorch.network import Network
from diagnose.training.pytorch.parts import parts_of
from diagnose.training.pytorch.sessions import Session


def copies_not_loaded(reader: Reader, session: Session, network: Network | None) -> Iterator[CopyNotLoaded]:
    """Dicts from state_dict() that get other weights before the training, and that nothing uses after that."""
    own = {id(part) for part in parts_of(network.root)} if network else set()
    for made in reader.trace.calls(".state_dict", before=session.backward.index):
        if made.result is None:
            continue
        filled = (*reader.trace.calls(".update", of=made.result), *reader.trace.sets(of=made.result))
        changed = sorted(filled, key=lambda event: event.index)
        if not changed or (own and id(made.target) not in own) or changed[-1].index > session.backward.index:
            continue
        if not any(
            made.result in ancestors(given, 60)
            for event in reader.trace[changed[0].index :]
            if event not in changed and not event.name.startswith("builtins.")
            for given in (*event.args, *event.kwargs.values())
        ):
            yield CopyNotLoaded(changed[-1].at)
