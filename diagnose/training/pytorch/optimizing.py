"""Reads the program's loss, optimizer, schedule and epochs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TypeGuard

from diagnose.catalogue import losses, optimizers, schedules
from diagnose.catalogue.schedules import FORMS
from diagnose.interpreter.reader import Reader
from diagnose.interpreter.reasons import GROWS, Reason
from diagnose.interpreter.values import (
    Class,
    Const,
    Either,
    Event,
    Instance,
    Items,
    Loop,
    Table,
    Thing,
    Value,
    clause,
    plain,
    unknown,
)
from diagnose.libraries import is_understood
from diagnose.libraries.networks import is_network
from diagnose.model import ScheduleAhead, Scheduler
from diagnose.training.fields import Fields, ancestors, snake
from diagnose.training.pytorch.sessions import ANY_OPTIMIZER, Session, optimizers_in

LOSSES = losses.TORCH
UNREAD = "the optimizer is given arguments that were not read"


# ---------------------------------------------------------------------- loss


def outputs_of(call: Thing) -> Value | None:
    """The outputs in a criterion's call; None where there are none."""
    return call.arg(0, "input", "logits", "outputs")


def loss_call(loss: Value | None) -> Thing | None:
    """The call of a known criterion that computed a loss, its args (outputs, targets).

    None where none was found.
    """
    for one in ancestors(loss, 600):
        functional = isinstance(one, Thing) and (one.name.startswith("torch.nn.functional") or one.short[:1].islower())
        if (
            isinstance(one, Thing)
            and functional
            and one.short in LOSSES
            and one.name[:1] != "."
            and len(one.args) + len(one.kwargs) >= 2
        ):
            return one
        if isinstance(one, Thing) and one.name == "()" and _criterion(one.base) is not None:
            return one
    return None


def _criterion(value: Value | None) -> Thing | None:
    if isinstance(value, Either):
        return next((c for o in value.options if (c := _criterion(o))), None)
    return value if isinstance(value, Thing) and value.short in LOSSES else None


def describe_loss(session: Session, fields: Fields) -> None:
    """Write loss into `fields`, unknown where no criterion is found or a condition chooses among several."""
    call = loss_call(session.loss)
    if call is None:
        base = next(
            (one.base for one in ancestors(session.loss, 200) if isinstance(one, Thing) and one.name == "()"), None
        )
        if isinstance(base, Instance):
            fields.know("loss", snake(base.cls.name), base.at)
        else:
            fields.unknown("loss", f"no known criterion was found ({clause(session.loss)})")
        return
    names = sorted({name for loss in (session.loss, *session.other_losses) if (name := _loss_name(loss_call(loss)))})
    if len(names) > 1:
        fields.unknown("loss", f"it is {' or '.join(names)}, by a condition that is known at run time only")
        return
    made = _criterion(call.base) if call.name == "()" else call
    assert made is not None
    fields.know("loss", LOSSES[made.short], made.at)


def _loss_name(call: Thing | None) -> str | None:
    made = _criterion(call.base) if call is not None and call.name == "()" else call
    return LOSSES[made.short] if made is not None else None


# ---------------------------------------------------------------------- optimizer


def optimizer_name(value: Value) -> str | None:
    """The catalogue's name of an optimizer, or its class in lower case; None where it is unknown."""
    if isinstance(value, Instance):
        return value.cls.name.lower()
    if not isinstance(value, Thing) or value.name == ANY_OPTIMIZER:
        return None
    if value.short in optimizers.FACTORIES:
        given = value.arg(1, "opt", "optimizer_name")
        if isinstance(given, Table):
            given = given.pairs.get("opt")
        name = plain(given, "sgd" if given is None else None)
        return optimizers.canonical(str(name)) if name else None
    return optimizers.canonical(value.short)


def groups_of(optimizer: Value) -> list[tuple[Value | None, dict[str, Value]]] | None:
    """Parameter groups as (parameters, their own settings); None where they are unknown."""
    if not isinstance(optimizer, Thing):
        return None
    given = optimizer.arg(0, "params", "model_or_params", "model")
    if isinstance(given, Items) and given.items and all(isinstance(item, Table) for item in given.items):
        return [(item.pairs.get("params"), {k: v for k, v in item.pairs.items() if k != "params"})
                for item in given.items if isinstance(item, Table)]  # fmt: skip
    return [(given, {})]


def describe_optimizer(reader: Reader, session: Session, fields: Fields) -> None:
    """Write optimizer, learning_rate, momentum and weight_decay into `fields`, with the library's defaults.

    Each is unknown where no optimizer is found, or where the possible ones differ in it.
    """
    if not session.optimizers:
        for field in ("optimizer", "learning_rate", "momentum", "weight_decay"):
            fields.unknown(field, "no optimizer was found that the training loop steps")
        return
    optimizer = session.optimizers[0]
    name = optimizer_name(optimizer)
    if len(session.optimizers) > 1:
        names = {optimizer_name(one) for one in session.optimizers}
        if len(names) > 1 or None in names:
            why = " or ".join(sorted(str(n) for n in names))
            fields.unknown("optimizer", f"it is {why}, by a condition that is known at run time only")
            _agreeing(reader, session.optimizers, fields)
            return
    if name is None:
        fields.unknown("optimizer", clause(optimizer))
        return
    fields.know("optimizer", name, optimizer.at)
    if len(session.optimizers) > 1:
        _agreeing(reader, session.optimizers, fields)
    elif isinstance(optimizer, Thing):
        _rates(reader, optimizer, name, fields)


def _agreeing(reader: Reader, optimizers: list[Value], fields: Fields) -> None:
    """Write the fields on which all possible optimizers agree."""
    readings = []
    for optimizer in optimizers:
        own = Fields(fields.file)
        if isinstance(optimizer, Thing) and (its_name := optimizer_name(optimizer)):
            _rates(reader, optimizer, its_name, own)
        readings.append(own)
    for field in ("learning_rate", "weight_decay", "momentum"):
        settings = [own.settings.get(field) for own in readings]
        first = settings[0]
        if (
            first is not None
            and first.known
            and all(s is not None and s.known and s.value == first.value for s in settings)
        ):
            fields.settings[field] = first
        else:
            fields.unknown(field, "it depends on the optimizer, of which there are several")


def _rates(reader: Reader, optimizer: Thing, name: str, fields: Fields) -> None:
    entry, at = optimizers.find(name), optimizer.at
    if entry is not None and entry.wraps and optimizer.args:
        within = optimizer.args[0]
        if isinstance(within, Thing) and (its_name := optimizer_name(within)):
            _rates(reader, within, its_name, fields)
        return
    timm = optimizer.short in optimizers.FACTORIES
    usual = entry.of("timm" if timm else "torch") if entry else optimizers.Defaults()
    given: dict[str, Value | None] = {
        "lr": optimizer.arg(-1 if timm else 1, "lr", "learning_rate"),
        "momentum": optimizer.arg(2 if name == "sgd" and not timm else -1, "momentum"),
        "weight_decay": optimizer.kwargs.get("weight_decay")
        or (optimizer.arg(4, "weight_decay") if name == "sgd" else None),
    }
    cfg = optimizer.arg(0) if optimizer.short == "create_optimizer" else None
    for one in (cfg, optimizer.arg(1) if timm else None):
        if isinstance(one, Table):
            given |= {key: one.pairs.get(key) for key in given}
    if reader.is_open(at):
        usuals = {"lr": usual.rate, "momentum": usual.momentum, "weight_decay": usual.decay}
        given = {key: value or (unknown(Reason.UNREAD, UNREAD, at) if usuals[key] is not None else None)
                 for key, value in given.items()}  # fmt: skip
    groups = groups_of(optimizer) or []
    own_rates = [group["lr"] for _, group in groups if "lr" in group]
    if given["lr"] is None and own_rates:
        values = {plain(rate, None) for rate in own_rates}
        if len(values) == 1 and None not in values and len(own_rates) == len(groups):
            fields.take("learning_rate", own_rates[0], float)
        else:
            rates = ", ".join(f"{value:g}" for value in values if isinstance(value, int | float))
            fields.unknown("learning_rate", f"its parameter groups have rates of their own ({rates})")
    elif given["lr"] is None and not timm and any(_hides_settings(held) for held, _ in groups):
        fields.unknown("learning_rate", "its parameter groups are not known, and may have rates of their own")
    else:
        fields.take("learning_rate", given["lr"], float, default=usual.rate, at=at)
    fields.take("momentum", given["momentum"], float, default=usual.momentum, at=at)
    decays = [group["weight_decay"] for _, group in groups if "weight_decay" in group]
    if given["weight_decay"] is None and decays:
        known = [value for value in (plain(decay) for decay in decays) if isinstance(value, int | float)]
        biggest = max(decays, key=lambda d: plain(d, 0.0) if isinstance(plain(d, 0.0), int | float) else 0.0)
        if len(known) == len(decays):
            fields.take("weight_decay", biggest, float)  # groups without decay hold biases and batch norm parameters
        else:
            fields.unknown("weight_decay", "its parameter groups have decays of their own")
    elif given["weight_decay"] is None and not timm and any(_hides_settings(held) for held, _ in groups):
        fields.unknown("weight_decay", "its parameter groups are not known, and may have decays of their own")
    else:
        fields.take("weight_decay", given["weight_decay"], float, default=usual.decay, at=at)


def _hides_settings(held: Value | None) -> bool:
    """Whether an optimizer's parameters may be groups with their own settings: they were made in a way that was not
    followed, rather than taken unchanged from a network."""
    if is_network(held) or (isinstance(held, Items) and (held.items or not held.partial)):
        return False
    sources = (one for one in ancestors(held, 60) if isinstance(one, Thing))
    return not any(one.name in ("parameter", ".parameters", ".named_parameters") for one in sources)


# ---------------------------------------------------------------------- schedule


def find_schedulers(reader: Reader, session: Session) -> list[Scheduler]:
    """The library's schedules over the session's optimizers, with where each is stepped."""
    ids = {id(one) for one in session.optimizers}
    made: list[Thing] = []
    inner: set[int] = set()
    for event in reader.trace:
        thing = event.result
        if (
            event.kind != "call"
            or not isinstance(thing, Thing)
            or thing.short not in schedules.FORMS
            or thing.name.startswith(".")
        ):
            continue
        over = _optimizers_under(thing)
        if any(id(one) in ids for one in over) and thing not in made:
            made.append(thing)
            if _inside_own(reader, thing):
                inner.add(id(thing))
            if thing.short in schedules.WRAPPERS:
                inner |= {id(a) for a in ancestors(Items(thing.at, (*thing.args, *thing.kwargs.values())), 60)}
    inner |= _of_other_trainings(reader, session)
    return [_scheduler(reader, session, thing) for thing in made if id(thing) not in inner]


def _of_other_trainings(reader: Reader, session: Session) -> set[int]:
    """The schedules over the same optimizer that the library's loop steps in another of its trainings."""
    if not session.managed:
        return set()
    configured = [(event, list(ancestors(event.args[0], 60))) for event in reader.trace
                  if event.kind == "managed" and event.name == ".backward" and event.args]  # fmt: skip
    own = {id(one) for event, parts in configured if event is session.backward for one in parts}
    return {id(one) for _, parts in configured for one in parts if id(one) not in own}


def _optimizers_under(thing: Thing) -> list[Value]:
    """The optimizers of a schedule; those of the schedules that it wraps where it has none itself."""
    parts = [*thing.args[:2], *thing.kwargs.values()]
    found = [one for part in parts for one in optimizers_in(part)]
    if found or thing.short not in schedules.WRAPPERS:
        return found
    held = [one for part in parts for one in (part.items if isinstance(part, Items) else (part,))]
    inner = [one for one in held if isinstance(one, Thing) and one.short in schedules.FORMS]
    return [one for schedule in inner for one in _optimizers_under(schedule)]


def _inside_own(reader: Reader, thing: Thing) -> bool:
    """Whether a schedule was passed to a schedule of the program's own class, which steps it."""
    return any(
        event.kind == "make"
        and isinstance(event.result, Instance)
        and _schedules(event.result.cls)
        and any(one is thing for one in (*event.args, *event.kwargs.values()))
        for event in reader.trace
    )


def _scheduler(reader: Reader, session: Session, thing: Thing) -> Scheduler:
    name = schedules.FORMS[thing.short][0].name
    steps = [e for e in reader.trace.calls(".step", ".step_update") if _is(e.target, thing)]
    in_epochs = plain(thing.kwargs["t_in_epochs"]) if "t_in_epochs" in thing.kwargs else True
    if thing.name.startswith("timm.scheduler.") and in_epochs is not None:  # only one of its step methods works
        steps = [e for e in steps if e.name == (".step" if in_epochs else ".step_update")] or steps
    stepped, place = "never", None
    for event in steps:
        where = _where(reader, session, event)
        if stepped == "never" or where == "batch":
            stepped, place = where, event.at
    if session.managed and not steps:
        stepped, place = _managed_interval(session, thing), thing.at
    length = _length_argument(thing)
    period = plain(length)
    marks = plain(thing.arg(1, "milestones")) if name == "multistep" else None
    from_loader = any(
        isinstance(one, Thing) and (one.name == "builtins.len" or one.short == "estimated_stepping_batches")
        for one in ancestors(length, 80)
    )
    per_epoch = thing.arg(-1, "steps_per_epoch")
    gamma = plain(thing.arg(1 if name == "exponential" else 2, "gamma"))
    return Scheduler(
        name=name,
        location=thing.at,
        stepped=stepped,
        step_location=place,
        period=int(period) if _is_count(period) else None,
        milestones=tuple(int(m) for m in marks)
        if isinstance(marks, list | tuple) and all(_is_count(m) for m in marks)
        else (),
        counts_batches=from_loader or per_epoch is not None,
        given_metric=name != "plateau" or all(e.args or e.kwargs for e in steps),
        factor=float(gamma) if _is_count(gamma) else None,
        counts_epochs=thing.name.startswith("timm.scheduler.")
        and in_epochs is True
        and any(e.name == ".step" and _where(reader, session, e) == "batch" and _counts_updates(e) for e in steps),
    )


def _counts_updates(step: Event) -> bool:
    """Whether a schedule's step gets a batch number, as opposed to an epoch or a fraction of one."""
    given = step.args[0] if step.args else None
    return isinstance(given, Thing) and given.name == "op+" and given.why == GROWS


def schedules_ahead(reader: Reader, session: Session, schedulers: list[Scheduler]) -> Iterator[ScheduleAhead]:
    """Schedules that are stepped per batch, on the same conditions as the optimizer and before it."""
    optimizer = next((e for e in session.steps if session.batch_loop in e.loops), None)
    by_batch = {one.location: one.name for one in schedulers if one.stepped == "batch"}
    for event in reader.trace.calls(".step", before=optimizer.index if optimizer else 0):
        name = by_batch.get(event.target.at) if isinstance(event.target, Thing) else None
        alike = optimizer is not None and (event.guards, event.loops) == (optimizer.guards, optimizer.loops)
        if name is not None and alike:
            yield ScheduleAhead(event.at, schedule=name)


def _is(value: Value | None, thing: Thing) -> bool:
    if isinstance(value, Thing) and value.name == "[]":
        value = value.base  # scheduler, epochs = create_scheduler_v2(...)
    return value is thing or (isinstance(value, Either) and thing in value.options)


def _is_count(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _length_argument(thing: Thing) -> Value | None:
    length = schedules.FORMS[thing.short][1].length
    return thing.arg(length.place, length.name) if length else None


def _where(reader: Reader, session: Session, event: Event) -> str:
    if session.batch_loop is not None and session.batch_loop in event.loops:
        return "batch"
    if session.epoch_loop is None or session.epoch_loop in event.loops:
        first = session.steps[0].index if session.steps else session.backward.index
        return "before" if event.index < first and not event.args and not _of_old_torch(reader) else "epoch"
    return "epoch"


def _of_old_torch(reader: Reader) -> bool:
    """Whether a program is written for PyTorch before 1.1, where a schedule is stepped before the epoch's batches."""
    return any("volatile" in event.kwargs for event in reader.trace.calls("torch.autograd.Variable"))


def _managed_interval(session: Session, thing: Thing) -> str:
    """Lightning's interval: once per epoch, or once per batch where configure_optimizers says so."""
    configured = session.backward.args[0] if session.backward.args else None
    for one in ancestors(configured, 60):
        table = one.pairs if isinstance(one, Table) else {}
        if plain(table.get("interval")) == "step" and "optimizer" not in table:  # ignored next to the optimizer
            return "batch"
    return "epoch" if any(one is thing for one in ancestors(configured, 60)) else "never"


def describe_schedule(reader: Reader, session: Session, schedulers: list[Scheduler], fields: Fields) -> None:
    """Write schedule into `fields`: that of `schedulers`, "manual" where the loop sets the rate, else "constant".

    Unknown where there are several, or one of the program's own class. Writes nothing without an optimizer.
    """
    acting = [one for one in schedulers if one.stepped != "never"]
    if acting:
        names = {one.name for one in acting}
        if len(names) > 1 and "warmup" in names:
            names -= {"warmup", "lambda"} if len(names) > 2 else {"warmup"}
        if names == {"scheduler"}:
            fields.unknown("schedule", "it is chosen by a name that is not known")
        elif len(names) == 1:
            name = names.pop()
            fields.know("schedule", name, next(one for one in acting if one.name == name).location)
        else:
            fields.unknown("schedule", f"there are several: {', '.join(sorted(names))}")
        return
    own = _own_scheduler(reader, session)
    if own is not None:
        fields.unknown("schedule", f"it is of the program's own class {own.cls.name} (line {own.at.line})")
        return
    if (why := _unknown_managed(session)) is not None:
        fields.unknown("schedule", why)
        return
    if (event := _unknown_step(reader, session)) is not None:
        fields.unknown("schedule", f"what step() is called on at line {event.at.line} is not known")
        return
    for event in reader.trace:
        by_item = event.kind == "set" and event.name == "['lr']"
        by_update = event.name == ".update" and "lr" in event.kwargs and _of_groups(event.target)
        if (by_item or by_update) and any(not loop.unrolled for loop in event.loops):
            fields.know("schedule", "manual", event.at)
            return
    if session.optimizers:
        fields.know("schedule", "constant", session.optimizers[0].at)


def _unknown_managed(session: Session) -> str | None:
    """Why the schedule in a library's loop is unknown; None where it is known, or where there is none."""
    configured = session.backward.args[0] if session.managed and session.backward.args else None
    for one in ancestors(configured, 60):
        if isinstance(one, Table):
            given = [one.pairs.get(name) for name in ("scheduler", "lr_scheduler")]
            parts = [part for value in given for part in (value.items if isinstance(value, Items) else (value,))]
            found = next((part for part in parts if isinstance(part, Thing) and part.name in ("", "()")), None)
            if found is not None:
                return clause(found)
    return None


def _unknown_step(reader: Reader, session: Session) -> Event | None:
    """A call of step() on a possible schedule: one from an unknown function, or over an unknown optimizer."""
    ids = {id(one) for one in session.optimizers}
    for event in reader.trace.calls(".step", ".step_update"):
        made = event.target
        if isinstance(made, Thing) and made.short in schedules.FORMS and not _optimizers_under(made):
            return event
        known = not isinstance(made, Thing) or made.short in FORMS or id(made) in ids
        if not known and _may_be_a_schedule(made) and any(id(one) in ids for one in ancestors(made, 60)):
            return event
    return None


def _may_be_a_schedule(made: Value | None) -> bool:
    """Whether an object's origin is unknown, or named as a schedule."""
    if not isinstance(made, Thing):
        return False
    if made.name in ("", "()"):
        return not isinstance(made.base, Instance)
    named = made.name[:1].isalpha() and "." in made.name
    return named and (not is_understood(made.package) or "sched" in made.name.lower())


def _own_scheduler(reader: Reader, session: Session) -> Instance | None:
    """A schedule of the program's own class over the session's optimizers, or wrapping a schedule over them."""
    ids = {id(one) for one in session.optimizers}
    for event in reader.trace:
        made = event.result
        if event.kind != "make" or not isinstance(made, Instance) or not _schedules(made.cls):
            continue
        if any(id(one) in ids for one in ancestors(Items(made.at, (*event.args, *event.kwargs.values())), 200)):
            return made
    return None


def _schedules(cls: Class) -> bool:
    """Whether a class of the program is a schedule: it derives from a library's, or is named as one and steps."""
    bases = cls.foreign()
    named = any(word in cls.name.lower() for word in ("schedul", "warmup", "lrpolicy", "annealing"))
    return any(base in FORMS or base in ("_LRScheduler", "LRScheduler") for base in bases) or (
        named and cls.find("step") is not None
    )


def _of_groups(value: Value | None) -> bool:
    """Whether a value is one of an optimizer's parameter groups."""
    return any(isinstance(one, Thing) and one.name == ".param_groups" for one in ancestors(value, 20))


def describe_added_groups(reader: Reader, session: Session, fields: Fields) -> None:
    """Mark learning_rate or weight_decay in `fields` as unknown where a group added later has its own."""
    for event in reader.trace:
        if event.name != ".add_param_group" or not any(event.target is one for one in session.optimizers):
            continue
        group = event.args[0] if event.args else event.kwargs.get("param_group")
        for name, field in (("lr", "learning_rate"), ("weight_decay", "weight_decay")):
            setting = fields.settings.get(field)
            given = group.pairs.get(name) if isinstance(group, Table) else group
            if setting is not None and setting.known and given is not None and plain(given) != setting.value:
                fields.forget(field, f"a parameter group added at line {event.at.line} has its own")


# ---------------------------------------------------------------------- epochs


def describe_epochs(reader: Reader, session: Session, fields: Fields) -> None:
    """Write epochs into `fields`, unknown where no loop over epochs is found."""
    value = count_of(session.epoch_loop)
    if (counted := _counts_batches(reader, session)) is not None:
        fields.unknown("epochs", f"the loop (line {counted.at.line}) counts batches")
    elif value is None:
        fields.unknown("epochs", "no loop over epochs was found")
    else:
        fields.take("epochs", value, int)


def _counts_batches(reader: Reader, session: Session) -> Loop | None:
    """The loop around the training where it counts batches: they come from next(), or increment its counter."""
    loop, inner = session.epoch_loop, session.batch_loop
    if loop is None or session.managed:
        return None
    if loop is inner:
        batch = session.forward.args[0] if session.forward and session.forward.args else None
        made = {id(one) for one in ancestors(batch)}
        draws = reader.trace.calls("builtins.next", ".next", ".__next__")
        return loop if any(loop in e.loops and id(e.result) in made for e in draws) else None
    over = loop.over
    counter = over.args[0] if isinstance(over, Thing) and over.name == "compare" else None
    adds = (e for e in reader.trace if e.kind == "add" and e.target is counter and counter is not None)
    return loop if any(inner in event.loops for event in adds) else None


def count_of(loop: Loop | None) -> Value | None:
    """How often a loop over range(), or up to a limit, runs; None for any other loop."""
    over = loop.over if loop is not None else None
    if isinstance(over, Thing) and over.name in ("builtins.enumerate",) and over.args:
        over = over.args[0]
    if not isinstance(over, Thing):
        return None
    if over.name == "managed.epochs":
        return over.args[0]
    if over.name == "builtins.range":
        if len(over.args) == 1:
            return over.args[0]
        if len(over.args) >= 2:
            start, stop = plain(over.args[0]), plain(over.args[1])
            if isinstance(start, int) and isinstance(stop, int):
                at = over.args[1].at if over.args[1].at != over.args[0].at else over.at
                return Const(at, max(0, stop - start))
            return over.args[1]
    if over.name == "compare" and len(over.args) == 2:
        return over.args[1]
    return None
