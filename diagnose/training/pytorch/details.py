"""Further options of a PyTorch program's loss, optimizer, schedule and head, beyond names and main numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from diagnose.catalogue import optimizers, schedules
from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Either, Function, Items, Thing, Value, plain
from diagnose.libraries import networks
from diagnose.model import Scheduler
from diagnose.training.fields import Fields
from diagnose.training.given import COMPUTED, given, options
from diagnose.training.pytorch.network import Network
from diagnose.training.pytorch.optimizing import groups_of, loss_call
from diagnose.training.pytorch.parts import parts_of
from diagnose.training.pytorch.sessions import Session

PLAIN_LAYERS = ("Flatten", "Identity", "Softmax", "LogSoftmax", "Sigmoid", "AdaptiveAvgPool2d")  # of a head
TIMM_SMOOTHING = 0.1  # LabelSmoothingCrossEntropy's default


def describe_details(
    reader: Reader, session: Session, network: Network | None, schedulers: list[Scheduler], fields: Fields
) -> None:
    """Write loss_options, optimizer_options, schedule_options and head_options into `fields`.

    Each only where its loss, optimizer, schedule or head was found.
    """
    _loss(session, fields)
    _optimizer(reader, session, network, fields)
    _schedule(reader, schedulers, fields)
    if network is not None:
        _head(network, fields)


def _loss(session: Session, fields: Fields) -> None:
    call = loss_call(session.loss)
    made = call.base if call is not None and call.name == "()" else call
    if not isinstance(made, Thing):
        return
    functional = made is call
    smoothing = made.arg(0 if made.short.startswith("LabelSmoothing") else -1, "label_smoothing", "smoothing")
    weight = made.arg(2 if functional else 0, "weight")
    values: dict[str, Any] = {
        "label_smoothing": given(smoothing),
        "class_weights": given(made.kwargs.get("pos_weight"))
        or (None if made.short.startswith("LabelSmoothing") else given(weight)),
        "gamma": given(made.kwargs.get("gamma")),
        "alpha": given(made.kwargs.get("alpha")),
    }
    if made.short == "LabelSmoothingCrossEntropy" and smoothing is None:
        values["label_smoothing"] = TIMM_SMOOTHING
    fields.know("loss_options", options(values), made.at)


def _optimizer(reader: Reader, session: Session, network: Network | None, fields: Fields) -> None:
    name = fields.settings.get("optimizer")
    made = session.optimizers[0] if len(session.optimizers) == 1 else None
    entry = optimizers.find(name.value) if name is not None and name.known else None
    if not isinstance(made, Thing) or entry is None or entry.wraps:
        return
    values: dict[str, Any] = {}
    if made.short in optimizers.FACTORIES:
        values |= dict(entry.timm) if plain(made.arg(1, "opt", "optimizer_name")) != "momentum" else {}
    values |= {option: given(made.kwargs.get(option)) for option in entry.own if option in made.kwargs}
    values |= _clipping(reader, session)
    if network is not None:
        values |= _two_rates(made, network)
    fields.know("optimizer_options", options(values), made.at)


def _clipping(reader: Reader, session: Session) -> dict[str, Any]:
    """Gradient clipping: from calls in the training loop, or from Lightning's Trainer."""
    limits: dict[str, Any] = {}
    for event in reader.trace:
        short = event.name.rpartition(".")[2]
        if event.kind != "call":
            continue
        if session.batch_loop in event.loops and short.startswith(
            ("clip_grad_norm", "clip_grad_value", "clip_gradients")
        ):
            limit = event.args[1] if len(event.args) > 1 else None
            limit = event.kwargs.get("max_norm") or event.kwargs.get("clip_value") or limit
            limits["clip_value" if "value" in short else "clip_norm"] = given(limit) if limit else COMPUTED
        elif short == "Trainer" and session.managed and "gradient_clip_val" in event.kwargs:
            by_value = plain(event.kwargs.get("gradient_clip_algorithm"), "norm") == "value"
            limits["clip_value" if by_value else "clip_norm"] = given(event.kwargs["gradient_clip_val"])
    return limits


def _two_rates(made: Thing, network: Network) -> dict[str, Any]:
    """The learning rates of the head and of the rest, where these are the only two groups; COMPUTED where other groups
    have their own rates."""
    groups = groups_of(made) or []
    if not any("lr" in own for _, own in groups) or len({given(own.get("lr")) for _, own in groups}) == 1:
        return {}
    head = {id(parameter) for _, parameter in network.head_parameters()}
    usual = made.arg(1, "lr")
    rates = {}
    for held, own in groups:
        inside = {id(parameter) in head for parameter in _parameters(held)}
        if len(inside) == 1:
            rates["head_rate" if inside.pop() else "backbone_rate"] = given(own.get("lr", usual))
    return rates if len(rates) == len(groups) == 2 else {"backbone_rate": COMPUTED}


def _parameters(held: Value | None) -> Iterator[Value]:
    if isinstance(held, Thing) and held.name == ".parameters" and held.base is not None:
        yield from (parameter for _, parameter in networks.parameters(held.base))
    elif isinstance(held, Items):
        yield from held.items


def _schedule(reader: Reader, schedulers: list[Scheduler], fields: Fields) -> None:
    """The arguments of the schedule in the field `schedule`, by the catalogue's names."""
    said = fields.settings.get("schedule")
    if said is None or not said.known:
        return
    values: dict[str, Any] = {}
    place = said.location
    for event in reader.trace:
        thing = event.result
        if event.kind != "call" or not isinstance(thing, Thing) or thing.short not in schedules.FORMS:
            continue
        schedule, form = schedules.FORMS[thing.short]
        if schedule.name == said.value and thing.at == place:
            values |= arguments(thing, form) | _held(thing)
            one = next((one for one in schedulers if one.location == thing.at), None)
            if one is not None and (one.stepped == "batch" or one.counts_batches):
                values["unit"] = "step"
        elif schedule.name == "warmup" and "warmup" not in values:
            values |= arguments(thing, form)
    if place is not None:
        fields.know("schedule_options", options(values), place)


def _held(thing: Thing) -> dict[str, Any]:
    """The parts of a schedule: other schedules with their milestones, or functions of the program."""
    given_parts = thing.arg(0 if thing.short == "ChainedScheduler" else 1, "schedulers", "lr_lambda")
    parts = given_parts.items if isinstance(given_parts, Items) else (given_parts,)
    if thing.short in ("LambdaLR", "MultiplicativeLR"):
        names = [part.name for part in parts if isinstance(part, Function) and part.name.isidentifier()]
        return {"function": names[0]} if len(names) == len(parts) == 1 else {}
    if thing.short not in schedules.WRAPPERS:
        return {}
    forms = [schedules.FORMS.get(part.short) for part in parts if isinstance(part, Thing)]
    known = tuple(form[0].name for form in forms if form is not None)
    held: dict[str, Any] = {"parts": known} if known and len(known) == len(parts) else {}
    milestones = given(thing.arg(2, "milestones"))
    return held | ({"milestones": milestones} if isinstance(milestones, tuple) else {})


def arguments(thing: Thing, form: schedules.Form) -> dict[str, Any]:
    """The arguments of a schedule by the catalogue's options, with the library's defaults.

    Those computed at run time, or with neither value nor default, are left out.
    """
    values = {}
    for argument in form.arguments:
        value = given(thing.arg(argument.place, argument.name))
        values[argument.option] = argument.default if value is None else value
    return {option: value for option, value in values.items() if value not in (None, COMPUTED)}


def _head(network: Network, fields: Fields) -> None:
    """Hidden layers and dropout in the container that ends in the last layer."""
    fc = network.fc
    if not isinstance(fc, Thing) or fc.short != "Linear":
        return
    values: dict[str, Any] = {}
    for part in parts_of(network.root):
        inside = [one for _, one in networks.children(None, part) or []] if networks.is_container(part) else []
        if not any(one is fc for one in inside):
            continue
        before = inside[: next(n for n, one in enumerate(inside) if one is fc)]
        bodies = [n for n, one in enumerate(before) if isinstance(one, Either) or _holds_a_body(one)]
        layers = [one for one in before[bodies[-1] + 1 if bodies else 0 :] if isinstance(one, Thing)]
        values = head_options(layers)
    fields.know("head_options", options(values), fc.at)


def _holds_a_body(value: Value) -> bool:
    """Whether a part of a network is a library network, made from parts of one, or not known layer by layer."""
    return any(
        isinstance(part, Thing)
        and (bool(networks.family(part)) or part.base is not None or not part.name.startswith("torch.nn."))
        for part in parts_of(value)
    )


def head_options(layers: list[Thing]) -> dict[str, Any]:
    """The layers before the last one as "hidden" units, "dropout" and "other" layers; None for what is absent."""
    hidden: list[int] = []
    other: list[str] = []
    values: dict[str, Any] = {}
    for layer in layers:
        units = plain(layer.arg(1, "out_features")) if layer.short == "Linear" else None
        if isinstance(units, int):
            hidden.append(units)
        elif layer.short == "Dropout":
            share = given(layer.arg(0, "p"))
            values["dropout"] = 0.5 if share is None else share
        elif layer.short not in (*PLAIN_LAYERS, "ReLU"):
            other.append(layer.short)
    return {**values, "hidden": tuple(hidden) or None, "other": tuple(other) or None}
