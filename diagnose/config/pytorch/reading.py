"""Puts together what a PyTorch program says: fields of the configuration, and the program's acts."""

from __future__ import annotations

from dataclasses import replace

from diagnose.config.facts import TRAIN_FIELDS, Facts
from diagnose.config.pytorch import huggingface
from diagnose.config.pytorch.acts import find_acts
from diagnose.config.pytorch.data import (
    base_dataset,
    dataset_of,
    describe_images,
    describe_loader,
    find_loader,
    joined,
    loader_of,
    way_in_loop,
    way_of_dataset,
)
from diagnose.config.pytorch.details import describe_details
from diagnose.config.pytorch.network import Network, describe, find_network, parts_of
from diagnose.config.pytorch.observations import is_seeding, observe
from diagnose.config.pytorch.optimizing import (
    describe_epochs,
    describe_loss,
    describe_optimizer,
    describe_schedule,
    find_schedulers,
)
from diagnose.config.pytorch.sessions import Session, batch_loops, find_sessions, validation_forwards
from diagnose.config.pytorch.transforms import Way, timm_transform
from diagnose.model import Observation, Program, Step
from diagnose.program.modules import is_network
from diagnose.program.reader import Reader
from diagnose.program.values import Event, Thing, Value, plain

PHASE_FIELDS = ("learning_rate", "epochs", "optimizer", "frozen", "weight_decay", "schedule", "batch_size")


def read_pytorch(reader: Reader, facts: Facts) -> Program | None:
    """The program as it trains; None where nothing in it was seen to train."""
    if managed := huggingface.read(reader, facts):
        return managed
    sessions = find_sessions(reader)
    if not sessions:
        return None
    session = sessions[0]
    network = find_network(reader, session)
    own = describe(reader, session, network, facts) if network else False
    if network is None:
        for name in ("model", "weights", "head", "frozen"):
            facts.unknown(name, "no call of a network was found in the training loop")
    for other in session.alternatives:
        _alternative(reader, replace(session, model=other, alternatives=[]), facts)
    describe_loss(session, facts)
    describe_optimizer(session, facts)
    describe_epochs(session, facts)
    schedulers = find_schedulers(reader, session)
    describe_schedule(reader, session, schedulers, facts)
    describe_details(reader, session, network, schedulers, facts)
    validating = validation_forwards(reader, sessions)
    train_way, val_way, shared = _images(reader, session, validating, facts)
    _seed(reader, facts)
    for later in sessions[1:]:
        _later(reader, later, facts)
    observations = list(observe(reader, session, network))
    observations += _shared_ways(train_way, val_way, shared)
    return Program(
        framework="pytorch",
        managed_by="Lightning" if session.managed else None,
        acts=find_acts(reader, session, validating),
        train_steps=_steps(train_way),
        val_steps=_steps(val_way),
        validates=bool(validating) or _tests_later(reader, sessions),
        seeded=any(is_seeding(event) for event in reader.events) or _seeds_itself(reader),
        batch_norm_or_dropout=_has_modes(reader, network),
        batch_norm=_has_batch_norm(network),
        own_model=own,
        schedulers=tuple(schedulers),
        observations=tuple(observations),
        training=session.backward.at,
    )


def _steps(way: Way | None) -> tuple[Step, ...] | None:
    return tuple(way.steps) if way is not None and not way.unsure else None


def _images(
    reader: Reader, session: Session, validating: list[Event], facts: Facts
) -> tuple[Way | None, Way | None, bool]:
    """Loader and preprocessing of both sides; whether both read one dataset object."""
    loader = loader_of(session)
    dataset = dataset_of(loader) if loader is not None else None
    if loader is not None:
        describe_loader(loader, facts)
        if session.loader is not loader and facts.settings["shuffle"].value is False and not session.managed:
            facts.forget("shuffle", "the loader is wrapped by what may draw the images itself")
    else:
        for name in ("batch_size", "shuffle", "drop_last"):
            facts.unknown(name, "no loader was found that the training loop passes through")
    train_way = joined(way_of_dataset(reader, dataset), way_in_loop(reader, session)) if dataset is not None else None
    train_way = train_way or _loader_way(reader, loader)
    describe_images(reader, train_way, dataset, facts)
    if train_way is None:
        for name in TRAIN_FIELDS:
            facts.unknown(name, "the transforms of the training images were not found")
    val_way, val_dataset = None, None
    for event in validating:
        loops = batch_loops(event)
        val_loader = find_loader(loops[-1].over) if loops else None
        if val_loader is None or val_loader is loader:
            continue
        val_dataset = dataset_of(val_loader)
        val_way = joined(way_of_dataset(reader, val_dataset), way_in_loop(reader, session, event)) or _loader_way(
            reader, val_loader
        )
        describe_images(reader, val_way, val_dataset, facts, val=True)
        break
    return train_way, val_way, _same_base(dataset, val_dataset)


def _loader_way(reader: Reader, loader: Thing | None) -> Way | None:
    """timm's create_loader makes the transforms itself."""
    if loader is None or loader.short != "create_loader":
        return None
    way = Way(at=loader.at)
    size = loader.arg(1, "input_size")
    if size is not None:
        loader.kwargs["input_size"] = size
    timm_transform(Thing(loader.at, name=loader.name, kwargs=loader.kwargs), way)
    if "mean" in loader.kwargs and plain(loader.kwargs["mean"]) is None:
        way.mean, way.std = (None, loader.at), (None, loader.at)
    if plain(loader.kwargs.get("no_aug"), False) is True:
        way.random = []
    return way


def _same_base(one: Value | None, other: Value | None) -> bool:
    return one is not None and other is not None and base_dataset(one) is base_dataset(other)


def _shared_ways(train: Way | None, val: Way | None, shared: bool) -> list[Observation]:
    if val is None or not val.random or val.unsure:
        return []
    same = shared or (train is not None and bool(train.random) and train.random[0][1] == val.random[0][1])
    return [
        Observation("random_validation", val.random[0][1], {"names": tuple(n for n, _ in val.random), "shared": same})
    ]


def _seed(reader: Reader, facts: Facts) -> None:
    for event in reader.events:
        if is_seeding(event) and event.args:
            facts.take("seed", event.args[0], int)
            return
    for event in reader.events:
        if is_seeding(event):
            facts.take("seed", event.kwargs.get("seed"), int)


def _seeds_itself(reader: Reader) -> bool:
    return any(event.name == ".manual_seed" for event in reader.events)


def _tests_later(reader: Reader, sessions: list[Session]) -> bool:
    """Whether a network is called in a loop of its own after training: one that was loaded anew, for example."""
    training = [session.batch_loop for session in sessions]
    return any(
        event.name == "()"
        and event.kind == "call"
        and is_network(event.target)
        and event.index > sessions[0].backward.index
        and bool(batch_loops(event))
        and not any(loop in training for loop in event.loops)
        for event in reader.events
    )


def _has_batch_norm(network: Network | None) -> bool | None:
    """Whether the network normalises by batches; None where its layers are not all known."""
    if network is None:
        return None
    if network.body is not None:
        return True
    parts = list(parts_of(network.root))
    return any(isinstance(part, Thing) and "BatchNorm" in part.short for part in parts) if len(parts) > 1 else None


def _has_modes(reader: Reader, network: Network | None) -> bool | None:
    """Whether train() and eval() make a difference to the network."""
    if network is None:
        return None
    if network.body is not None:
        return True
    for part in parts_of(network.root):
        if isinstance(part, Thing) and ("BatchNorm" in part.short or part.short.startswith("Dropout")):
            return True
    return any(e.name == "torch.nn.functional.dropout" for e in reader.events) or None


def _alternative(reader: Reader, session: Session, facts: Facts) -> None:
    """Another network that a condition known at run time only may choose."""
    own, network = Facts(facts.file), find_network(reader, session)
    if network is not None:
        describe(reader, session, network, own)
    for name in ("model", "weights", "head", "frozen"):
        first, second = facts.settings.get(name), own.settings.get(name)
        if first is None or second is None or first.value != second.value:
            told = f"{first.value if first else 'unknown'} or {second.value if second else 'unknown'}"
            facts.forget(name, f"it is {told}, by a condition that is known at run time only")


def _later(reader: Reader, session: Session, facts: Facts) -> None:
    """A second training in the same program: fields on which it differs are not one value."""
    own = Facts(facts.file)
    describe_optimizer(session, own)
    describe_epochs(session, own)
    network = find_network(reader, session)
    if network is not None:
        describe(reader, session, network, own)
    facts.disagree(own, (*PHASE_FIELDS, "model", "weights", "head"), "trains")
