"""Assembles the reading of a PyTorch program: fields of the configuration, and the program's acts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

from diagnose.catalogue import architectures
from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Event, Thing, Value
from diagnose.libraries import networks
from diagnose.model import Fact, Location, Program, RandomValidation, Scheduler, Step
from diagnose.training.fields import TRAIN_FIELDS, Fields
from diagnose.training.pytorch import huggingface
from diagnose.training.pytorch.accumulation import find_accumulation
from diagnose.training.pytorch.acts import find_acts
from diagnose.training.pytorch.completeness import lost_in
from diagnose.training.pytorch.data import (
    base_dataset,
    class_by_class,
    dataset_of,
    describe_images,
    describe_loader,
    find_loader,
    joined,
    loader_of,
    way_in_loop,
    way_of_batches,
    way_of_loader,
)
from diagnose.training.pytorch.decayed import find_decayed_norms
from diagnose.training.pytorch.details import describe_details
from diagnose.training.pytorch.facts import is_seeding, observe_program, observe_training
from diagnose.training.pytorch.network import Network, describe, find_network
from diagnose.training.pytorch.optimizing import (
    describe_added_groups,
    describe_epochs,
    describe_loss,
    describe_optimizer,
    describe_schedule,
    find_schedulers,
    schedules_ahead,
)
from diagnose.training.pytorch.own_class import own_class
from diagnose.training.pytorch.parts import parts_of
from diagnose.training.pytorch.patches import find_patch_misfits
from diagnose.training.pytorch.precision import find_precision_faults
from diagnose.training.pytorch.processes import find_undistributed
from diagnose.training.pytorch.ranges import tensors_of_floats
from diagnose.training.pytorch.sessions import Session, batch_loops, find_sessions
from diagnose.training.pytorch.slow import find_slow_input
from diagnose.training.pytorch.stem import find_coarse_stem
from diagnose.training.pytorch.steps import Pipeline
from diagnose.training.pytorch.validation import may_validate, validation_forwards
from diagnose.training.splits.shared import validated_on_training_set
from diagnose.training.unfollowed import UnfollowedCall, unfollowed_calls

MOST_TRAININGS = 6  # most trainings to read individually
# Finders for one training, one per file: (reader, session, network, fields) to facts.
FINDERS: tuple[Callable[[Reader, Session, Network | None, Fields], Iterable[Fact]], ...] = (
    find_accumulation,
    find_precision_faults,
    find_undistributed,
    find_coarse_stem,
    find_patch_misfits,
    find_slow_input,
    find_decayed_norms,
)


@dataclass
class Training:
    """One training of the program, as read."""

    session: Session
    fields: Fields
    network: Network | None
    own: bool  # a network of the program's own classes
    schedulers: list[Scheduler]
    train_way: Pipeline | None
    val_way: Pipeline | None
    one_dataset: bool  # both splits read the same dataset object


def read_pytorch(reader: Reader, fields: Fields) -> Program | None:
    """The program as it trains with PyTorch, Lightning or Hugging Face's Trainer; None where no training is found.

    Writes every field that was found into `fields`; those on which trainings differ are unknown.
    """
    if managed := huggingface.read(reader, fields):
        return managed
    sessions = find_sessions(reader)[:MOST_TRAININGS]
    if not sessions:
        return None
    lost = unfollowed_calls(reader)
    validating = validation_forwards(reader, sessions)
    trainings = [
        _training(reader, session, validating[number], lost, fields.file) for number, session in enumerate(sessions)
    ]
    first = trainings[0]
    fields.settings |= first.fields.settings
    _seed(reader, fields)
    for later in trainings[1:]:
        fields.differ(later.fields, "trains")
    shared = chain.from_iterable(
        _shared_images(training.session, validating[number]) for number, training in enumerate(trainings)
    )
    modes = [_has_modes(reader, training.network) for training in trainings]
    return Program(
        framework="pytorch",
        managed_by=first.session.library,
        acts=find_acts(reader, sessions, validating, lost),
        train_steps=_steps(first.train_way),
        val_steps=_steps(first.val_way),
        validates=any(validating) or may_validate(reader, sessions),
        seeded=any(is_seeding(event) for event in reader.trace) or _seeds_itself(reader),
        batch_norm_or_dropout=True if all(modes) else None,
        batch_norm=_has_batch_norm(first.network),
        own_model=first.own,
        network_from=first.network.body.package if first.network and first.network.body else None,
        own_class=own_class(reader, first.network.root) if first.own and first.network else None,
        schedulers=tuple(dict.fromkeys(one for training in trainings for one in training.schedulers)),
        seen=(*_observed(reader, trainings, lost), *shared),
        unfollowed=lost_in(reader, sessions, lost),
        class_by_class=class_by_class(reader, dataset_of(loader)) if (loader := loader_of(first.session)) else None,
        training=first.session.backward.at,
    )


def _training(
    reader: Reader, session: Session, validating: list[Event], lost: list[UnfollowedCall], file: str
) -> Training:
    fields = Fields(file)
    network = find_network(reader, session)
    own = describe(reader, session, network, lost, fields) if network else False
    if network is None:
        for name in ("model", "weights", "head", "frozen"):
            fields.unknown(name, "no call of a network was found in the training loop")
    for other in session.alternatives:
        _alternative(reader, replace(session, model=other, alternatives=[]), lost, fields)
    describe_loss(session, fields)
    describe_optimizer(reader, session, fields)
    describe_added_groups(reader, session, fields)
    describe_epochs(reader, session, fields)
    schedulers = find_schedulers(reader, session)
    describe_schedule(reader, session, schedulers, fields)
    describe_details(reader, session, network, schedulers, fields)
    train_way, val_way, one_dataset = _images(reader, session, validating, fields)
    return Training(session, fields, network, own, schedulers, train_way, val_way, one_dataset)


def _observed(reader: Reader, trainings: list[Training], lost: list[UnfollowedCall]) -> Iterator[Fact]:
    """Facts about the program, then about each of its trainings, without duplicates."""
    seen: set[tuple[type[Fact], Location]] = set()
    first = trainings[0]
    for fact in dict.fromkeys(observe_program(reader, first.session)):  # a line in a loop may give several equal facts
        seen.add((type(fact), fact.location))
        yield fact
    everything: list[Iterable[Fact]] = [
        observe_training(reader, one.session, one.network, one.schedulers, lost) for one in trainings
    ]
    everything += [tensors_of_floats(training.train_way, training.val_way) for training in trainings]
    everything += [find(reader, one.session, one.network, one.fields) for one in trainings for find in FINDERS]
    everything += [schedules_ahead(reader, training.session, training.schedulers) for training in trainings]
    everything += [_shared_ways(training.train_way, training.val_way, training.one_dataset) for training in trainings]
    for fact in chain.from_iterable(everything):
        if (type(fact), fact.location) not in seen:
            seen.add((type(fact), fact.location))
            yield fact


def _shared_images(session: Session, validating: list[Event]) -> Iterator[Fact]:
    loops = [loops[-1] for event in validating if (loops := batch_loops(event))]
    return validated_on_training_set(find_loader(session.loader), [find_loader(loop.over) for loop in loops])


def _steps(way: Pipeline | None) -> tuple[Step, ...] | None:
    return tuple(way.steps) if way is not None and not way.unsure else None


def _images(
    reader: Reader, session: Session, validating: list[Event], fields: Fields
) -> tuple[Pipeline | None, Pipeline | None, bool]:
    """Loader and preprocessing of both splits; whether both read the same dataset object."""
    loader = loader_of(session)
    dataset = dataset_of(loader) if loader is not None else None
    if loader is not None:
        describe_loader(loader, fields)
        if session.loader is not loader and fields.settings["shuffle"].value is False and not session.managed:
            fields.forget("shuffle", "the loader is wrapped by what may draw the images itself")
    else:
        for name in ("batch_size", "shuffle", "drop_last"):
            fields.unknown(name, "no loader was found that the training loop passes through")
    train_way = None
    if loader is not None and dataset is not None:
        train_way = joined(way_of_loader(reader, loader), way_in_loop(reader, session))
    elif loader is None:
        train_way = way_of_batches(reader, session)
    describe_images(reader, train_way, dataset, fields)
    if train_way is None:
        for name in TRAIN_FIELDS:
            fields.unknown(name, "the transforms of the training images were not found")
    val_way, val_dataset = None, None
    if (held_out := _held_out(validating, loader, dataset)) is not None:
        event, val_loader = held_out
        val_dataset = dataset_of(val_loader)
        val_way = joined(way_of_loader(reader, val_loader), way_in_loop(reader, session, event))
        describe_images(reader, val_way, val_dataset, fields, val=True)
    return train_way, val_way, _same_base(dataset, val_dataset)


def _held_out(validating: list[Event], loader: Thing | None, dataset: Value | None) -> tuple[Event, Thing] | None:
    """The first pass over another loader than the training loader, preferring one over images that do not train."""
    found: list[tuple[Event, Thing]] = []
    for event in validating:
        loops = batch_loops(event)
        other = find_loader(loops[-1].over) if loops else None
        if other is not None and other is not loader:
            found.append((event, other))
    apart = (one for one in found if dataset is None or not _within(dataset_of(one[1]), dataset))
    return next(apart, found[0] if found else None)


def _within(one: Value | None, dataset: Value) -> bool:
    """Whether images belong to the dataset that a training uses whole: itself, or a subset of it for evaluation."""
    while isinstance(one, Thing) and one.short == "Subset" and one is not dataset:
        one = one.arg(0, "dataset")
    return one is dataset


def _same_base(one: Value | None, other: Value | None) -> bool:
    return one is not None and other is not None and base_dataset(one) is base_dataset(other)


def _shared_ways(train: Pipeline | None, val: Pipeline | None, shared: bool) -> list[Fact]:
    if val is None or not val.random or val.unsure:
        return []
    same = shared or (train is not None and bool(train.random) and train.random[0][1] == val.random[0][1])
    return [RandomValidation(val.random[0][1], names=tuple(n for n, _ in val.random), shared=same)]


def _seed(reader: Reader, fields: Fields) -> None:
    for event in reader.trace:
        if is_seeding(event) and event.args:
            fields.take("seed", event.args[0], int)
            return
    for event in reader.trace:
        if is_seeding(event):
            fields.take("seed", event.kwargs.get("seed"), int)


def _seeds_itself(reader: Reader) -> bool:
    return bool(reader.trace.calls(".manual_seed"))


def _has_batch_norm(network: Network | None) -> bool | None:
    """Whether the network has batch norm; None where its layers are not all known."""
    if network is None:
        return None
    if network.body is not None:
        known = architectures.find(networks.architecture(network.body) or "")
        return known.batch_norm if known else None
    parts = list(parts_of(network.root))
    return any(isinstance(part, Thing) and "BatchNorm" in part.short for part in parts) if len(parts) > 1 else None


def _has_modes(reader: Reader, network: Network | None) -> bool | None:
    """Whether train() and eval() make a difference to the network; None where that is unknown."""
    if network is None:
        return None
    if _has_batch_norm(network):
        return True
    for part in parts_of(network.root):
        if isinstance(part, Thing) and (
            "BatchNorm" in part.short or part.short.startswith(("Dropout", "DropPath", "StochasticDepth"))
        ):
            return True
    return bool(reader.trace.calls("torch.nn.functional.dropout")) or None


def _alternative(reader: Reader, session: Session, lost: list[UnfollowedCall], fields: Fields) -> None:
    """Account for another network that a condition known at run time only may choose."""
    own, network = Fields(fields.file), find_network(reader, session)
    if network is not None:
        describe(reader, session, network, lost, own)
    for name in ("model", "weights", "head", "frozen"):
        first, second = fields.settings.get(name), own.settings.get(name)
        if first is None or second is None or first.value != second.value:
            both = f"{first.value if first else 'unknown'} or {second.value if second else 'unknown'}"
            fields.forget(name, f"it is {both}, by a condition that is known at run time only")
