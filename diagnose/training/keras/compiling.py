"""The settings of compile() and of fit()'s callbacks: optimizer, learning rate, loss and schedule."""

from __future__ import annotations

import ast
from dataclasses import replace

from diagnose.catalogue import losses, optimizers, schedules
from diagnose.catalogue.optimizers import Defaults
from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Event, Function, Instance, Items, Thing, Value, clause, is_known, plain
from diagnose.libraries import is_understood
from diagnose.model import Location
from diagnose.training.fields import Fields, snake
from diagnose.training.keras.layers import word

COMPILED = ("optimizer", "learning_rate", "momentum", "weight_decay", "loss")
# Names a callback uses where it may change the learning rate, and where it may validate.
OF_THE_RATE = frozenset(("lr", "learning_rate", "optimizer", "set_value"))
OF_VALIDATION = frozenset(("evaluate", "predict", "predict_on_batch", "test_on_batch", "model"))
DECOUPLED = ("AdamW", "SGDW")  # of tensorflow_addons, whose first argument is the weight decay


def argument(event: Event, place: int, name: str) -> Value | None:
    """An argument of fit() or fit_generator(), by its name or its place in fit(); None where it is not given."""
    if name in event.kwargs:
        return event.kwargs[name]
    if event.name == ".fit_generator":
        place = {"batch_size": -1, "epochs": 2, "validation_data": 5, "callbacks": 4, "y": -1, "x": 0}.get(name, -1)
    return event.args[place] if 0 <= place < len(event.args) else None


def compilations(reader: Reader, model: Value | None, before: int) -> list[Event]:
    """The compile() calls that may apply when the model is fitted, latest first, back to an unconditional one.

    before: the index of the event that fits the model.
    """
    found: list[Event] = []
    for event in reversed(reader.trace[:before]):
        if event.kind == "call" and event.name == ".compile" and event.target is model:
            found.append(event)
            if not event.guards:
                break
    return found


def replaced(compiled: Event, optimizer: Value | None, loss: Value | None) -> Event:
    """A call of compile() with another optimizer and loss; None keeps its own."""
    own = optimizer or compiled.arg(0, "optimizer")
    other = loss or loss_of(compiled)
    given = {name: value for name, value in (("optimizer", own), ("loss", other)) if value is not None}
    return replace(compiled, name=".compile", args=(), kwargs={**compiled.kwargs, **given})


def loss_of(compiled: Event) -> Value | None:
    """The loss passed to compile(); None where there is none."""
    return compiled.arg(1, "loss")


def describe_compiled(reader: Reader, event: Event, fields: Fields) -> None:
    """Write optimizer, learning_rate, momentum, weight_decay and loss of one compile() into `fields`.

    Also schedule, where the learning rate is a schedule; anything computed at run time is unknown.
    """
    if reader.is_open(event.at):
        for name in ("optimizer", "learning_rate", "loss"):
            if name not in event.kwargs:
                fields.unknown(name, f"compile() at line {event.at.line} is given arguments that are not known")
    given = event.arg(0, "optimizer")
    if given is not None or not reader.is_open(event.at):
        _optimizer(given, event.at, fields)
    loss = loss_of(event)
    known = loss_name(loss)
    if known is not None and loss is not None:
        fields.know("loss", known, loss.at)
    else:
        fields.unknown("loss", _own_loss(loss))


def _own_loss(loss: Value | None) -> str:
    if isinstance(loss, Function):
        return f"it is {loss.name}() of the program"
    return f"it is {loss.cls.name}() of the program" if isinstance(loss, Instance) else clause(loss)


def loss_name(value: Value | None) -> str | None:
    """A loss's name in the catalogue; None for the program's own, an unknown one, and several that differ."""
    if isinstance(value, Thing) and value.name.startswith("keras.losses."):
        if value.short == "get":
            return loss_name(value.arg(0, "identifier"))
        return snake(value.short)
    if isinstance(value, Items) and value.items:
        names = {loss_name(item) for item in value.items}
        return names.pop() if len(names) == 1 else None
    name = word(value)
    return losses.KERAS_WORDS.get(name, snake(name)) if name else None


def _usual(name: str) -> Defaults:
    """Keras's defaults for an optimizer; empty for one that isn't in the catalogue."""
    entry = optimizers.find(name)
    return entry.of("keras") if entry else Defaults(None)


def _optimizer(value: Value | None, at: Location, fields: Fields) -> None:
    if isinstance(value, Thing) and value.short in ("LossScaleOptimizer", "get") and value.args:
        _optimizer(value.args[0], at, fields)
        return
    nothing = value is None or (is_known(value) and plain(value) is None)
    text = "rmsprop" if nothing else plain(value)  # compile's own default
    if isinstance(text, str):
        place = at if nothing or value is None else value.at
        name, usual = optimizers.canonical(text), _usual(text)
        fields.know("optimizer", name, place)
        if usual.rate is not None:
            fields.know("learning_rate", usual.rate, place)
        fields.know("weight_decay", usual.decay or 0.0, place)
        if name == "sgd":
            fields.know("momentum", usual.momentum or 0.0, place)
        return
    if not isinstance(value, Thing) or not value.short[:1].isupper():
        for field in ("optimizer", "learning_rate", "weight_decay", "schedule"):
            fields.unknown(field, clause(value))
        return
    _made(value, fields)


def _made(value: Thing, fields: Fields) -> None:
    """Read an optimizer given as an instance of its class."""
    name, own = optimizers.canonical(value.short), value.package == "keras"
    fields.know("optimizer", name, value.at)
    swapped = not own and value.short in DECOUPLED
    _rate(value, value.arg(1 if swapped else 0, "learning_rate", "lr"), name, fields)
    if name == "sgd":
        fields.take("momentum", value.arg(1, "momentum"), float, default=0.0, at=value.at)
    decay = value.kwargs.get("weight_decay") or (value.arg(0 if swapped else 1) if name in ("adamw", "sgdw") else None)
    fields.take("weight_decay", decay, float, default=(_usual(name).decay or 0.0) if own else None, at=value.at)
    if not own and decay is None:
        fields.unknown("weight_decay", f"what {value.short} takes by default is not known")
    old_decay = value.kwargs.get("decay")
    if old_decay is not None and plain(old_decay, 1) not in (0, 0.0):
        fields.know("schedule", "inverse_time", old_decay.at)


def _rate(value: Thing, rate: Value | None, name: str, fields: Fields) -> None:
    if isinstance(rate, Thing) and rate.short in schedules.FORMS:
        fields.know("schedule", schedules.FORMS[rate.short][0].name, rate.at)
        start = rate.arg(0, "initial_learning_rate")
        if rate.short == "PiecewiseConstantDecay":
            values = rate.arg(1, "values")
            start = values.items[0] if isinstance(values, Items) and values.items else None
        if rate.kwargs.get("warmup_target") is not None:
            start = rate.kwargs["warmup_target"]
        fields.take("learning_rate", start, float)
        return
    if rate is not None and not is_known(rate):
        fields.unknown("schedule", f"whether its learning rate is a schedule is not known: {clause(rate)}")
    default = _usual(name).rate if value.package == "keras" else None
    fields.take("learning_rate", rate, float, default=default, at=value.at)
    if rate is None and default is None:
        fields.unknown("learning_rate", f"what {value.short} takes by default is not known")


def set_later(reader: Reader, model: Value | None, compiled: Event | None, before: int, fields: Fields) -> None:
    """Write learning_rate into `fields` where the optimizer's is set after compile() and before the event `before`.

    Unknown where that depends on a condition.
    """
    for event in reader.trace[compiled.index if compiled else 0 : before]:
        if not _is_rate_of(event, model, compiled):
            continue
        value = event.args[-1] if event.args else None
        if event.guards:
            fields.forget("learning_rate", f"it may be set at line {event.at.line}")
        else:
            fields.settings.pop("learning_rate", None)
            fields.take("learning_rate", value, float)


def _is_rate_of(event: Event, model: Value | None, compiled: Event | None) -> bool:
    """Whether an event is optimizer.learning_rate = …, …assign(…) or backend.set_value(model.optimizer.lr, …)."""
    target: Value | None = event.target
    if event.kind == "set" and event.name in (".learning_rate", ".lr"):
        owner = target
    elif event.kind == "call" and (event.name == ".assign" or event.name.endswith(".set_value")):
        rate = target if event.name == ".assign" else (event.args[0] if event.args else None)
        if not isinstance(rate, Thing) or rate.name not in (".learning_rate", ".lr"):
            return False
        owner = rate.base
    else:
        return False
    if isinstance(owner, Thing) and owner.name == ".optimizer":
        return owner.base is model
    made = compiled.arg(0, "optimizer") if compiled else None
    return owner is not None and owner is made


def describe_own_schedule(reader: Reader, event: Event, compiled: Event | None, fields: Fields) -> None:
    """Write schedule into `fields` where the program's own loop sets the learning rate while it runs."""
    for one in reader.trace:
        if any(not loop.unrolled for loop in one.loops) and _is_rate_of(one, event.target, compiled):
            fields.know("schedule", "manual", one.at)
            return


# ---------------------------------------------------------------------- callbacks


def callbacks(event: Event) -> list[Value]:
    """The callbacks of fit(); an unknown list counts as one unknown callback."""
    given = argument(event, 5, "callbacks")
    if isinstance(given, Thing) and given.short == "CallbackList":
        given = given.arg(0, "callbacks")
    return list(given.items) if isinstance(given, Items) else [] if given is None or is_known(given) else [given]


def unread_callback(callback: Value, looks_at: frozenset[str]) -> str | None:
    """The name of a callback that may use one of the names `looks_at`; None where it is known not to.

    A callback of a library that the reader understands uses none, except LambdaCallback.
    """
    if isinstance(callback, Instance):
        nodes = [node for own in callback.cls.lineage() for node in ast.walk(own.node)]
        names = {node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "") for node in nodes}
        known = set(callback.cls.foreign()) <= {"Callback", "object"}
        return None if known and not names & looks_at else callback.cls.name
    if isinstance(callback, Thing) and callback.name[:1].isalpha():
        if callback.short == "LambdaCallback":
            return "LambdaCallback"
        return None if is_understood(callback.package) else callback.name
    return "a callback that is not known"


def describe_schedule(reader: Reader, event: Event, fields: Fields) -> None:
    """Write schedule into `fields`: from the callbacks of fit(), constant where none changes the rate.

    Unknown where an unread callback may change it; an already known schedule stays.
    """
    given = argument(event, 5, "callbacks")
    for callback in callbacks(event):
        if isinstance(callback, Thing) and callback.short == "ReduceLROnPlateau":
            fields.know("schedule", "plateau", callback.at)
        elif isinstance(callback, Thing) and callback.short == "LearningRateScheduler":
            fields.know("schedule", "manual", callback.at)
        elif (name := unread_callback(callback, OF_THE_RATE)) is not None:
            fields.unknown("schedule", f"{name} may change the learning rate (line {callback.at.line})")
    if isinstance(given, Items) and given.partial:
        fields.unknown("schedule", "not all of its callbacks are known")
    elif given is None and reader.is_open(event.at):
        fields.unknown("schedule", f"fit() at line {event.at.line} is given arguments that are not known")
    elif "schedule" not in fields.settings:
        fields.know("schedule", "constant", event.at)
