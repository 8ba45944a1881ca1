"""Where the program meets a library: the dispatch of such calls, decorators, and fields of dataclasses.

What particular libraries do is registered by the modules beside this one with `@handles`.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from diagnose.catalogue import architectures, optimizers
from diagnose.model import Location
from diagnose.program.values import (
    Call,
    Class,
    Const,
    Event,
    Function,
    Instance,
    Ref,
    Super,
    Table,
    Thing,
    Value,
    plain,
    unknown,
)

if TYPE_CHECKING:
    from diagnose.program.reader import Reader

Handler = Callable[["Reader", Value | None, Call], Value | None]
HANDLERS: dict[str, Handler] = {}
BUILTINS = frozenset(dir(builtins))
ENDS = ("sys.exit", "os._exit", "builtins.exit", "builtins.quit", "raised")  # calls after which nothing follows

# One library under several names.
PREFIXES = (
    ("tensorflow.python.keras.", "keras."),
    ("tensorflow.compat.v1.keras.", "keras."),
    ("tensorflow.compat.v2.keras.", "keras."),
    ("tensorflow.keras.", "keras."),
    ("tensorflow.contrib.keras.", "keras."),
    ("tf_keras.", "keras."),
    ("keras.src.", "keras."),
    ("pytorch_lightning.", "lightning."),
    ("lightning.pytorch.", "lightning."),
    ("lightning.fabric.", "lightning."),
    ("torch.utils.tensorboard.", "tensorboard."),
)
# Libraries by name, so that a copy of one beside the program is not read as a part of it.
KNOWN = frozenset((
    *sys.stdlib_module_names, "torch", "torchvision", "timm", "keras", "tensorflow", "numpy", "scipy", "pandas",
    "matplotlib",
    "sklearn", "PIL", "cv2", "tqdm", "transformers", "lightning", "pytorch_lightning", "accelerate", "albumentations",
    "omegaconf", "hydra", "wandb", "yaml", "torchmetrics", "kornia", "einops", "absl", "click", "typer", "apex",
    "tensorboard",
    "tensorboardX", "jax", "flax", "fastai", "ignite", "monai", "tf_keras", "tensorflow_datasets", "tensorflow_hub",
))  # fmt: skip
TRAINING_CALLS = (".backward", ".fit", ".fit_generator", ".train_on_batch", ".fine_tune", ".fit_one_cycle")


@dataclass(frozen=True)
class Option:
    """An option of the command line as the program declares it."""

    name: str
    at: Location
    default: Value
    type: str  # the type's name, as in "bool"
    flag: bool  # whether it takes no value
    table: Table  # that holds it once parsed


def canonical(name: str) -> str:
    """The library's own name for what has several, such as tensorflow.keras and keras."""
    for prefix, own in PREFIXES:
        if name.startswith(prefix) or name == prefix[:-1]:
            return (own + name[len(prefix) :]).rstrip(".")
    return name


def handles(*names: str) -> Callable[[Handler], Handler]:
    """Registers what a call comes to: by full name, by "*.Name" of any library, by ".method", by
    "@decorator" where it decorates a function, by "<Base" where a class of the program derived from it is made.

    Raises ValueError for a name that is handled already.
    """

    def register(handler: Handler) -> Handler:
        for name in names:
            if name in HANDLERS:
                raise ValueError(f"{name} is handled by {HANDLERS[name].__module__} and {handler.__module__}")
            HANDLERS[name] = handler
        return handler

    return register


def call(reader: Reader, name: str, base: Value | None, call: Call) -> Value:
    """The result of a call of a library's name, or of what a library made: then `name` is "()" and `base` that.

    Records the call as an event.
    """
    name = canonical(name)
    handler = HANDLERS.get(name) or HANDLERS.get("*." + name.rpartition(".")[2]) if name != "()" else HANDLERS.get("()")
    told = handler(reader, base, call) if handler else None
    if told is None:
        why = f"it comes from {name}() when the program runs" if name != "()" else _why(base)
        told = Thing(call.at, name=name, args=call.args, kwargs=call.kwargs, base=base, why=why)
    reader.event("call", name, base, call, told)
    return told


def method(reader: Reader, owner: Value, name: str, made: Call) -> Value:
    """The result of a method that the program did not define itself. Records the call as an event."""
    if isinstance(owner, Ref):
        return call(reader, f"{owner.name}.{name}", None, made)
    if isinstance(owner, Super):
        if name == "__init__":
            reader.event("call", ".super", owner.of, made, owner.of)
            begin(reader, owner.of, made)
            return Const(made.at, None)
        owner = owner.of
    handler = HANDLERS.get(f".{name}")
    told = handler(reader, owner, made) if handler else None
    if told is None:
        told = Thing(made.at, name=f".{name}", base=owner, args=made.args, kwargs=made.kwargs, why=_why(owner))
    reader.event("call", f".{name}", owner, made, told)
    return told


def begin(reader: Reader, instance: Instance, made: Call) -> None:
    """What the library class does by itself when a class of the program that derives from it is made."""
    for name in dict.fromkeys(instance.cls.foreign()):
        if handler := HANDLERS.get(f"<{name}"):
            handler(reader, instance, made)


def _why(owner: Value | None) -> str:
    return owner.why if isinstance(owner, Thing) and owner.why else "it is known when the program runs"


def star_home(name: str, stars: list[str]) -> str:
    """The library that a name came from by `from … import *`, the likeliest where there are several."""
    if name in optimizers.CLASSES:
        part = "optim"
    elif name[:1].islower() and architectures.find(name):
        part = "models"
    else:
        return stars[-1]
    return next((star for star in stars if star.endswith(part)), stars[-1])


def trains(event: Event) -> bool:
    """Whether an event trains a network: backward(), fit(), train() of a Trainer and the like."""
    return event.kind in ("call", "managed") and (
        event.name in TRAINING_CALLS
        or (event.name == ".train" and isinstance(event.target, Thing) and event.target.short.endswith("Trainer"))
    )


def is_no_grad(value: Value) -> bool:
    """Whether a context or decorator stops gradients: no_grad, inference_mode, set_grad_enabled(False)."""
    name = value.name if isinstance(value, Ref | Thing) else ""
    short = name.rpartition(".")[2]
    if short == "set_grad_enabled" and isinstance(value, Thing):
        return plain(value.arg(0, "mode"), True) is False
    return short in ("no_grad", "inference_mode")


# ---------------------------------------------------------------------- functions and classes


def decorator_name(value: Value) -> str:
    """The dotted name of a decorator, "" where it is not a library's."""
    return value.name if isinstance(value, Ref | Thing) else ""


def has_decorator(function: Function | Class, *shorts: str) -> bool:
    """Whether one of the decorators has one of these last parts of its name."""
    return any(decorator_name(part).rpartition(".")[2] in shorts for part in function.decorators)


def bind(function: Function, owner: Value) -> Function:
    """The function with `owner` as its first argument; a static method as it is."""
    if has_decorator(function, "staticmethod"):
        return function
    return replace(function, bound=owner)


def bind_method(reader: Reader, function: Function, owner: Instance, at: Location) -> Value:
    """A method of an instance, bound; a property's value, a class method bound to the class."""
    if has_decorator(function, "property", "cached_property"):
        return reader.call(bind(function, owner), Call((), {}, at))
    return bind(function, owner.cls if has_decorator(function, "classmethod") else owner)


def decorated(reader: Reader, function: Function) -> Value:
    """A function after its decorators; those that fill its parameters are followed, others left aside."""
    for name, default in list(function.defaults.items()):
        if isinstance(default, Thing) and default.name in ("typer.Option", "typer.Argument"):
            function.defaults[name] = default.arg(0, "default") or Const(default.at, None)
    for decorator in function.decorators:
        name = decorator_name(decorator)
        handler = HANDLERS.get(f"@{name}") or HANDLERS.get(f"@*.{name.rpartition('.')[2]}")
        if handler and isinstance(decorator, Thing):
            handler(reader, function, Call(decorator.args, decorator.kwargs, decorator.at))
        elif handler:
            handler(reader, function, Call((), {}, decorator.at))
        if isinstance(decorator, Thing) and decorator.short == "command" and isinstance(decorator.base, Thing):
            decorator.base.attrs["__command__"] = function
    return function


GENERIC = (
    "build",
    "create",
    "get",
    "make",
    "load",
    "init",
    "setup",
    "prepare",
    "main",
    "initialize",
    "define",
    "model",
    "net",
)


def name_network(function: Function, result: Value, call: Call) -> None:
    """Note in a network the name of the function that made it, such as ResNet18.

    Names such as build_model, methods, and functions in another file than the class are passed over.
    """
    generic = function.name.lower().split("_")[0] in GENERIC or function.bound is not None
    if isinstance(result, Instance) and result.at.file == function.at.file and not generic:
        result.attrs.setdefault("__maker__", Const(call.at, function.name))
    elif isinstance(result, Instance) and "__maker__" not in result.attrs and function.bound is None:
        result.attrs.setdefault("__made_at__", Const(call.at, None))


def fill_fields(reader: Reader, instance: Instance, call: Call) -> None:
    """Set the fields of a dataclass's instance as its generated __init__ would, then call __post_init__."""
    order: list[str] = []
    for cls in reversed(list(instance.cls.lineage())):
        annotated = cls.names.get("__annotations__")
        if isinstance(annotated, Table):
            order += [name for name in annotated.pairs if name not in order]
    given = dict(zip(order, call.args, strict=False)) | call.kwargs
    for name in order:
        value = given.get(name) or _field_default(reader, instance.cls.find(name), call.at)
        if value is None:
            value = unknown(f"`{name}` of {instance.cls.name} has no default", call.at)
        instance.attrs[name] = value
    for name, value in call.kwargs.items():
        instance.attrs.setdefault(name, value)
    after = instance.cls.find("__post_init__")
    if isinstance(after, Function):
        reader.call(bind(after, instance), Call((), {}, call.at))


def _field_default(reader: Reader, value: Value | None, at: Location) -> Value | None:
    if isinstance(value, Thing) and value.short in ("field", "Field", "ib"):
        if default := value.arg(0 if value.short != "field" else -1, "default"):
            return default
        maker = value.arg(-1, "default_factory", "factory")
        return reader.call(maker, Call((), {}, value.at)) if maker else None
    return value


def fit_lightning(reader: Reader, model: Value, data: Value | None, at: Location, epochs: Value | None = None,
                  held_out: Value | None = None) -> None:  # fmt: skip
    """Read what Lightning's Trainer does with a module and its data, each loop once; see `lightning.fit`."""
    from diagnose.program.lightning import fit

    fit(reader, model, data, at, epochs, held_out)
