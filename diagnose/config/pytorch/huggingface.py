"""Hugging Face's Trainer: its TrainingArguments are the configuration, its loop is its own."""

from __future__ import annotations

from diagnose.catalogue import optimizers
from diagnose.config.facts import Facts
from diagnose.config.pytorch.data import transform_of, way_of_function
from diagnose.config.pytorch.network import state_weights
from diagnose.config.pytorch.observations import options, replaced
from diagnose.config.pytorch.steps import settle
from diagnose.config.pytorch.transforms import way_of
from diagnose.model import Program, Step
from diagnose.program import modules
from diagnose.program.reader import Reader
from diagnose.program.values import Function, Instance, Table, Thing, Value, plain

FIELDS: dict[str, tuple[str, type, object]] = {
    "learning_rate": ("learning_rate", float, 5e-5),
    "per_device_train_batch_size": ("batch_size", int, 8),
    "num_train_epochs": ("epochs", int, 3),
    "weight_decay": ("weight_decay", float, 0.0),
    "lr_scheduler_type": ("schedule", str, "linear"),
    "seed": ("seed", int, 42),
    "dataloader_drop_last": ("drop_last", bool, False),
}
# Names that TrainingArguments has and plain configurations rarely do.
MARKS = ("per_device_train_batch_size", "num_train_epochs", "lr_scheduler_type", "gradient_accumulation_steps", "optim")


def read(reader: Reader, facts: Facts) -> Program | None:
    """The program of a transformers.Trainer; None where there is none."""
    trainers = [e.result for e in reader.events if e.name == "transformers.Trainer" and isinstance(e.result, Thing)]
    if not trainers:
        return None
    trainer = trainers[0]
    given = trainer.arg(1, "args")
    arguments = given.kwargs if isinstance(given, Thing) else given.attrs if isinstance(given, Instance) else {}
    at = given.at if given is not None else trainer.at
    for name, (field, kind, default) in FIELDS.items():
        facts.take(field, arguments.get(name), kind, default=default, at=at)
    optim = plain(arguments.get("optim"), "adamw_torch")
    facts.know("optimizer", optimizers.canonical(str(optim)), at)
    facts.know("shuffle", True, trainer.at)
    facts.know("loss", "cross_entropy", trainer.at)  # what its image classifiers compute
    facts.know("output_activation", "none", trainer.at)
    model = trainer.arg(0, "model")
    if isinstance(model, Thing) and modules.architecture(model):
        facts.know("model", str(modules.architecture(model)), model.at)
        state_weights(model, facts)
        facts.take("head", model.kwargs.get("num_labels"), int)
    dataset = trainer.kwargs.get("train_dataset")
    transform = transform_of(reader, dataset)
    way = way_of_function(reader, transform) if isinstance(transform, Function) else way_of(reader, transform)
    settle(way, facts)
    held_out = trainer.kwargs.get("eval_dataset")
    val_transform = transform_of(reader, held_out)
    val_way = (
        way_of_function(reader, val_transform) if isinstance(val_transform, Function) else way_of(reader, val_transform)
    )
    settle(val_way, facts, val=True)
    return Program(
        framework="pytorch",
        managed_by="Hugging Face's Trainer",
        train_steps=_steps(way),
        val_steps=_steps(val_way),
        validates=held_out is not None,
        seeded=True,  # the Trainer seeds by itself
        batch_norm_or_dropout=True,
        observations=(*options(reader), *replaced(reader)),
        training=trainer.at,
    )


def _steps(way: object) -> tuple[Step, ...] | None:
    steps = getattr(way, "steps", None)
    return tuple(steps) if steps is not None else None


def read_arguments(table: Table, facts: Facts) -> bool:
    """TrainingArguments as saved to JSON; says whether they are such."""
    pairs: dict[str, Value] = table.pairs
    if sum(name in pairs for name in MARKS) < 2:
        return False
    for name, (field, kind, _) in FIELDS.items():
        if name in pairs:
            facts.take(field, pairs[name], kind)
    optim = plain(pairs.get("optim"))
    if isinstance(optim, str):
        facts.know("optimizer", optimizers.canonical(optim), pairs["optim"].at)
    return True
