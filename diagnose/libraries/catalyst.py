"""Catalyst: its Runner's loop over named loaders, with the program's handle_batch or with its own steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.interpreter.expressions import own_attribute
from diagnose.interpreter.overlay import Overlay
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import Call, Const, Function, Instance, Items, Ref, Table, Thing, Value, plain, unknown
from diagnose.libraries import loops
from diagnose.libraries.loops import hook
from diagnose.model import Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

OVERLAY = Overlay("catalyst", packages=("catalyst",), understood=("catalyst",))

DEFAULT_SEED, DEFAULT_EPOCHS = 42, 1  # of Runner.train
PARTS = ("model", "criterion", "optimizer", "scheduler", "loaders")
STEPS = ("handle_batch", "_handle_batch")


def _is_runner(value: Value | None) -> bool:
    if isinstance(value, Instance):
        bases = (base.name for own in value.cls.lineage() for base in own.bases if isinstance(base, Ref))
        return any(name.startswith("catalyst.") and name.endswith("Runner") for name in bases)
    return isinstance(value, Thing) and value.package == "catalyst" and value.short.endswith("Runner")


def _is_supervised(runner: Thing | Instance) -> bool:
    names = (runner.short,) if isinstance(runner, Thing) else runner.cls.foreign()
    return any(name.endswith("SupervisedRunner") for name in names)


@OVERLAY.handles("*.set_global_seed")
def _seed(reader: Reader, base: Value | None, call: Call) -> Value | None:
    return reader.call(Ref(call.at, "torch.manual_seed"), Call(call.args, call.kwargs, call.at))


@OVERLAY.handles(".train", of=_is_runner)
def _train(reader: Reader, runner: Value | None, call: Call) -> Value | None:
    assert isinstance(runner, Thing | Instance)
    parts = {name: call.kwargs[name] for name in PARTS if name in call.kwargs}
    given = runner.arg(0, "model") if isinstance(runner, Thing) else runner.attrs.get("model")
    if given is not None:
        parts.setdefault("model", given)
    why = "Runner.train receives arguments that were not read"
    epochs = call.kwargs.get("num_epochs") or (
        unknown(Reason.UNREAD, why, call.at) if call.partial else Const(call.at, DEFAULT_EPOCHS)
    )
    seed = call.kwargs.get("seed") or Const(call.at, DEFAULT_SEED)
    reader.call(Ref(seed.at, "torch.manual_seed"), Call((seed,), {}, seed.at))
    _run(reader, runner, parts, _listed(call.kwargs.get("callbacks")), epochs, call.at)
    return Const(call.at, None)


@OVERLAY.handles(".run", of=_is_runner)
def _run_by_methods(reader: Reader, runner: Value | None, call: Call) -> Value | None:
    """A runner that creates its parts in its own methods: get_model, get_optimizer and so on."""
    if not isinstance(runner, Instance):
        return None
    at, stage = call.at, Const(call.at, "train")
    parts: dict[str, Value] = {}
    for name in ("loaders", "model", "criterion", "optimizer", "scheduler"):
        needs = {"optimizer": "model", "scheduler": "optimizer"}.get(name)
        args = tuple(one for one in (stage, parts.get(needs or "")) if one is not None)
        found = runner.cls.find(f"get_{name}")
        takes = len(found.node.args.args) - 1 if isinstance(found, Function) else 0
        made = hook(reader, runner, f"get_{name}", *args[max(0, len(args) - takes) :], at=at)
        if made is not None:
            parts[name] = made
    epochs = own_attribute(reader, runner, "num_epochs", at) or hook(reader, runner, "get_stage_len", stage, at=at)
    seed = own_attribute(reader, runner, "seed", at) or Const(at, DEFAULT_SEED)
    reader.call(Ref(at, "torch.manual_seed"), Call((seed,), {}, seed.at))
    callbacks = hook(reader, runner, "get_callbacks", stage, at=at)
    _run(reader, runner, parts, _listed(callbacks), epochs or Const(at, DEFAULT_EPOCHS), at)
    return Const(at, None)


@OVERLAY.handles(".evaluate_loader", of=_is_runner)
def _evaluate(reader: Reader, runner: Value | None, call: Call) -> Value | None:
    assert isinstance(runner, Thing | Instance)
    model = call.kwargs.get("model") or runner.attrs.get("model")
    loader = call.arg(0, "loader")
    if isinstance(model, Thing | Instance) and loader is not None:
        _pass(reader, runner, {**_kept(runner), "model": model}, [], "valid", loader, call.at)
    return None


def _kept(runner: Thing | Instance) -> dict[str, Value]:
    return {name: runner.attrs[name] for name in PARTS if isinstance(runner.attrs.get(name), Value)}


def _listed(callbacks: Value | None) -> list[Thing]:
    if isinstance(callbacks, Table):
        callbacks = Items(callbacks.at, tuple(callbacks.pairs.values()))
    items = callbacks.items if isinstance(callbacks, Items) else ()
    return [one for one in items if isinstance(one, Thing)]


# ---------------------------------------------------------------------- the loop


def _run(
    reader: Reader,
    runner: Thing | Instance,
    parts: dict[str, Value],
    callbacks: list[Thing],
    epochs: Value,
    at: Location,
) -> None:
    for name, value in parts.items():
        reader.write(runner.attrs, name, value)
    model, loaders = parts.get("model"), parts.get("loaders")
    if model is None:
        return
    reader.method(model, "to", Call((Ref(at, "torch.device"),), {}, at))  # the engine does
    named_loaders = list(loaders.pairs.items()) if isinstance(loaders, Table) else [("train", loaders)]
    hook(reader, runner, "on_experiment_start", runner, at=at)
    with loops.epochs(reader, "Catalyst", epochs, at):
        hook(reader, runner, "on_epoch_start", runner, at=at)
        for key, loader in named_loaders:
            batches = loader or unknown(Reason.UNREAD, "its data is not given", at)
            _pass(reader, runner, parts, callbacks, str(key), batches, at)
        if _stepped_by(runner, callbacks, parts) == "epoch":
            _step_schedule(reader, runner, parts, at)
        hook(reader, runner, "on_epoch_end", runner, at=at)


def _pass(
    reader: Reader,
    runner: Thing | Instance,
    parts: dict[str, Value],
    callbacks: list[Thing],
    key: str,
    loader: Value,
    at: Location,
) -> None:
    """One pass over a loader: the network in its mode, gradients only for loaders named train."""
    trains = key.startswith("train")
    for name, flag in (("train", trains), ("valid", key.startswith("valid")), ("infer", key.startswith("infer"))):
        reader.write(runner.attrs, f"is_{name}_loader", Const(at, flag))
    reader.write(runner.attrs, "loader_key", Const(at, key))
    reader.write(runner.attrs, "engine", Thing(at, name="catalyst.dl.Engine"))
    reader.write(runner.attrs, "device", Ref(at, "torch.device"))
    for name in ("loader_metrics", "epoch_metrics"):
        reader.write(runner.attrs, name, Table(at, partial=True))
    hook(reader, runner, "on_loader_start", runner, at=at)
    reader.method(parts["model"], "train" if trains else "eval", Call((), {}, at))
    if not trains:
        reader.contexts.append(Ref(at, "torch.no_grad"))
    with loops.batches(reader, loader, at) as batch:
        batch = reader.method(batch, "to", Call((Ref(at, "torch.device"),), {}, at))  # the engine does
        _step(reader, runner, parts, callbacks, batch, trains, at)
    if not trains:
        reader.contexts.pop()
    hook(reader, runner, "on_loader_end", runner, at=at)


def _step(
    reader: Reader,
    runner: Thing | Instance,
    parts: dict[str, Value],
    callbacks: list[Thing],
    batch: Value,
    trains: bool,
    at: Location,
) -> None:
    """One batch: by the runner's own handle_batch, or as SupervisedRunner does it."""
    reader.write(runner.attrs, "batch", batch)
    reader.write(runner.attrs, "batch_metrics", Table(at))
    name = next((step for step in STEPS if isinstance(runner, Instance) and runner.cls.find(step)), None)
    before = len(reader.trace)
    loss: Value | None = None
    if name is not None:
        hook(reader, runner, name, batch, at=at)
        loss = _loss_of_callbacks(reader, runner, parts, callbacks, at)
    elif _is_supervised(runner):
        images, labels = loops.inputs_and_labels(batch, at)
        if trains:
            images = _augmented(reader, callbacks, images, at)
        outputs = reader.call(parts["model"], Call((images,), {}, at))
        criterion = parts.get("criterion")
        loss = reader.call(criterion, Call((outputs, labels), {}, at)) if criterion is not None else None
    own = any(event.name == ".backward" for event in reader.trace[before:])
    optimizer = parts.get("optimizer")
    if trains and not own and loss is not None and optimizer is not None:
        where = _stepped_by(runner, callbacks, parts)
        schedule = parts.get("scheduler") if where != "never" else None
        loops.backward(reader, loss, loops.configuration(at, optimizer, schedule, where == "batch"))
    elif trains and own and _stepped_by(runner, callbacks, parts) == "batch":
        _step_schedule(reader, runner, parts, at, own=True)


def _loss_of_callbacks(
    reader: Reader, runner: Thing | Instance, parts: dict[str, Value], callbacks: list[Thing], at: Location
) -> Value | None:
    """The loss that callbacks step on: the runner's batch_metrics entry, or the criterion on what is in batch."""
    metrics, batch, criterion = runner.attrs.get("batch_metrics"), runner.attrs.get("batch"), parts.get("criterion")
    if isinstance(metrics, Table) and "loss" in metrics.pairs:
        return metrics.pairs["loss"]
    asked = next((one for one in callbacks if one.short == "CriterionCallback"), None)
    if not isinstance(batch, Table) or criterion is None or not (asked or _is_supervised(runner)):
        return None
    source, label = (asked, 0) if asked is not None else (runner, 1)
    names = [_key(source, "input_key" if asked else "output_key", label), _key(source, "target_key", label + 1)]
    outputs, labels = (batch.pairs.get(name) for name in names)
    if outputs is None or labels is None:
        return None
    return reader.call(criterion, Call((outputs, labels), {}, at))


def _key(source: Thing | Instance, name: str, place: int) -> str:
    usual = {"input_key": "logits", "output_key": "logits", "target_key": "targets"}[name]
    return str(plain(source.arg(place, name), usual)) if isinstance(source, Thing) else usual


def _augmented(reader: Reader, callbacks: list[Thing], images: Value, at: Location) -> Value:
    for one in callbacks:
        if one.short == "MixupCallback":
            images = reader.call(Thing(one.at, name="torchvision.transforms.v2.MixUp"), Call((images,), {}, at))
        elif one.short == "BatchTransformCallback" and (transform := one.arg(0, "transform")) is not None:
            images = reader.call(transform, Call((images,), {}, at))
    return images


def _stepped_by(runner: Thing | Instance, callbacks: list[Thing], parts: dict[str, Value]) -> str:
    """When the schedule is stepped: batch, epoch or never, by its callback, which SupervisedRunner adds itself."""
    asked = next((one for one in callbacks if one.short == "SchedulerCallback"), None)
    if asked is not None:
        return "batch" if plain(asked.arg(1, "mode")) == "batch" else "epoch"
    return "epoch" if _is_supervised(runner) and "scheduler" in parts else "never"


def _step_schedule(
    reader: Reader, runner: Thing | Instance, parts: dict[str, Value], at: Location, own: bool = False
) -> None:
    """The step of the schedule, as a call where the program has its own loop body."""
    schedule = parts.get("scheduler")
    has_body = isinstance(runner, Instance) and any(runner.cls.find(step) for step in STEPS)
    if isinstance(schedule, Thing) and (own or has_body):
        metric = (unknown(Reason.PLACEHOLDER, "the metric", at),) if schedule.short == "ReduceLROnPlateau" else ()
        reader.method(schedule, "step", Call(metric, {}, at))
