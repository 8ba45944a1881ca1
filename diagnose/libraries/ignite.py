"""Ignite: an Engine's run over its data, the handlers of its events, and Ignite's own update functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.interpreter.overlay import Overlay
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import (
    Call,
    Const,
    Either,
    Function,
    Instance,
    Items,
    Ref,
    Table,
    Thing,
    Value,
    is_known,
    plain,
    unknown,
)
from diagnose.libraries import loops
from diagnose.model import Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

OVERLAY = Overlay("ignite", packages=("ignite",), understood=("ignite",))

ENGINES = ("Engine", "DeterministicEngine", "create_supervised_trainer", "create_supervised_evaluator")
TRAINING = ("create_supervised_trainer", "supervised_training_step", "supervised_training_step_amp",
            "supervised_training_step_apex")  # fmt: skip
EVALUATING = ("create_supervised_evaluator", "supervised_evaluation_step", "supervised_evaluation_step_amp")
BEFORE_A_BATCH = ("GET_BATCH_STARTED", "GET_BATCH_COMPLETED", "ITERATION_STARTED")
GROUPS = ("ParamGroupScheduler", "ConcatScheduler")  # of schedules
SCHEDULE = "torch.optim.lr_scheduler."
HANDLERS = "__handlers__"


def _is_engine(value: Value | None) -> bool:
    return isinstance(value, Thing) and value.package == "ignite" and value.short in ENGINES


# ---------------------------------------------------------------------- handlers of events


@OVERLAY.handles("@.on")
def _on(reader: Reader, function: Value | None, call: Call) -> Value | None:
    """@trainer.on(event, *args): the function becomes a handler of the engine."""
    if not isinstance(function, Function):
        return None
    for one in function.decorators:
        if isinstance(one, Thing) and one.at == call.at and _is_engine(one.base) and one.args:
            _attach(reader, one.base, one.args[0], function, one.args[1:])
            return function
    return None


def _is_on(value: Value | None) -> bool:
    return isinstance(value, Thing) and value.name == ".on" and _is_engine(value.base) and bool(value.args)


@OVERLAY.handles("()", of=_is_on)
def _on_called(reader: Reader, on: Value | None, call: Call) -> Value | None:
    """trainer.on(event)(function), which is what the decorator does."""
    assert isinstance(on, Thing)
    handler = call.arg(0)
    if handler is not None:
        _attach(reader, on.base, on.args[0], handler, on.args[1:])
    return handler


@OVERLAY.handles(".add_event_handler", of=_is_engine)
def _add_handler(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    event, handler = call.arg(0, "event_name"), call.arg(1, "handler")
    if owner is None or event is None or handler is None:
        return None
    _attach(reader, owner, event, handler, call.args[2:])
    return Const(call.at, None)


def _attach(reader: Reader, engine: Value | None, event: Value, handler: Value, more: tuple[Value, ...] = ()) -> None:
    assert isinstance(engine, Thing)
    inner = handler.arg(0, "schedulers") if isinstance(handler, Thing) and handler.short in GROUPS else None
    if isinstance(inner, Items):
        for one in inner.items:
            _attach(reader, engine, event, one)
        return
    known, names = _handlers(engine), _event_names(event)
    if isinstance(handler, Thing):  # a schedule sets each learning rate itself, at the start as well as at the end
        names = [name.replace("_STARTED", "_COMPLETED") for name in names]
    made = [Items(event.at, (Const(event.at, name), handler, *more), "tuple") for name in names]
    reader.write(engine.attrs, HANDLERS, Items(engine.at, (*known, *made)))


def _handlers(engine: Thing) -> tuple[Value, ...]:
    known = engine.attrs.get(HANDLERS)
    if isinstance(known, Either):  # some are attached under a condition known at run time only
        known = max((one for one in known.options if isinstance(one, Items)), key=lambda one: len(one.items))
    return known.items if isinstance(known, Items) else ()


def _event_names(event: Value) -> list[str]:
    """The names of Events.X, Events.X(every=3), and of several joined by |."""
    if isinstance(event, Thing) and event.name == "op|":
        return [name for part in event.args for name in _event_names(part)]
    return [event.name.rpartition(".")[2]] if isinstance(event, Ref | Thing) else []


def _fire(reader: Reader, engine: Thing, name: str, at: Location) -> None:
    for one in _handlers(engine):
        if not isinstance(one, Items) or plain(one.items[0]) != name:
            continue
        handler, more = one.items[1], one.items[2:]
        if isinstance(handler, Function):
            takes = len(handler.node.args.args) - (handler.bound is not None)
            given = (engine, *more) if takes > len(more) or handler.node.args.vararg else more
            reader.call(handler, Call(given, {}, at))
        elif isinstance(handler, Instance):
            reader.call(handler, Call((engine, *more), {}, at))
        elif isinstance(handler, Thing) and handler.name.startswith(SCHEDULE):
            metric = (unknown(Reason.PLACEHOLDER, "the metric", at),) if handler.short == "ReduceLROnPlateau" else ()
            reader.method(handler, "step", Call(metric, {}, at))


# ---------------------------------------------------------------------- running an engine


@OVERLAY.handles(".run", of=_is_engine)
def _run(reader: Reader, engine: Value | None, call: Call) -> Value | None:
    assert isinstance(engine, Thing)
    at = call.at
    loader = call.arg(0, "data") or unknown(Reason.UNREAD, "its data is not given", at)
    _fire(reader, engine, "STARTED", at)
    with loops.epochs(reader, "Ignite", _epochs(call), at):
        _fire(reader, engine, "EPOCH_STARTED", at)
        with loops.batches(reader, loader, at) as batch:
            for name in BEFORE_A_BATCH:
                _fire(reader, engine, name, at)
            _update(reader, engine, engine, batch)
            _fire(reader, engine, "ITERATION_COMPLETED", at)
        _fire(reader, engine, "EPOCH_COMPLETED", at)
    _fire(reader, engine, "COMPLETED", at)
    return None


def _epochs(call: Call) -> Value:
    if "max_iters" in call.kwargs and not ("max_epochs" in call.kwargs or len(call.args) > 1):
        return unknown(
            Reason.UNFOLLOWED, "the engine stops after a number of batches (max_iters)", call.kwargs["max_iters"].at
        )
    if call.partial and len(call.args) < 2 and "max_epochs" not in call.kwargs:
        return unknown(Reason.UNREAD, "run() receives arguments that were not read", call.at)
    return call.arg(1, "max_epochs") or Const(call.at, 1)


def _update(reader: Reader, engine: Thing, step: Thing, batch: Value) -> None:
    """One update: by the program's own function, or as Ignite's supervised trainer and evaluator do."""
    function = step.arg(0, "process_function") if step.short in ("Engine", "DeterministicEngine") else step
    if isinstance(function, Thing) and function.package == "ignite" and function.short in (*TRAINING, *EVALUATING):
        _supervised(reader, function, batch)
    elif function is not None:
        reader.call(function, Call((engine, batch), {}, step.at))


def _supervised(reader: Reader, step: Thing, batch: Value) -> None:
    model, at, none = step.arg(0, "model"), step.at, Call((), {}, step.at)
    if model is None:
        return
    if step.short in EVALUATING:
        device, place = step.arg(2 if step.short == "create_supervised_evaluator" else 1, "device"), 4
        reader.method(model, "eval", none)
        reader.contexts.append(Ref(at, "torch.no_grad"))
        images, _ = _prepared(reader, step, batch, device, place)
        reader.call(model, Call((images,), {}, at))
        reader.contexts.pop()
        return
    optimizer, criterion = step.arg(1, "optimizer"), step.arg(2, "loss_fn")
    if optimizer is None or criterion is None:
        return
    reader.method(optimizer, "zero_grad", none)
    reader.method(model, "train", none)
    images, labels = _prepared(reader, step, batch, step.arg(3, "device"), 5)
    outputs = reader.call(model, Call((images,), {}, at))
    if transform := step.kwargs.get("model_transform"):
        outputs = reader.call(transform, Call((outputs,), {}, at))
    loss = reader.call(criterion, Call((outputs, labels), {}, at))
    reader.method(loss, "backward", none)
    reader.method(optimizer, "step", none)


def _prepared(reader: Reader, step: Thing, batch: Value, device: Value | None, place: int) -> tuple[Value, Value]:
    """The images and labels of a batch, on the given device."""
    at = step.at
    own = step.arg(place, "prepare_batch")
    if own is not None:
        options = {"device": device or Const(at, None), "non_blocking": Const(at, False)}
        return loops.inputs_and_labels(reader.call(own, Call((batch,), options, at)), at)
    images, labels = loops.inputs_and_labels(batch, at)
    if device is None or (is_known(device) and plain(device) is None):
        return images, labels
    moved = [reader.method(one, "to", Call((device,), {}, at)) for one in (images, labels)]
    return moved[0], moved[1]


# ---------------------------------------------------------------------- schedules


@OVERLAY.handles("ignite.handlers.LRScheduler", "ignite.handlers.param_scheduler.LRScheduler",
                 "ignite.contrib.handlers.LRScheduler", "ignite.contrib.handlers.param_scheduler.LRScheduler",
                 "*.create_lr_scheduler_with_warmup")  # fmt: skip
def _wrapped_schedule(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """One of torch's schedules as a handler, with or without a warm-up."""
    return call.arg(0, "lr_scheduler")


@OVERLAY.handles("*.CosineAnnealingScheduler", "*.LinearCyclicalScheduler", "*.PiecewiseLinear")
def _own_schedule(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """One of Ignite's schedules, which set the optimizer's learning rate regardless of its initial value."""
    name = getattr(call.node, "func", None)
    short = getattr(name, "attr", getattr(name, "id", ""))
    optimizer = call.arg(0, "optimizer")
    if not isinstance(optimizer, Thing) or plain(call.arg(1, "param_name")) != "lr":
        return None
    if short == "PiecewiseLinear":
        marks = call.arg(2, "milestones_values")
        pairs = marks.items if isinstance(marks, Items) else ()
        rates = [one.items[1] for one in pairs if isinstance(one, Items) and len(one.items) == 2]
        made, kwargs = "get_linear_schedule_with_warmup", {}
    else:
        rates = [one for one in (call.arg(2, "start_value"), call.arg(3, "end_value")) if one is not None]
        cosine, length = short == "CosineAnnealingScheduler", call.arg(4, "cycle_size")
        made = "CosineAnnealingLR" if cosine else "CyclicLR"
        kwargs = {"T_max": length} if cosine and length is not None else {}
    known = all(isinstance(plain(rate), int | float) for rate in rates)
    peak = max(rates, key=lambda rate: float(plain(rate))) if rates and known else None
    hidden = unknown(Reason.UNFOLLOWED, f"{short} sets it to values that are not known", call.at)
    reader.write(optimizer.kwargs, "lr", peak or hidden)
    return reader.call(Ref(call.at, SCHEDULE + made), Call((optimizer,), kwargs, call.at))


@OVERLAY.handles("*.ReduceLROnPlateauScheduler")
def _plateau(reader: Reader, base: Value | None, call: Call) -> Value | None:
    given = {name: value for name, value in call.kwargs.items() if name not in ("optimizer", "metric_name", "trainer")}
    optimizer = call.arg(0, "optimizer")
    if optimizer is None:
        return None
    return reader.call(Ref(call.at, f"{SCHEDULE}ReduceLROnPlateau"), Call((optimizer,), given, call.at))


@OVERLAY.handles("*.setup_common_training_handlers")
def _common_handlers(reader: Reader, base: Value | None, call: Call) -> Value | None:
    engine, schedule = call.arg(0, "trainer"), call.kwargs.get("lr_scheduler")
    if _is_engine(engine) and engine is not None and schedule is not None:
        _attach(reader, engine, Ref(call.at, "ignite.engine.Events.ITERATION_COMPLETED"), schedule)
    return Const(call.at, None)


# ---------------------------------------------------------------------- ignite.distributed and checkpoints


@OVERLAY.handles("ignite.distributed.auto_model", "ignite.distributed.auto.auto_model")
def _auto_model(reader: Reader, base: Value | None, call: Call) -> Value | None:
    model = call.arg(0, "model")
    return reader.method(model, "to", Call((Ref(call.at, "torch.device"),), {}, call.at)) if model else None


@OVERLAY.handles("ignite.distributed.auto_optim", "ignite.distributed.auto.auto_optim")
def _auto_optimizer(reader: Reader, base: Value | None, call: Call) -> Value | None:
    return call.arg(0, "optimizer")


@OVERLAY.handles("ignite.distributed.auto_dataloader", "ignite.distributed.auto.auto_dataloader")
def _auto_loader(reader: Reader, base: Value | None, call: Call) -> Value | None:
    return Thing(call.at, name="torch.utils.data.DataLoader", args=call.args, kwargs=call.kwargs)


def _is_launcher(value: Value | None) -> bool:
    return isinstance(value, Thing) and value.package == "ignite" and value.short == "Parallel"


@OVERLAY.handles(".run", of=_is_launcher)
def _parallel(reader: Reader, base: Value | None, call: Call) -> Value | None:
    return _launched(reader, call.arg(0, "func"), call.args[1:], call)


@OVERLAY.handles("ignite.distributed.spawn")
def _spawn(reader: Reader, base: Value | None, call: Call) -> Value | None:
    given = call.arg(2, "args")
    return _launched(reader, call.arg(1, "fn"), given.items if isinstance(given, Items) else (), call)


def _launched(reader: Reader, function: Value | None, given: tuple[Value, ...], call: Call) -> Value | None:
    if not isinstance(function, Function):
        return None
    kwargs = {name: value for name, value in call.kwargs.items() if name in {a.arg for a in function.node.args.args}}
    reader.call(function, Call((unknown(Reason.PLACEHOLDER, "the process's number", call.at), *given), kwargs, call.at))
    return Const(call.at, None)


@OVERLAY.handles("*.load_objects")
def _load_objects(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """Checkpoint.load_objects: load the state of each object that it is given."""
    into, state = call.arg(0, "to_load"), call.arg(1, "checkpoint")
    if not isinstance(into, Table) or state is None:
        return None
    for one in into.pairs.values():
        reader.method(one, "load_state_dict", Call((state,), {}, call.at))
    return Const(call.at, None)
