"""Wrappers of training libraries, which return the wrapped object, and their launchers and closures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.interpreter.overlay import Overlay
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import (
    Call,
    Const,
    Event,
    Function,
    Instance,
    Items,
    Ref,
    Table,
    Thing,
    Value,
    plain,
    unknown,
)
from diagnose.libraries import networks
from diagnose.model import Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

OVERLAY = Overlay("wrappers")


@OVERLAY.handles(
    "*.DataParallel", "*.DistributedDataParallel", "torch.compile", "*.DDP", "torch.jit.script", "*.tqdm",
    "*.convert_sync_batchnorm", "*.convert_syncbn_model", "tqdm.auto.tqdm", "*.track", "alive_progress.alive_it",
    "torch.jit.trace", "*.FullyShardedDataParallel", "rich.progress.track", "fastprogress.progress_bar",
    "*.progress_bar", "*.BackgroundGenerator", "*.get_raw_model", "*.unwrap_model", "*.master_bar",
)  # fmt: skip
def _looked_through(reader: Reader, base: Value | None, call: Call) -> Value | None:
    if call.args:
        return call.args[0]
    return next(
        (call.kwargs[name] for name in ("module", "model", "iterable", "sequence") if name in call.kwargs), None
    )


@OVERLAY.handles("*.trange", "tqdm.trange")
def _trange(reader: Reader, base: Value | None, call: Call) -> Value | None:
    return Thing(call.at, name="builtins.range", args=call.args)


@OVERLAY.handles(
    ".to", ".cuda", ".cpu", ".float", ".half", ".double", ".train", ".eval", ".requires_grad_", ".apply",
    ".share_memory", ".type", ".contiguous", ".prepare_model", ".bfloat16", ".unwrap_model",
)  # fmt: skip
def _itself(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    name = getattr(getattr(call.node, "func", None), "attr", "")
    if name == "requires_grad_":
        flag = call.arg(0, "requires_grad") or Const(call.at, True)
        _set_trainable(reader, owner, flag, call.at)
    if name in ("train", "eval") and owner is not None and networks.is_network(owner):
        _set_mode(reader, owner, Const(call.at, False) if name == "eval" else call.arg(0, "mode"), call.at)
    if name in ("prepare_model", "unwrap_model"):
        return call.arg(0)
    if name == "train" and isinstance(owner, Thing) and owner.short.endswith("Trainer"):
        return None
    if name == "compile" or isinstance(owner, Const | Table):
        return None
    if name == "apply" and _is_tensorflow(owner):
        return None  # a dataset passed through a function
    return owner


def _set_mode(reader: Reader, owner: Value, mode: Value | None, at: Location) -> None:
    """Set `training` of the program's own modules in a network, as train() and eval() do."""
    for _, part in _modules(owner):
        if isinstance(part, Instance):
            reader.write(part.attrs, "training", mode or Const(at, True))


def _is_tensorflow(value: Value | None) -> bool:
    """Whether a value was made by TensorFlow or Keras."""
    while isinstance(value, Thing) and isinstance(value.base, Thing):
        value = value.base
    return isinstance(value, Thing) and value.package in ("tensorflow", "keras", "tensorflow_datasets")


def _set_trainable(reader: Reader, owner: Value | None, flag: Value, at: Location) -> None:
    if isinstance(owner, Thing) and owner.name == "parameter":
        reader.set_attribute(owner, "requires_grad", flag, at)
    elif owner is not None and networks.is_network(owner):
        for _, parameter in list(networks.parameters(owner)):
            reader.set_attribute(parameter, "requires_grad", flag, at)


@OVERLAY.handles(".parameters", ".named_parameters", ".children", ".named_children", ".modules", ".named_modules")
def _parts(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    if owner is None or not networks.is_network(owner):
        return None
    name = getattr(getattr(call.node, "func", None), "attr", "parameters")
    if "parameters" in name:
        rows = list(networks.parameters(owner))
    elif "children" in name:
        known = networks.children(reader, owner)
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
    for name, part in networks.children(None, value) or [] if depth < 6 else []:
        rows += _modules(part, f"{prefix}{name}.", depth + 1)
    return rows


@OVERLAY.handles(".step")
def _closure(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    """An optimizer whose step gets the loss as a closure, as with LBFGS."""
    closure = call.arg(0, "closure")
    return reader.call(closure, Call((), {}, call.at)) if isinstance(closure, Function) else None


@OVERLAY.handles(".prepare", ".setup", "apex.amp.initialize", "deepspeed.initialize", ".setup_dataloaders")
def _prepared(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    """Accelerate, Fabric and apex return their arguments."""
    if not call.args or isinstance(owner, Instance):
        return None
    return call.args[0] if len(call.args) == 1 else Items(call.at, call.args, "tuple")


@OVERLAY.handles("torch.multiprocessing.spawn", "*.spawn", "*.notebook_launcher")
def _spawn(reader: Reader, base: Value | None, call: Call) -> Value | None:
    function, given = call.arg(0, "fn", "function"), call.arg(1, "args")
    if not isinstance(function, Function):
        return None
    more = given.items if isinstance(given, Items) else ()
    launcher = getattr(getattr(call.node, "func", None), "id", "") == "notebook_launcher"
    rank: tuple[Value, ...] = () if launcher else (unknown(Reason.PLACEHOLDER, "the process's number", call.at),)
    reader.call(function, Call((*rank, *more), {}, call.at))
    return Const(call.at, None)


@OVERLAY.handles("torch.cuda.is_available", "torch.accelerator.is_available", "torch.backends.cuda.is_built")
def _has_gpu(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """True: the full training run is assumed to have an accelerator."""
    return Const(call.at, True)


SCHEDULES = {"linear": "get_linear_schedule_with_warmup", "cosine": "get_cosine_schedule_with_warmup",
             "cosine_with_restarts": "CosineAnnealingWarmRestarts", "polynomial": "PolynomialLR",
             "constant": "ConstantLR", "constant_with_warmup": "ConstantLR"}  # fmt: skip


@OVERLAY.handles(
    "transformers.get_scheduler", "transformers.optimization.get_scheduler", "diffusers.optimization.get_scheduler"
)
def _get_scheduler(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """Hugging Face's schedule by its name."""
    name, optimizer = plain(call.arg(0, "name")), call.arg(1, "optimizer")
    made = SCHEDULES.get(name) if isinstance(name, str) else None
    if made is None or optimizer is None:
        return None
    steps = {key: value for key, value in call.kwargs.items() if key == "num_training_steps"}
    return Thing(call.at, name=f"transformers.{made}", args=(optimizer,), kwargs=steps)


@OVERLAY.handles("transformers.TrainingArguments", "transformers.training_args.TrainingArguments")
def _training_arguments(reader: Reader, base: Value | None, call: Call) -> Value | None:
    made = Thing(call.at, name="transformers.TrainingArguments", args=call.args, kwargs=dict(call.kwargs))
    if call.partial:
        made.attrs["__partial__"] = True
    return made


TRAINING_CALLS = (".backward", ".fit", ".fit_generator", ".train_on_batch", ".fine_tune", ".fit_one_cycle")


@OVERLAY.answer("trains")
def trains(event: Event) -> bool:
    """Whether an event trains a network: backward(), fit(), train() of a Trainer and the like."""
    return event.kind in ("call", "managed") and (
        event.name in TRAINING_CALLS
        or (event.name == "()" and isinstance(event.target, Thing) and event.target.short.startswith("NativeScaler"))
        or (event.name == ".train" and isinstance(event.target, Thing) and event.target.short.endswith("Trainer"))
    )


def is_no_grad(value: Value) -> bool:
    """Whether a context or decorator stops gradients: no_grad, inference_mode, set_grad_enabled(False)."""
    name = value.name if isinstance(value, Ref | Thing) else ""
    short = name.rpartition(".")[2]
    if short == "set_grad_enabled" and isinstance(value, Thing):
        return plain(value.arg(0, "mode"), True) is False
    return short in ("no_grad", "inference_mode")
