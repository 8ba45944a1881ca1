"""Batch norm and dropout in the wrong mode because of the network's code: always in training mode, frozen but with
statistics that still change, one layer used in place of two."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from diagnose.catalogue import architectures
from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Event, Function, Instance, Thing, Value, plain
from diagnose.libraries import networks
from diagnose.libraries.networks import is_network
from diagnose.model import AlwaysTraining, Fact, FrozenStatistics, LayerUsedTwice
from diagnose.training.pytorch.forward import calls_inside
from diagnose.training.pytorch.modes import modes_before
from diagnose.training.pytorch.network import Network
from diagnose.training.pytorch.parts import parts_of
from diagnose.training.pytorch.sessions import Session
from diagnose.training.unfollowed import UnfollowedCall, unfollowed

BATCH_NORM = "torch.nn.functional.batch_norm"
DROPOUTS = ("torch.nn.functional.dropout", "torch.nn.functional.dropout2d", "torch.nn.functional.alpha_dropout",
            "torch.nn.functional.feature_dropout", "torch.nn.functional.dropout1d",
            "torch.nn.functional.dropout3d")  # fmt: skip
MODAL = ("BatchNorm", "Dropout", "AlphaDropout")
SET_STATISTICS = ("momentum", "track_running_stats", "running_mean", "running_var", "training")


def observe(reader: Reader, session: Session, network: Network, lost: list[UnfollowedCall]) -> Iterator[Fact]:
    """Facts about the modes of the layers in one training's network."""
    yield from _always_training(reader, session)
    yield from _frozen_statistics(reader, session, network, lost)
    yield from _used_twice(reader, session)


# ---------------------------------------------------------------------- always in training mode


def _always_training(reader: Reader, session: Session) -> Iterator[AlwaysTraining]:
    for event in calls_inside(reader, session):
        if _asks_for_the_mode(event):
            continue
        if event.name == BATCH_NORM and plain(event.arg(5, "training")) is True:
            yield AlwaysTraining(event.at, layer="batch norm", how="function")
        elif event.name in DROPOUTS and event.arg(2, "training") is None and _drops(event):
            yield AlwaysTraining(event.at, layer="dropout", how="function")
        elif event.name == ".train" and _switches_on(event):
            yield AlwaysTraining(event.at, layer=_layer_name(event.target), how="train()")
        elif event.name == "()" and (layer := _made_inside(reader, event)) is not None:
            yield AlwaysTraining(event.at, layer=_layer_name(layer), how="made")


def _asks_for_the_mode(event: Event) -> bool:
    """Whether the call depends on self.training, in its arguments or in a condition around it."""
    line = event.at.line or 0
    for node in ast.walk(event.functions[-1].node) if event.functions else ():
        if not isinstance(node, ast.If | ast.IfExp | ast.Call) or not node.lineno <= line <= (node.end_lineno or line):
            continue
        asked = [*node.args, *node.keywords] if isinstance(node, ast.Call) else [node.test]
        if any(isinstance(one, ast.Attribute) and one.attr == "training" for part in asked for one in ast.walk(part)):
            return True
    return False


def _drops(event: Event) -> bool:
    """Whether a dropout's rate is not zero, and the call is unconditional."""
    return not event.guards and plain(event.arg(1, "p"), 0.5) not in (0, 0.0)


def _switches_on(event: Event) -> bool:
    """Whether a forward puts a part of its own network into training mode, whatever its mode."""
    mode = event.arg(0, "mode")
    return is_network(event.target) and not event.guards and (mode is None or plain(mode) is True)


def _made_inside(reader: Reader, event: Event) -> Thing | None:
    """The batch norm or dropout that a forward creates on every run; None for an existing layer."""
    layer = event.target
    if not isinstance(layer, Thing) or not layer.name.startswith("torch.nn.") or not layer.short.startswith(MODAL):
        return None
    made = next((e for e in reader.trace.calls(layer.name, before=event.index) if e.result is layer), None)
    same = made is not None and made.functions[-1:] == event.functions[-1:] and made.loops == event.loops
    if plain(layer.arg(0, "p"), 0.5) in (0, 0.0) or plain(layer.kwargs.get("track_running_stats"), True) is False:
        return None  # it behaves the same in both modes
    return layer if same and made is not None and not made.guards else None


def _layer_name(layer: Value | None) -> str:
    if isinstance(layer, Instance):
        return layer.cls.name
    short = layer.short if isinstance(layer, Thing) else ""
    return "batch norm" if short.startswith("BatchNorm") else "dropout" if "Dropout" in short else "a part of it"


# ---------------------------------------------------------------------- frozen, and yet changing


def _frozen_statistics(
    reader: Reader, session: Session, network: Network, lost: list[UnfollowedCall]
) -> Iterator[FrozenStatistics]:
    if network.uncertain or not network.frozen or session.forward is None or session.managed:
        return
    if reader.trace.sets(*SET_STATISTICS, before=session.forward.index):
        return
    modes = modes_before(reader, lost, session.forward)
    frozen = [part for part in _normalised_parts(network) if _is_frozen(part, network)]
    if not frozen or any(modes.get(part) != "train" for part in (network.root, *frozen)):
        return
    switched = [e for e in reader.trace.calls(".train", before=session.forward.index) if is_network(e.target)]
    at = switched[-1].at if switched else session.forward.at
    names = list(dict.fromkeys(filter(None, (_name(network, part) for part in frozen))))
    yield FrozenStatistics(at, part="the backbone" if network.body in frozen else ", ".join(names[:4]) or "some layers")


def _normalised_parts(network: Network) -> Iterator[Value]:
    """The library network where it is known to contain batch norm, its parts, and the program's own layers of it."""
    body = network.body
    if body is not None:
        entry = architectures.find(networks.architecture(body) or "")
        plain_builder = not any("norm" in name for name in body.kwargs)
        if entry is not None and entry.batch_norm and plain_builder:
            yield body
            bare = (*networks.NO_WEIGHTS, "conv1")
            yield from (part for name, part in networks.children(None, body) or [] if name not in bare)
    for part in parts_of(network.root):
        if isinstance(part, Thing) and part.name.startswith("torch.nn.") and part.short.startswith("BatchNorm"):
            yield part


def _is_frozen(part: Value, network: Network) -> bool:
    own = [(name, parameter) for name, parameter in networks.parameters(part) if name]
    head = {id(parameter) for _, parameter in network.head_parameters()}
    body = [parameter for _, parameter in own if id(parameter) not in head]
    return bool(body) and all(id(parameter) in network.frozen for parameter in body)


def _name(network: Network, part: Value) -> str:
    """The name of a part, or of the part of the whole network that contains it."""
    if isinstance(part, Thing) and part.name.startswith("child:"):
        return part.name.removeprefix("child:")
    direct = networks.children(None, network.root) or []
    return next((name for name, one in direct if any(inner is part for inner in parts_of(one))), "")


# ---------------------------------------------------------------------- one layer in place of two


def _used_twice(reader: Reader, session: Session) -> Iterator[LayerUsedTwice]:
    """A batch norm that two lines of one forward call, where another of its kind and size is never called."""
    inside = list(calls_inside(reader, session))
    if any(event.name == "()" and not _is_settled(event.target) for event in inside):
        return
    if any(unfollowed(event) is not None for event in inside):
        return
    called = {id(event.target) for event in reader.trace.calls("()")}
    held = {id(part) for one in reader.trace.calls() for part in one.args if isinstance(part, Thing)}
    for owner in parts_of(session.model) if session.model is not None else ():
        if not isinstance(owner, Instance):
            continue
        norms = [(str(n), p) for n, p in owner.attrs.items() if isinstance(p, Thing) and _is_norm(p)]
        unused = [(name, part) for name, part in norms if id(part) not in called and id(part) not in held]
        for name, part in norms:
            uses = [e for e in inside if e.target is part and e.functions[-1].bound is owner and not e.guards]
            other = next((one for one, spare in unused if _size(spare) == _size(part)), None)
            if len({e.at for e in uses}) > 1 and other is not None and _only_here(owner, other):
                yield LayerUsedTwice(uses[-1].at, twice=name, unused=other)


def _is_settled(target: Value | None) -> bool:
    return isinstance(target, Function | Instance) or (isinstance(target, Thing) and target.name not in ("", "item"))


def _is_norm(part: Thing) -> bool:
    return part.name.startswith("torch.nn.") and part.short.startswith("BatchNorm")


def _size(part: Thing) -> tuple[str, object]:
    return part.short, plain(part.arg(0, "num_features"), object())


def _only_here(owner: Instance, name: str) -> bool:
    """Whether a network's class mentions one of its layers only where it is created."""
    nodes = [node for cls in owner.cls.lineage() for node in ast.walk(cls.node)]
    return sum(isinstance(node, ast.Attribute) and node.attr == name for node in nodes) == 1
