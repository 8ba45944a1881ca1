"""Lightning's loops: what its Trainer does with a module and its data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.interpreter.overlay import Overlay
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import (
    Call,
    Class,
    Const,
    Either,
    Function,
    Instance,
    Items,
    Table,
    Thing,
    Value,
    plain,
    unknown,
)
from diagnose.libraries import loops
from diagnose.libraries.loops import hook
from diagnose.model import Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

OVERLAY = Overlay("lightning")

DEFAULT_EPOCHS = 1000  # of Lightning's Trainer, where neither epochs nor steps are given
RATES, SIZES = ("lr", "learning_rate"), ("batch_size",)
COMMANDS = ("fit", "validate", "test", "predict")


# ---------------------------------------------------------------------- modules


@OVERLAY.handles(".save_hyperparameters")
def _save_hyperparameters(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    """Store the arguments of __init__ as self.hparams."""
    if not isinstance(owner, Instance):
        return None
    start = owner.cls.find("__init__")
    names = [a.arg for a in (*start.node.args.args, *start.node.args.kwonlyargs)] if isinstance(start, Function) else []
    given = call.arg(0)
    if isinstance(given, Table):
        kept = Table(given.at, dict(given.pairs), given.partial, given.read)
    else:
        own = {name: reader.local(name) for name in names if name != "self"}
        kept = Table(call.at, {name: value for name, value in own.items() if value is not None})
    reader.write(owner.attrs, "hparams", kept)
    return Const(call.at, None)


@OVERLAY.handles("lightning.utilities.model_helpers.get_torchvision_model")
def _torchvision_model(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """Lightning's helper, which equals torchvision's get_model."""
    kwargs = {"name" if name == "model_name" else name: value for name, value in call.kwargs.items()}
    return Thing(call.at, name="torchvision.models.get_model", args=call.args, kwargs=kwargs)


@OVERLAY.handles(".optimizers", ".lr_schedulers")
def _configured(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    """Manual optimisation: the result of configure_optimizers."""
    if not isinstance(owner, Instance):
        return None
    wanted = getattr(getattr(call.node, "func", None), "attr", "optimizers") == "lr_schedulers"
    found = _parts(owner.attrs.get("__configured__"), wanted)
    if not found:
        return None
    return found[0] if len(found) == 1 else Items(call.at, tuple(found))


def _parts(configured: Value | None, schedules: bool) -> list[Value]:
    """The optimizers, or the schedules, among what configure_optimizers returns."""
    if isinstance(configured, Table):
        inner = configured.pairs.get("lr_scheduler" if schedules else "optimizer")
        if schedules and isinstance(inner, Table):
            inner = inner.pairs.get("scheduler")
        return [inner] if inner is not None else []
    if not isinstance(configured, Items):
        return [configured] if configured is not None and not schedules else []
    lists = [part.items for part in configured.items if isinstance(part, Items)]
    if len(lists) == len(configured.items) == 2:  # ([optimizers], [schedules])
        return [part for one in lists[int(schedules)] for part in (_parts(one, schedules) or [one])]
    return [found for one in configured.items for found in _parts(one, schedules)]


# ---------------------------------------------------------------------- the Trainer


def _is_trainer(value: Value | None) -> bool:
    return isinstance(value, Thing) and value.short == "Trainer" and value.package == "lightning"


@OVERLAY.handles("lightning.Trainer", "lightning.trainer.Trainer", "lightning.trainer.trainer.Trainer")
def _trainer(reader: Reader, base: Value | None, call: Call) -> Value | None:
    made = Thing(call.at, name="lightning.Trainer", args=call.args, kwargs=dict(call.kwargs))
    if call.partial:
        made.attrs["__partial__"] = True
    return made


@OVERLAY.handles("lightning.Trainer.from_argparse_args")
def _from_options(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """A Trainer whose arguments are the options of the same names."""
    options = call.arg(0, "args")
    pairs = options.pairs if isinstance(options, Table) else {}
    made = Thing(call.at, name="lightning.Trainer", kwargs={**pairs, **call.kwargs})
    if not isinstance(options, Table) or options.partial:
        made.attrs["__partial__"] = True
    return made


def _epochs(trainer: Thing) -> Value:
    """How many epochs a Trainer runs, by its arguments."""
    epochs, steps = trainer.kwargs.get("max_epochs"), trainer.kwargs.get("max_steps")
    limited = steps is not None and plain(steps, ...) not in (None, -1)
    limited = limited or trainer.kwargs.get("max_time") is not None
    if limited:
        return unknown(Reason.UNFOLLOWED, "the Trainer stops by steps or time (max_steps, max_time)", trainer.at)
    if plain(trainer.kwargs.get("fast_dev_run"), False):
        return Const(trainer.kwargs["fast_dev_run"].at, 1)
    if epochs is None and "__partial__" in trainer.attrs:
        return unknown(Reason.UNREAD, "the Trainer receives arguments that were not read", trainer.at)
    if epochs is None or (isinstance(epochs, Const) and epochs.data is None):
        return Const(trainer.at, DEFAULT_EPOCHS)
    return (
        unknown(Reason.UNFOLLOWED, "the Trainer runs until it is stopped", epochs.at) if plain(epochs) == -1 else epochs
    )


@OVERLAY.handles(".fit")
def _fit(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    model = call.arg(0, "model")
    if not _is_trainer(owner) or model is None:
        return None
    assert isinstance(owner, Thing)
    data = call.arg(1, "train_dataloaders", "train_dataloader", "datamodule") or call.kwargs.get("datamodule")
    held_out = call.arg(2, "val_dataloaders", "val_dataloader")
    if plain(owner.kwargs.get("limit_val_batches"), 1) in (0, 0.0):
        held_out = Const(call.at, None)
    path = call.kwargs.get("ckpt_path")
    if path is not None and not (isinstance(path, Const) and path.data is None):
        state = Thing(path.at, name="torch.load", args=(path,))
        reader.event("call", ".load_state_dict", model, Call((state,), {}, call.at), model)
    reader.write(owner.attrs, "__model__", model)
    if data is not None:
        reader.write(owner.attrs, "__data__", data)
    fit(reader, model, data, call.at, _epochs(owner), held_out)
    return None


@OVERLAY.handles(".validate", ".test")
def _evaluate(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    """Trainer.validate and Trainer.test: a pass over validation or test data."""
    if not isinstance(owner, Thing) or not _is_trainer(owner):
        return None
    name = getattr(getattr(call.node, "func", None), "attr", "validate")
    model = call.arg(0, "model") or owner.attrs.get("__model__")
    data = call.arg(1, "dataloaders", "test_dataloaders", "val_dataloaders", "datamodule") or call.kwargs.get(
        "datamodule"
    )
    data = data or owner.attrs.get("__data__")
    if not isinstance(model, Instance):
        return None
    loader = hook(reader, data, f"{'val' if name == 'validate' else 'test'}_dataloader", at=call.at)
    loader = loader or (data if not isinstance(data, Instance) else None)
    _pass(reader, model, loader or unknown(Reason.UNREAD, "its data is not given", call.at), call.at,
          "validation_step" if name == "validate" else "test_step")  # fmt: skip
    return None


@OVERLAY.handles(".lr_find", ".scale_batch_size", ".tune")
def _tuned(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    """Lightning's Tuner, which sets the module's learning rate, or batch size, by trial."""
    name = getattr(getattr(call.node, "func", None), "attr", "lr_find")
    trainer = owner.kwargs if isinstance(owner, Thing) else {}
    if plain(call.kwargs.get("update_attr"), True) is False:
        return None
    found: list[tuple[tuple[str, ...], str]] = []
    if name == "lr_find" or (name == "tune" and plain(trainer.get("auto_lr_find"), False)):
        given = plain(call.kwargs.get("attr_name")) or plain(trainer.get("auto_lr_find"))
        found.append(((given,) if isinstance(given, str) else RATES, "Lightning's learning rate finder sets it"))
    if name == "scale_batch_size" or (name == "tune" and plain(trainer.get("auto_scale_batch_size"), False)):
        found.append((SIZES, "Lightning's batch size finder sets it"))
    for names, why in found:
        for holder in (call.arg(0, "model"), call.kwargs.get("datamodule")):
            _forget(reader, holder, names, why, call.at)
    return None


def _forget(reader: Reader, holder: Value | None, names: tuple[str, ...], why: str, at: Location) -> None:
    if not isinstance(holder, Instance):
        return
    hparams = holder.attrs.get("hparams")
    for store in (holder.attrs, *([hparams.pairs] if isinstance(hparams, Table) else [])):
        for name in names:
            if name in store:
                reader.write(store, name, unknown(Reason.UNFOLLOWED, why, at))


# ---------------------------------------------------------------------- the loops


def fit(
    reader: Reader, model: Value, data: Value | None, at: Location, epochs: Value | None, held_out: Value | None
) -> None:
    """Read one pass through Lightning's loops: configure_optimizers, training_step, validation_step.

    data: a data module or loader, None where the module has its own. held_out: the validation loader; a constant None
    where the program does not validate.
    """
    if isinstance(model, Either):
        model = model.options[0]
    if not isinstance(model, Instance):
        return
    for owner in (data, model):
        hook(reader, owner, "prepare_data", at=at)
        hook(reader, owner, "setup", Const(at, "fit"), at=at)
    hook(reader, model, "configure_model", at=at)
    source: Value | None = data if isinstance(data, Instance) and data.cls.find("train_dataloader") else model
    loader = (
        hook(reader, source, "train_dataloader", at=at)
        or (data if source is not data else None)
        or unknown(Reason.UNREAD, "its data is not given", at)
    )
    if held_out is None:
        held_out = hook(reader, source, "val_dataloader", at=at) or hook(reader, source, "test_dataloader", at=at)
    configured = hook(reader, model, "configure_optimizers", at=at) or model.attrs.get("__configured__")
    configured = configured or unknown(Reason.UNREAD, "configure_optimizers was not found", at)
    reader.write(model.attrs, "__configured__", configured)
    with loops.epochs(reader, "Lightning", epochs or unknown(Reason.UNREAD, "the Trainer was not found", at), at):
        loops.train_mode(reader, model, at)
        hook(reader, model, "on_train_epoch_start", at=at)
        with loops.batches(reader, loader, at) as batch:
            loss = hook(
                reader, model, "training_step", batch, unknown(Reason.PLACEHOLDER, "it counts batches", at), at=at
            )
            if isinstance(loss, Table):
                loss = loss.pairs.get("loss")
            if loss is not None and plain(model.attrs.get("automatic_optimization"), True) is not False:
                loops.backward(reader, loss, configured)
        if held_out is not None and not (isinstance(held_out, Const) and held_out.data is None):
            _pass(reader, model, held_out, at, "validation_step", "test_step")
            hook(reader, model, "on_validation_epoch_end", at=at)
        hook(reader, model, "on_train_epoch_end", at=at)


def _pass(reader: Reader, model: Instance, loader: Value, at: Location, *steps: str) -> None:
    """A pass over validation images."""
    with loops.evaluation(reader, model, at), loops.batches(reader, loader, at) as batch:
        for step in steps:
            if hook(reader, model, step, batch, unknown(Reason.PLACEHOLDER, "it counts batches", at), at=at):
                break


@OVERLAY.answer("unmade")
def _unmade(reader: Reader, cls: Class) -> bool | None:
    """Read a module that nothing instantiates as if it were trained."""
    if "LightningModule" not in cls.foreign():
        return None
    held_out = unknown(Reason.UNREAD, "what fits it is not shown", cls.at) if cls.find("validation_step") else None
    fit(reader, reader.call(cls, Call((), {}, cls.at)), None, cls.at, None, held_out)
    return True
