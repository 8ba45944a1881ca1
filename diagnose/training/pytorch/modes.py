"""The mode, train or eval, of each network at each call, tracked separately for every network of a program."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import (
    Class,
    Either,
    Event,
    Function,
    Instance,
    Items,
    Ref,
    Thing,
    Value,
    is_known,
    plain,
)
from diagnose.libraries import is_understood
from diagnose.libraries.networks import is_network
from diagnose.training.pytorch.parts import parts_of
from diagnose.training.unfollowed import UnfollowedCall, within

UNSURE = ""  # a mode that could not be determined
AT_FIRST = {"from_pretrained": "eval"}  # transformers gives its models in evaluation mode, torch in training mode


class Modes:
    """The current mode of each network: "train", "eval", or UNSURE."""

    def __init__(self) -> None:
        self.of: dict[int, str] = {}
        self.others = "train"  # of networks without an event so far

    def put(self, network: Value, mode: str) -> None:
        """Set the mode of a network and of all its parts."""
        for part in parts_of(network):
            self.of[id(part)] = mode

    def forget_all(self) -> None:
        """Set every network to UNSURE, including those without an event so far."""
        self.of.clear()
        self.others = UNSURE

    def get(self, network: Value) -> str:
        """The mode of a network; UNSURE where a part of it is in another mode."""
        own = self.of.get(id(network), self.others)
        parts = {self.of[id(part)] for part in parts_of(network) if id(part) in self.of}
        if parts - {own}:
            return UNSURE  # a part of it was put into another mode
        short = network.short if isinstance(network, Thing) else ""
        return own if parts else AT_FIRST.get(short, own)


def forward_modes(reader: Reader, lost: list[UnfollowedCall]) -> dict[int, str]:
    """ "train", "eval" or UNSURE for each call of a network, by the id of its event."""
    by_event = {}
    for event, modes in _followed(reader, lost):
        if event.name == "()" and event.kind == "call" and is_network(event.target) and event.target is not None:
            hidden = any(isinstance(context, Instance) for context in event.contexts)
            hidden = hidden or any(map(wrapped, event.functions))  # a surrounding wrapper may have switched the mode
            by_event[id(event)] = UNSURE if hidden else modes.get(event.target)
    return by_event


def modes_before(reader: Reader, lost: list[UnfollowedCall], forward: Event) -> Modes:
    """The modes of all networks when an event happens."""
    return next((modes for event, modes in _followed(reader, lost) if event is forward), Modes())


def _followed(reader: Reader, lost: list[UnfollowedCall]) -> Iterator[tuple[Event, Modes]]:
    """Each event, with the modes after it."""
    modes = Modes()
    unfollowed = {id(call.event): call for call in lost}
    for event in reader.trace:
        if id(event) in unfollowed:
            _lose(unfollowed[id(event)], modes)
        if event.name in (".train", ".eval") and event.kind in ("call", "managed") and event.target is not None:
            _switch(event, modes)
        elif event.name == ".apply" and event.target is not None and any(map(_switches_modes, event.args)):
            modes.put(event.target, UNSURE)
        yield event, modes


def _switches_modes(function: Value) -> bool:
    """Whether a function that is applied to every part of a network calls train() or eval()."""
    return isinstance(function, Function) and any(
        isinstance(node, ast.Attribute) and node.attr in ("train", "eval") for node in ast.walk(function.node)
    )


def _lose(call: UnfollowedCall, modes: Modes) -> None:
    if call.anything:
        modes.forget_all()
        return
    for one in within(call.received):
        if is_network(one):
            modes.put(one, UNSURE)


def _switch(event: Event, modes: Modes) -> None:
    assert event.target is not None
    mode = "eval" if event.name == ".eval" else "train"
    given = event.args[0] if event.args else event.kwargs.get("mode")
    if event.name == ".train" and given is not None:
        mode = UNSURE if not is_known(given) else "train" if plain(given) else "eval"
    if any(map(wrapped, event.functions)):
        mode = UNSURE  # it may last only as long as the wrapper
    networks = list(_networks(event.target))
    for network in networks:
        modes.put(network, mode)
    unnamed = isinstance(event.target, Thing) and (event.target.name == "item" or not event.target.name[:1].isalpha())
    if not networks and unnamed:
        modes.forget_all()  # it may be any of them


def _networks(target: Value) -> Iterator[Value]:
    if isinstance(target, Either):
        for option in target.options:
            yield from _networks(option)
    elif isinstance(target, Items):
        for item in target.items:
            yield from _networks(item)
    elif is_network(target):
        yield target


def wrapped(function: Function) -> bool:
    """Whether a function belongs to a context manager, or runs within a decorator of the program or an unknown one."""
    return any(
        isinstance(part, Function | Class | Instance)
        or getattr(part, "name", "").endswith("contextmanager")
        or (isinstance(part, Ref) and not is_understood(part.name.partition(".")[0]))
        for part in function.decorators
    )
