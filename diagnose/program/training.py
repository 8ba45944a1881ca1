"""What training libraries do with what they are given: wrappers that are looked through, and managed loops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.model import Location
from diagnose.program import expressions, modules
from diagnose.program.library import handles
from diagnose.program.values import (
    Call,
    Const,
    Either,
    Function,
    Instance,
    Items,
    Loop,
    Ref,
    Table,
    Thing,
    Value,
    unknown,
)

if TYPE_CHECKING:
    from diagnose.program.reader import Reader


@handles("*.DataParallel", "*.DistributedDataParallel", "torch.compile", "*.DDP", "torch.jit.script", "*.tqdm",
         "*.convert_sync_batchnorm", "*.convert_syncbn_model", "tqdm.auto.tqdm", "*.track", "alive_progress.alive_it",
         "torch.jit.trace", "*.FullyShardedDataParallel", "rich.progress.track", "fastprogress.progress_bar",
         "*.progress_bar", "*.BackgroundGenerator", "*.get_raw_model", "*.unwrap_model", "*.master_bar")  # fmt: skip
def _looked_through(reader: Reader, base: Value | None, call: Call) -> Value | None:
    if call.args:
        return call.args[0]
    return next(
        (call.kwargs[name] for name in ("module", "model", "iterable", "sequence") if name in call.kwargs), None
    )


@handles("*.trange", "tqdm.trange")
def _trange(reader: Reader, base: Value | None, call: Call) -> Value | None:
    return Thing(call.at, name="builtins.range", args=call.args)


@handles(".to", ".cuda", ".cpu", ".float", ".half", ".double", ".train", ".eval", ".requires_grad_", ".apply",
         ".share_memory", ".type", ".contiguous", ".prepare_model", ".bfloat16",
         ".unwrap_model")  # fmt: skip
def _itself(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    name = getattr(getattr(call.node, "func", None), "attr", "")
    if name == "requires_grad_":
        flag = call.arg(0, "requires_grad") or Const(call.at, True)
        _set_trainable(reader, owner, flag, call.at)
    if name in ("prepare_model", "unwrap_model"):
        return call.arg(0)
    if name == "train" and isinstance(owner, Thing) and owner.short.endswith("Trainer"):
        return None
    if name == "compile" or isinstance(owner, Const | Table):
        return None
    if name == "apply" and _is_tensorflow(owner):
        return None  # a dataset that goes through a function
    return owner


def _is_tensorflow(value: Value | None) -> bool:
    """Whether a value was made by TensorFlow or Keras."""
    while isinstance(value, Thing) and isinstance(value.base, Thing):
        value = value.base
    return isinstance(value, Thing) and value.package in ("tensorflow", "keras", "tensorflow_datasets")


def _set_trainable(reader: Reader, owner: Value | None, flag: Value, at: Location) -> None:
    if isinstance(owner, Thing) and owner.name == "parameter":
        reader.set_attribute(owner, "requires_grad", flag, at)
    elif owner is not None and modules.is_network(owner):
        for _, parameter in list(modules.parameters(owner)):
            reader.set_attribute(parameter, "requires_grad", flag, at)


@handles(".parameters", ".named_parameters", ".children", ".named_children", ".modules", ".named_modules")
def _parts(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    if owner is None or not modules.is_network(owner):
        return None
    name = getattr(getattr(call.node, "func", None), "attr", "parameters")
    if "parameters" in name:
        rows = list(modules.parameters(owner))
    elif "children" in name:
        known = modules.children(reader, owner)
        if known is None:
            return None
        rows = known
    else:
        rows = _modules(owner)
    partial = any(isinstance(row[1], Thing) and not row[1].name for row in rows)
    if name.startswith("named"):
        return Items(
            call.at, tuple(Items(call.at, (Const(call.at, n), part), "tuple") for n, part in rows), partial=partial
        )
    return Items(call.at, tuple(part for _, part in rows), "list", partial)


def _modules(value: Value, prefix: str = "", depth: int = 0) -> list[tuple[str, Value]]:
    rows = [(prefix.rstrip("."), value)]
    for name, part in modules.children(None, value) or [] if depth < 6 else []:
        rows += _modules(part, f"{prefix}{name}.", depth + 1)
    return rows


@handles(".step")
def _closure(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    """An optimizer that is given the loss as a function, as LBFGS is."""
    closure = call.arg(0, "closure")
    return reader.call(closure, Call((), {}, call.at)) if isinstance(closure, Function) else None


@handles(".prepare", ".setup", "apex.amp.initialize", "deepspeed.initialize", ".setup_dataloaders")
def _prepared(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    """Accelerate, Fabric and apex give back what they are given."""
    if not call.args or isinstance(owner, Instance):
        return None
    return call.args[0] if len(call.args) == 1 else Items(call.at, call.args, "tuple")


@handles("torch.multiprocessing.spawn", "*.spawn", "*.notebook_launcher")
def _spawn(reader: Reader, base: Value | None, call: Call) -> Value | None:
    function, given = call.arg(0, "fn", "function"), call.arg(1, "args")
    if not isinstance(function, Function):
        return None
    more = given.items if isinstance(given, Items) else ()
    launcher = getattr(getattr(call.node, "func", None), "id", "") == "notebook_launcher"
    rank: tuple[Value, ...] = () if launcher else (unknown("the process's number", call.at),)
    reader.call(function, Call((*rank, *more), {}, call.at))
    return Const(call.at, None)


@handles("torch.cuda.is_available", "torch.accelerator.is_available", "torch.backends.cuda.is_built")
def _has_gpu(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """The long run that the program is read for has its accelerator."""
    return Const(call.at, True)


@handles("*.optimizer_kwargs")
def _timm_optimizer_kwargs(reader: Reader, base: Value | None, call: Call) -> Value | None:
    options = call.arg(0, "cfg")
    if not isinstance(options, Table):
        return None
    names = ("opt", "lr", "weight_decay", "momentum")
    options.read.update(names)
    return Table(call.at, {name: options.pairs[name] for name in names if name in options.pairs})


@handles("timm.utils.init_distributed_device", "timm.utils.distributed.init_distributed_device")
def _timm_distributed(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """One process, unless it is launched as several."""
    options = call.arg(0)
    if isinstance(options, Table):
        for name, data in {"distributed": False, "world_size": 1, "rank": 0, "local_rank": 0}.items():
            reader.write(options.pairs, name, Const(call.at, data))
    return Thing(call.at, name="torch.device", args=())


# ---------------------------------------------------------------------- managed loops


@handles(".save_hyperparameters")
def _save_hyperparameters(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    """Lightning keeps the arguments of __init__ as self.hparams."""
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


@handles(".fit")
def _fit(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    model = call.arg(0, "model")
    if isinstance(owner, Thing) and owner.short == "Trainer" and owner.package == "lightning" and model is not None:
        data = call.arg(1, "train_dataloaders", "train_dataloader", "datamodule") or call.kwargs.get("datamodule")
        held_out = call.arg(2, "val_dataloaders", "val_dataloader")
        epochs = owner.kwargs.get("max_epochs") or Const(owner.at, 1000)  # Lightning's default
        fit(reader, model, data, call.at, epochs, held_out)
    return None


@handles("*.LightningCLI")
def _lightning_cli(reader: Reader, base: Value | None, call: Call) -> Value | None:
    made = [reader.call(kind, Call((), {}, call.at)) if kind is not None else None
            for kind in (call.arg(0, "model_class"), call.arg(1, "datamodule_class"))]  # fmt: skip
    if made[0] is not None:
        fit(
            reader,
            made[0],
            made[1],
            call.at,
            unknown("LightningCLI takes max_epochs from its config file", call.at),
            None,
        )
    return None


def fit(
    reader: Reader, model: Value, data: Value | None, at: Location, epochs: Value | None, held_out: Value | None
) -> None:
    """A pass through Lightning's loops: configure_optimizers, training_step, validation_step."""
    if isinstance(model, Either):
        model = model.options[0]
    if not isinstance(model, Instance):
        return

    def hook(owner: Value | None, name: str, *args: Value) -> Value | None:
        found = owner.cls.find(name) if isinstance(owner, Instance) else None
        if not isinstance(found, Function):
            return None
        parameters = len(found.node.args.args) - 1
        return reader.method(owner, name, Call(tuple(args[:parameters]), {}, at))  # type: ignore[arg-type]

    for owner in (data, model):
        hook(owner, "prepare_data")
        hook(owner, "setup", Const(at, "fit"))
    hook(model, "configure_model")
    source: Value | None = data if isinstance(data, Instance) and data.cls.find("train_dataloader") else model
    loader = (
        hook(source, "train_dataloader")
        or (data if source is not data else None)
        or unknown("its data is not given", at)
    )
    if held_out is None:
        held_out = hook(source, "val_dataloader") or hook(source, "test_dataloader")
    configured = hook(model, "configure_optimizers") or unknown("configure_optimizers was not found", at)
    number = unknown("it counts batches", at)
    over = Thing(at, name="managed.epochs", args=(epochs or unknown("the Trainer was not found", at),))
    with reader.loop(Loop(over, over.args[0].at)):
        reader.event("managed", ".train", model, Call((), {}, at), model)
        with reader.loop(Loop(loader, at)):
            loss = hook(model, "training_step", expressions.element(reader, loader, at), number)
            if isinstance(loss, Table):
                loss = loss.pairs.get("loss")
            if loss is not None:
                reader.event("managed", ".backward", loss, Call((configured,), {}, loss.at), loss)
        if held_out is not None and not (isinstance(held_out, Const) and held_out.data is None):
            reader.event("managed", ".eval", model, Call((), {}, at), model)
            reader.contexts.append(Ref(at, "torch.no_grad"))
            with reader.loop(Loop(held_out, at)):
                batch = expressions.element(reader, held_out, at)
                hook(model, "validation_step", batch, number) or hook(model, "test_step", batch, number)
            reader.contexts.pop()
