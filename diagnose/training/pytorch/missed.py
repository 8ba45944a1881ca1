"""Parameters that should train but that no optimizer of the training holds."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Thing, Value, plain
from diagnose.libraries import networks
from diagnose.model import Location, OptimizerMisses
from diagnose.training.pytorch.held import covered
from diagnose.training.pytorch.network import Network
from diagnose.training.pytorch.optimizing import loss_call, outputs_of
from diagnose.training.pytorch.sessions import Session, is_loss, is_optimizer, loss_of
from diagnose.training.pytorch.two_networks import forwards, reached


def missed(reader: Reader, session: Session, network: Network) -> Iterator[OptimizerMisses]:
    """Parameters with gradients that none of the session's optimizers holds, where all parameters they hold are known.

    They belong to the trained network, to one that its outputs go through, or to another trained alongside it.
    """
    given: set[int] = set()
    at: Location | None = None
    added = {id(e.target) for e in reader.trace.calls(".add_param_group")}
    for optimizer in session.optimizers:
        known = covered(optimizer) if id(optimizer) not in added else None
        if known is None:
            return
        if known and known <= given:
            at = at or optimizer.at  # another optimizer already holds its parameters
        given |= known
    if not session.optimizers or network.uncertain:
        return
    parameters = [(n, p) for n, p in network.parameters() if n]
    at = at or session.optimizers[0].at
    with_gradients = _with_gradients(reader, session)
    if given and parameters and not any(id(p) in given for _, p in parameters):
        if with_gradients is None or any(id(p) in with_gradients for _, p in parameters):
            yield _misses(at, [], True, True, len(parameters))
        return  # only a temperature, or a head on precomputed features, trains
    others = [one for event in reader.trace.calls() if is_optimizer(event.result) and (one := covered(event.result))]
    held = given.union(*others)
    for other in (_last_network(reader, session), *_beside(reader, session, with_gradients or set())):
        own = _whole(other) if other is not None and other is not session.model else []
        if own and not any(id(p) in held or _stopped(p) for _, p in own):
            yield _misses(at, [name for name, _ in own], True, False, len(own))
            return
    missing = [n for n, p in parameters if id(p) not in given and id(p) not in network.frozen]
    if not missing:
        return
    head = {id(p) for _, p in network.head_parameters()}
    new_missing = [n for n, p in parameters if n in missing and id(p) in head]
    thawed = _thawed(reader, session)
    unfrozen = [] if new_missing else [n for n, p in parameters if n in missing and id(p) in thawed]
    names = new_missing or unfrozen or missing
    yield _misses(at, names, bool(new_missing), False, len(parameters), bool(unfrozen))


def _thawed(reader: Reader, session: Session) -> set[int]:
    """The ids of the parameters that were certainly frozen and then unfrozen before the training."""
    frozen, thawed = set[int](), set[int]()
    for event in reader.trace.sets("requires_grad", before=session.backward.index):
        flag, parameter = plain(event.args[0]), id(event.target)
        if event.guards or not isinstance(flag, bool):
            continue
        if not flag:
            frozen.add(parameter)
            thawed.discard(parameter)
        elif parameter in frozen:
            thawed.add(parameter)
    return thawed


def _with_gradients(reader: Reader, session: Session) -> set[int] | None:
    """The ids of the parameters that get gradients from a loss of the training; None where not fully known."""
    calls = forwards(reader, session)
    inside = reader.trace.inside(session.batch_loop) if session.batch_loop is not None else []
    losses = [session.loss, *(loss for event in inside if (loss := loss_of(event)) is not None)]
    per_loss = [reached(loss, calls) for loss in losses]
    known = [one for one in per_loss if one is not None]
    return set().union(*known) if len(known) == len(per_loss) else None


def _whole(network: Value) -> list[tuple[str, Value]]:
    """The parameters of a network by name; empty where they are not all known."""
    own = list(networks.parameters(network))
    return own if all(name for name, _ in own) else []


def _beside(reader: Reader, session: Session, with_gradients: set[int]) -> Iterator[Value]:
    """Other networks in training mode whose parameters the loss reaches."""
    for event in reader.trace.calls(".train", before=session.backward.index):
        trains = not event.args or plain(event.args[0]) is True
        own = _whole(event.target) if trains and event.target is not None and networks.is_network(event.target) else []
        if event.target is not None and any(id(parameter) in with_gradients for _, parameter in own):
            yield event.target


def _last_network(reader: Reader, session: Session) -> Value | None:
    """The network whose outputs the loss gets, where it processes another network's outputs, such as a margin head."""
    call = loss_call(session.loss)
    outputs = outputs_of(call) if call is not None else None
    made = (e.target for e in reader.trace.calls("()") if e.result is outputs)
    return next((one for one in made if networks.is_network(one) and not is_loss(one)), None)


def _stopped(parameter: Value) -> bool:
    flag = parameter.attrs.get("requires_grad") if isinstance(parameter, Thing) else None
    return isinstance(flag, Value) and plain(flag, True) is not True


def _misses(
    at: Location, names: list[str], head: bool, foreign: bool, whole: int, unfrozen: bool = False
) -> OptimizerMisses:
    missing = whole if foreign else len(names)
    return OptimizerMisses(at, missing, tuple(names[:3]), head, foreign, whole, unfrozen)
