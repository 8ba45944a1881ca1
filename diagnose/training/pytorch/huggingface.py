"""Hugging Face's Trainer, whose TrainingArguments are the configuration and whose loop is built in."""

from __future__ import annotations

from collections.abc import Mapping

from diagnose.catalogue import optimizers
from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Call, Event, Function, Instance, Table, Thing, Value, clause, is_known, plain
from diagnose.libraries import networks
from diagnose.model import Location, Program, Step
from diagnose.training.fields import Fields
from diagnose.training.pytorch.data import transform_of, way_of_function
from diagnose.training.pytorch.facts import options, replaced
from diagnose.training.pytorch.network import state_weights
from diagnose.training.pytorch.steps import Pipeline, settle
from diagnose.training.pytorch.transforms import way_of

# Fields by TrainingArguments' names, with their defaults (transformers 4 and 5).
FIELDS: dict[str, tuple[str, type, object]] = {
    "learning_rate": ("learning_rate", float, 5e-5),
    "per_device_train_batch_size": ("batch_size", int, 8),
    "num_train_epochs": ("epochs", int, 3),
    "weight_decay": ("weight_decay", float, 0.0),
    "seed": ("seed", int, 42),
    "dataloader_drop_last": ("drop_last", bool, False),
}
SCHEDULES = {"linear": "linear", "cosine": "cosine", "constant": "constant", "polynomial": "polynomial",
             "cosine_with_restarts": "cosine_restarts", "constant_with_warmup": "constant",
             "inverse_sqrt": "inverse_sqrt", "reduce_lr_on_plateau": "plateau",
             "cosine_with_min_lr": "cosine"}  # fmt: skip
# Names in TrainingArguments that other configurations rarely have.
MARKS = ("per_device_train_batch_size", "num_train_epochs", "lr_scheduler_type", "gradient_accumulation_steps", "optim")
# A Trainer, with its positional and keyword arguments.
Made = tuple[Thing | Instance, tuple[Value, ...], Mapping[str, Value]]


def read(reader: Reader, fields: Fields) -> Program | None:
    """The program of a transformers.Trainer; None where there is none.

    Writes the settings of TrainingArguments, the model and the datasets into `fields`, with the Trainer's defaults.
    """
    made = [found for event in reader.trace if (found := _trainer(event)) is not None]
    started = {id(event.target) for event in reader.trace.calls(".train")}
    trained = [one for one in made if id(one[0]) in started] or made
    if not trained:
        return None
    program = _described(reader, trained[0], fields)
    for later in trained[1:]:
        other = Fields(fields.file)
        _described(reader, later, other)
        fields.differ(other, "trains")
    return program


def _described(reader: Reader, found: Made, fields: Fields) -> Program:
    trainer, given_args, keywords = found
    given = keywords.get("args") or (given_args[1] if len(given_args) > 1 else None)
    _describe_arguments(given, trainer, fields)
    _describe_optimizers(keywords.get("optimizers"), fields)
    fields.know("shuffle", True, trainer.at)
    fields.know("output_activation", "none", trainer.at)
    own_loss = isinstance(trainer, Instance) and trainer.cls.find("compute_loss") is not None
    if own_loss or "compute_loss_func" in keywords:
        fields.unknown("loss", "the program computes it by a function of its own")
    else:
        fields.know("loss", "cross_entropy", trainer.at)  # the loss of its image classifiers
    model = keywords.get("model") or (given_args[0] if given_args else None) or _initialised(reader, keywords)
    _describe_model(reader, model, fields)
    way = _way(reader, keywords.get("train_dataset"))
    settle(way, fields)
    held_out = keywords.get("eval_dataset")
    val_way = _way(reader, held_out)
    settle(val_way, fields, val=True)
    return Program(
        framework="pytorch",
        managed_by="Hugging Face's Trainer",
        train_steps=_steps(way),
        val_steps=_steps(val_way),
        validates=_validates(reader, given, held_out),
        seeded=True,  # the Trainer sets a seed by default
        batch_norm_or_dropout=True,
        seen=(*options(reader), *replaced(reader)),
        training=trainer.at,
    )


def _trainer(event: Event) -> Made | None:
    """The Trainer that the event creates, of the library's or the program's own class, with its arguments."""
    if event.name in ("transformers.Trainer", "transformers.trainer.Trainer") and isinstance(event.result, Thing):
        return event.result, event.args, event.kwargs
    made = event.result
    if event.kind == "make" and isinstance(made, Instance):
        own = [base.name for one in made.cls.lineage() for base in one.bases if hasattr(base, "name")]
        if any(name in ("transformers.Trainer", "transformers.trainer.Trainer") for name in own):
            return made, event.args, event.kwargs
    return None


def _arguments(given: Value | None) -> tuple[dict[str, Value], bool]:
    """The arguments of TrainingArguments, and whether they are complete."""
    if isinstance(given, Thing) and given.short.endswith("TrainingArguments"):
        return given.kwargs, not given.attrs.get("__partial__")
    if isinstance(given, Instance):
        return given.attrs, True
    return {}, given is None


def _describe_arguments(given: Value | None, trainer: Value, fields: Fields) -> None:
    arguments, whole = _arguments(given)
    at = given.at if given is not None else trainer.at
    if not whole:
        why = f"TrainingArguments receives what was not read ({clause(given)})" if not arguments else (
            "TrainingArguments receives arguments that were not read")  # fmt: skip
        for field, _, _ in FIELDS.values():
            fields.unknown(field, why)
    steps = arguments.get("max_steps")
    limited = steps is not None and plain(steps, 1) not in (-1, None)
    for name, (field, kind, default) in FIELDS.items():
        if field == "epochs" and limited:
            fields.unknown("epochs", "training stops after max_steps steps")
        elif name in arguments or whole:
            fields.take(field, arguments.get(name), kind, default=default, at=at)
    _by_name("schedule", arguments.get("lr_scheduler_type"), "linear" if whole else None, at, fields)
    _by_name("optimizer", arguments.get("optim"), "adamw_torch" if whole else None, at, fields)


def _by_name(field: str, value: Value | None, default: str | None, at: Location, fields: Fields) -> None:
    """The schedule or optimizer in TrainingArguments, given by a name or an enum member."""
    name = plain(value, None) if value is not None else default
    member = getattr(value, "name", "")
    if name is None and "." in str(member) and str(member).rpartition(".")[2].isupper():
        name = str(member).rpartition(".")[2].lower()  # SchedulerType.COSINE
    if not isinstance(name, str):
        fields.unknown(field, clause(value) if value is not None else "TrainingArguments was not read")
        return
    name = name.lower()
    known = SCHEDULES.get(name, name) if field == "schedule" else optimizers.canonical(name)
    fields.know(field, known, value.at if value is not None else at)


def _describe_optimizers(given: Value | None, fields: Fields) -> None:
    """Apply Trainer(optimizers=(optimizer, schedule)), which overrides its TrainingArguments."""
    if given is not None and not (is_known(given) and plain(given) in ((None, None), [None, None])):
        for field in ("optimizer", "learning_rate", "weight_decay", "schedule"):
            fields.forget(field, "the Trainer is given an optimizer or schedule of the program's own")


def _initialised(reader: Reader, keywords: Mapping[str, Value]) -> Value | None:
    """The network that model_init returns."""
    make = keywords.get("model_init")
    return reader.call(make, Call((), {}, make.at)) if isinstance(make, Function) else None


def _describe_model(reader: Reader, model: Value | None, fields: Fields) -> None:
    if not isinstance(model, Thing):
        return
    if model.short == "from_config":
        fields.know("weights", "none", model.at)
        name = _configuration_name(model.arg(0, "config"))
        if name is not None:
            fields.know("model", name, model.at)
        return
    if not networks.architecture(model):
        return
    fields.know("model", str(networks.architecture(model)), model.at)
    state_weights(model, fields)
    fields.take("head", model.kwargs.get("num_labels"), int)
    flags = reader.trace.sets("requires_grad")
    if not flags:
        fields.know("frozen", (), model.at)
    elif any(event.guards for event in flags) or any(plain(event.args[0]) is False for event in flags):
        fields.unknown("frozen", "which of its parameters the program freezes was not followed")


def _configuration_name(config: Value | None) -> str | None:
    """The checkpoint whose configuration an untrained network is built from."""
    name = plain(config.arg(0)) if isinstance(config, Thing) and config.short == "from_pretrained" else None
    return name.rpartition("/")[2] if isinstance(name, str) else None


def _validates(reader: Reader, given: Value | None, held_out: Value | None) -> bool:
    """Whether it evaluates during training, or the program evaluates afterwards.

    Where the strategy is unknown, an evaluation dataset counts.
    """
    if reader.trace.calls(".evaluate", ".predict"):
        return True
    if held_out is None:
        return False
    arguments, whole = _arguments(given)
    strategy = arguments.get("eval_strategy") or arguments.get("evaluation_strategy")
    if strategy is None:
        return not whole or plain(arguments.get("do_eval"), False) is True or given is None
    return str(plain(strategy, "epoch")).lower() != "no"


def _way(reader: Reader, dataset: Value | None) -> Pipeline | None:
    """The steps of the images through the transforms of a dataset, or of the one it was split from."""
    for _ in range(6):
        way = _own_way(reader, dataset)
        if way is not None or not isinstance(dataset, Thing):
            return way
        dataset = dataset.base
    return None


def _own_way(reader: Reader, dataset: Value | None) -> Pipeline | None:
    if isinstance(dataset, Thing) and dataset.name == ".map" and dataset.args and dataset.short == "map":
        function = dataset.arg(0, "function")
        return way_of_function(reader, function) if isinstance(function, Function) else None
    set_later = next((event.args[0] for event in reader.trace if event.args and event.target is dataset
                      and event.name in (".set_transform", ".with_transform")), None)  # fmt: skip
    transform = set_later or transform_of(reader, dataset)
    return way_of_function(reader, transform) if isinstance(transform, Function) else way_of(reader, transform)


def _steps(way: Pipeline | None) -> tuple[Step, ...] | None:
    return tuple(way.steps) if way is not None and not way.unsure else None


def read_arguments(table: Table, fields: Fields) -> bool:
    """Write saved TrainingArguments into `fields`. Returns False, with nothing written, for another table."""
    pairs: dict[str, Value] = table.pairs
    if sum(name in pairs for name in MARKS) < 2:
        return False
    for name, (field, kind, _) in FIELDS.items():
        if name in pairs:
            fields.take(field, pairs[name], kind)
    for field, name in (("schedule", "lr_scheduler_type"), ("optimizer", "optim")):
        if name in pairs:
            _by_name(field, pairs[name], None, pairs[name].at, fields)
    return True
