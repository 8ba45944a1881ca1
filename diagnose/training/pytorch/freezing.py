"""Which parameters of a network do not train: because of requires_grad, or because no gradient reaches them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Either, Items, Table, Thing, Value, plain
from diagnose.libraries import networks
from diagnose.libraries.wrappers import is_no_grad
from diagnose.training.fields import Fields
from diagnose.training.pytorch.parts import parts_of
from diagnose.training.pytorch.sessions import Session

if TYPE_CHECKING:
    from diagnose.training.pytorch.network import Network

LONGEST_WAY = 3000  # most values to follow a loss back through


def mark_frozen(reader: Reader, session: Session, network: Network) -> None:
    """Record in a network which of its parameters do not train, as far as that is certain."""
    flags: dict[int, tuple[bool | None, bool]] = {}
    for event in reader.trace[: session.backward.index]:
        if event.kind == "set" and event.name == ".requires_grad" and event.target is not None:
            value = plain(event.args[0])
            unrolled = [loop for loop in event.loops if not loop.unrolled]
            flags[id(event.target)] = (value if isinstance(value, bool) else None, bool(event.guards or unrolled))
    own = {id(p) for _, p in network.parameters()}
    for event in reader.trace[: session.backward.index]:
        if (
            event.kind == "set"
            and event.name == ".requires_grad"
            and id(event.target) in own
            and plain(event.args[0]) is False
        ):
            network.frozen_at = event.at
    for name, parameter in network.parameters():
        value, unsure = flags.get(id(parameter), (True, False))
        if not name or (unsure and value is not True) or value is None:
            network.uncertain = True
        if value is False and not unsure:
            network.frozen.add(id(parameter))
    sets = reader.trace.sets("requires_grad", before=session.backward.index)
    if any(isinstance(event.target, Thing) and event.target.name == "item" for event in sets):
        network.uncertain = True  # parameters that could not be resolved individually
    for part in _without_gradients(reader, session, network):
        network.frozen |= {id(p) for _, p in networks.parameters(part)}


def _without_gradients(reader: Reader, session: Session, network: Network) -> list[Value]:
    """The parts of the network that no gradient reaches: all their calls are in no_grad(), or are detached."""
    if session.forward is None:
        return []
    parts = {id(part): part for part in parts_of(network.root) if part is not network.root}
    inside = [e for e in reader.trace.calls("()", before=session.backward.index) if session.batch_loop in e.loops]
    calls: dict[int, list[bool]] = {}
    for event in inside:
        if id(event.target) in parts:
            calls.setdefault(id(event.target), []).append(any(map(is_no_grad, event.contexts)))
    found = [parts[part] for part, without in calls.items() if all(without)]
    reached, trained = (_called(session.loss, detached) for detached in (True, False))
    stopped = reached - trained if reached is not None and trained is not None else set[int]()
    return found + [part for number, part in parts.items() if number in stopped]


def _called(value: Value, detached: bool) -> set[int] | None:
    """The ids of the objects called on the way to a value, None where that is too long. detached: whether to follow
    through detach()."""
    waiting, seen, found = [value], set[int](), set[int]()
    while waiting:
        if len(seen) > LONGEST_WAY:
            return None
        one = waiting.pop()
        if id(one) in seen or (isinstance(one, Thing) and one.name == ".detach" and not detached):
            continue
        seen.add(id(one))
        match one:
            case Items(items=items):
                waiting += items
            case Either(options=options):
                waiting += options
            case Table(pairs=pairs):
                waiting += pairs.values()
            case Thing(name=name, base=base, args=args, kwargs=kwargs):
                if name == "()" and base is not None:
                    found.add(id(base))
                waiting += [*args, *kwargs.values(), *([base] if base is not None else [])]
    return found


def describe_frozen(network: Network, fields: Fields) -> None:
    """Write frozen into `fields`: the parts without trainable parameters, "backbone" for all but the head."""
    if network.uncertain:
        whole = all(name for name, _ in network.parameters())
        why = "which parameters train depends on conditions that are known at run time only"
        fields.unknown("frozen", why if whole else "not all of the network's parameters are known")
        return
    at = network.frozen_at or (network.body.at if network.body is not None else network.root.at)
    everything = network.parameters()
    if not network.frozen:
        fields.know("frozen", (), at)
        return
    head = {id(p) for _, p in network.head_parameters()}
    body = [(n, p) for n, p in everything if id(p) not in head]
    if body and all(id(p) in network.frozen for _, p in body):
        fields.know("frozen", ("backbone",), at)
        return
    prefix = _common_prefix([n for n, _ in body]) if network.body is not network.root else ""
    groups: dict[str, list[bool]] = {}
    for name, parameter in everything:
        top = name.removeprefix(prefix).partition(".")[0]
        groups.setdefault(top, []).append(id(parameter) in network.frozen)
    fields.know("frozen", tuple(name for name, flags in groups.items() if all(flags)), at)


def _common_prefix(names: list[str]) -> str:
    firsts = {name.partition(".")[0] for name in names}
    return f"{firsts.pop()}." if len(firsts) == 1 else ""
