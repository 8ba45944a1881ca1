"""Lightning's loops: what its Trainer does with a module and its data, and what LightningCLI makes of settings."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from diagnose.interpreter import expressions
from diagnose.interpreter.commandline import is_flag, location, typed
from diagnose.interpreter.imports import named
from diagnose.interpreter.overlay import Overlay
from diagnose.interpreter.tables import merge, set_dotted
from diagnose.interpreter.values import (
    Call,
    Class,
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
    plain,
    unknown,
)
from diagnose.libraries.parser import Parser
from diagnose.libraries.interpolation import resolve
from diagnose.libraries.settings import load_settings
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


@OVERLAY.handles("lightning.utilities.model_helpers.get_torchvision_model")
def _torchvision_model(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """Lightning's helper is torchvision's get_model."""
    kwargs = {"name" if name == "model_name" else name: value for name, value in call.kwargs.items()}
    return Thing(call.at, name="torchvision.models.get_model", args=call.args, kwargs=kwargs)


@OVERLAY.handles(".optimizers", ".lr_schedulers")
def _configured(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    """Manual optimisation: what configure_optimizers gave."""
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
    """A Trainer whose arguments are the options of its name."""
    options = call.arg(0, "args")
    pairs = options.pairs if isinstance(options, Table) else {}
    made = Thing(call.at, name="lightning.Trainer", kwargs={**pairs, **call.kwargs})
    if not isinstance(options, Table) or options.partial:
        made.attrs["__partial__"] = True
    return made


def _epochs(trainer: Thing) -> Value:
    """How many epochs a Trainer runs, where its arguments say so."""
    epochs, steps = trainer.kwargs.get("max_epochs"), trainer.kwargs.get("max_steps")
    limited = steps is not None and plain(steps, ...) not in (None, -1)
    limited = limited or trainer.kwargs.get("max_time") is not None
    if limited:
        return unknown("the Trainer stops by steps or time (max_steps, max_time)", trainer.at)
    if plain(trainer.kwargs.get("fast_dev_run"), False):
        return Const(trainer.kwargs["fast_dev_run"].at, 1)
    if epochs is None and "__partial__" in trainer.attrs:
        return unknown("the Trainer receives arguments that were not read", trainer.at)
    if epochs is None or (isinstance(epochs, Const) and epochs.data is None):
        return Const(trainer.at, DEFAULT_EPOCHS)
    return unknown("the Trainer runs until it is stopped", epochs.at) if plain(epochs) == -1 else epochs


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
    """Trainer.validate and Trainer.test: a pass over data that is held out."""
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
    loader = _hook(reader, data, f"{'val' if name == 'validate' else 'test'}_dataloader", at=call.at)
    loader = loader or (data if not isinstance(data, Instance) else None)
    _pass(reader, model, loader or unknown("its data is not given", call.at), call.at,
          "validation_step" if name == "validate" else "test_step")  # fmt: skip
    return None


@OVERLAY.handles(".lr_find", ".scale_batch_size", ".tune")
def _tuned(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    """Lightning's Tuner sets the learning rate, or the batch size, of the module by trial."""
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
                reader.write(store, name, unknown(why, at))


# ---------------------------------------------------------------------- LightningCLI


@OVERLAY.handles("*.LightningCLI")
def _cli(reader: Reader, base: Value | None, call: Call) -> Value | None:
    made = Thing(call.at, name="lightning.cli.LightningCLI", args=call.args, kwargs=call.kwargs)
    _run_cli(reader, made, call)
    return made


@OVERLAY.handles("<LightningCLI")
def _own_cli(reader: Reader, made: Value | None, call: Call) -> Value | None:
    if isinstance(made, Instance):
        _run_cli(reader, made, call)
    return None


def _run_cli(reader: Reader, cli: Thing | Instance, call: Call) -> None:
    """Settings from the defaults, files and words; then the objects; then fit, unless run=False."""
    at = call.at
    parser = Thing(at, name="argparse.ArgumentParser", attrs={"options": Table(at)})
    _hook(reader, cli, "add_arguments_to_parser", parser, at=at)
    config, command = _cli_settings(reader, parser, call)
    seed = config.pairs.get("seed_everything") or call.kwargs.get("seed_everything_default") or Const(at, True)
    if plain(seed, True) not in (False, None) or (isinstance(plain(seed), int) and plain(seed) is not False):
        args = () if plain(seed) is True else (seed,)
        reader.event("call", "lightning.seed_everything", None, Call(args, {}, at), seed)
    data_class = call.arg(1, "datamodule_class")
    data = _made(reader, data_class, config.pairs.get("data"), at)
    _link(reader, parser, config, {"data": (data, data_class), "model": (None, call.arg(0, "model_class"))}, at)
    model = _made(reader, call.arg(0, "model_class"), config.pairs.get("model"), at)
    settings = config.pairs.get("trainer")
    trainer = Thing(at, name="lightning.Trainer", kwargs=dict(settings.pairs) if isinstance(settings, Table) else {})
    if not reader.arguments and call.kwargs.get("args") is None:
        told = unknown("LightningCLI takes max_epochs from its configuration file or command line", at)
        trainer.kwargs.setdefault("max_epochs", told)
    if isinstance(model, Instance) and not isinstance(model.cls.find("configure_optimizers"), Function):
        _configure(reader, model, parser, config, at)
    for name, value in (("trainer", trainer), ("model", model), ("datamodule", data), ("config", config)):
        reader.write(cli.attrs, name, value or unknown(f"the command line does not give its {name}", at))
    if model is None or plain(call.kwargs.get("run"), True) is False:
        return
    _hook(reader, cli, f"before_{command}", at=at)
    kwargs = {"datamodule": data} if data is not None else {}
    reader.method(trainer, command, Call((model,), kwargs, at, _named(command)))
    _hook(reader, cli, f"after_{command}", at=at)


def _named(command: str) -> ast.AST:
    """The syntax of a call of this method, for those that look at its name."""
    return ast.Call(func=ast.Attribute(ast.Name("trainer", ast.Load()), command, ast.Load()), args=[], keywords=[])


def _cli_settings(reader: Reader, parser: Thing, call: Call) -> tuple[Table, str]:
    """Everything that LightningCLI would know, and the subcommand."""
    config = Table(call.at)
    given = plain(call.kwargs.get("args"))
    words = [str(word) for word in given] if isinstance(given, list) else list(reader.arguments)
    command = words.pop(0) if words and words[0] in COMMANDS else "fit"
    defaults = call.kwargs.get("trainer_defaults")
    if isinstance(defaults, Table):
        merge(reader, config, Table(call.at, {"trainer": defaults}))
    for name, value in Parser(reader, parser).overrides.items():
        set_dotted(reader, config, name, value)
    paths = _default_files(call.kwargs.get("parser_kwargs"), command)
    rest: list[tuple[str, str]] = []
    for number, word in enumerate(words):
        flag, equals, text = word.partition("=")
        if not is_flag(flag):
            continue
        follows = number + 1 < len(words) and not is_flag(words[number + 1])
        text = text if equals else words[number + 1] if follows else "true"
        key = flag.lstrip("-")
        if key in ("config", "c"):
            paths.append(text)
        else:
            rest.append((key, text))
    for path in paths:
        found = load_settings(reader, path)
        if isinstance(found, Table):
            inner = found.pairs.get(command)
            merge(reader, config, inner if isinstance(inner, Table) else found)
        else:
            reader.notes.append(f"LightningCLI's configuration {path} was not found, so its fields are unknown")
            config.partial = True
    for key, text in rest:
        if key in ("model", "data", "optimizer", "lr_scheduler"):
            key = f"{key}.class_path"
        set_dotted(reader, config, key, Const(location(), typed(text, None)))
    resolve(config)
    return config, command


def _default_files(kwargs: Value | None, command: str) -> list[str]:
    told = plain(kwargs, {})
    found = told.get("default_config_files") if isinstance(told, dict) else None
    own = told.get(command) if isinstance(told, dict) else None
    if found is None and isinstance(own, dict):
        found = own.get("default_config_files")
    return [str(path) for path in found] if isinstance(found, list | tuple) else []


def _made(reader: Reader, kind: Value | None, section: Value | None, at: Location) -> Value | None:
    """The model or data module: of the class given, or of the section's class_path, with the section's arguments."""
    pairs = section.pairs if isinstance(section, Table) else {}
    path = plain(pairs.get("class_path"))
    if isinstance(path, str):
        by_name = named(reader, path, pairs["class_path"].at)
        kind = kind if isinstance(kind, Class) and kind.name == path else by_name
        inner = pairs.get("init_args")
        extra = {key: value for key, value in pairs.items() if key not in ("class_path", "init_args", "dict_kwargs")}
        pairs = {**extra, **(inner.pairs if isinstance(inner, Table) else {})}
    if kind is None or (isinstance(kind, Const) and kind.data is None):
        return None
    arguments = {str(key): _object(reader, value, at) for key, value in pairs.items()}
    return reader.call(kind, Call((), arguments, at))


def _object(reader: Reader, value: Value, at: Location) -> Value:
    if isinstance(value, Table) and isinstance(plain(value.pairs.get("class_path")), str):
        return _made(reader, None, value, at) or value
    return value


@OVERLAY.handles(".link_arguments")
def _note_link(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    if isinstance(owner, Thing) and len(call.args) + len(call.kwargs) >= 2:
        owner.attrs["__links__"] = (*owner.attrs.get("__links__", ()), call)
    return Const(call.at, None)


def _link(
    reader: Reader, parser: Thing, config: Table, parts: dict[str, tuple[Value | None, Value | None]], at: Location
) -> None:
    """Arguments that follow from others: of what is made already, of the configuration, or a parameter's default."""
    links: tuple[Call, ...] = parser.attrs.get("__links__", ())
    for link in links:
        told, target, compute = plain(link.arg(0, "source")), plain(link.arg(1, "target")), link.arg(2, "compute_fn")
        sources = told if isinstance(told, list | tuple) else (told,)
        values = tuple(_linked(config, parts, str(source), link.at) for source in sources)
        value = reader.call(compute, Call(values, {}, link.at)) if compute is not None else values[0]
        if isinstance(target, str):
            key = target.replace(".init_args.", ".")
            set_dotted(reader, config, key, value)


def _linked(
    config: Table, parts: dict[str, tuple[Value | None, Value | None]], source: str, at: Location
) -> Value:
    section, _, name = source.replace(".init_args.", ".").partition(".")
    made, kind = parts.get(section, (None, None))
    given = config.pairs.get(section)
    found = given.pairs.get(name) if isinstance(given, Table) else None
    if found is None and isinstance(made, Instance):
        hparams = made.attrs.get("hparams")
        found = made.attrs.get(name) or (hparams.pairs.get(name) if isinstance(hparams, Table) else None)
    start = kind.find("__init__") if isinstance(kind, Class) else None
    if found is None and isinstance(start, Function):
        found = start.defaults.get(name)
    return found or unknown(f"it is linked to {source}, which was not found", at)


def _configure(reader: Reader, model: Instance, parser: Thing, config: Table, at: Location) -> None:
    """The optimizer and schedule that LightningCLI configures by itself."""
    parts: list[Value] = []
    for name, kind in (("optimizer", "torch.optim"), ("lr_scheduler", "torch.optim.lr_scheduler")):
        section = config.pairs.get(name)
        path = plain(section.pairs.get("class_path")) if isinstance(section, Table) else None
        callee = parser.attrs.get(f"__{name}__")
        pairs = section.pairs if isinstance(section, Table) else {}
        if isinstance(path, str) and isinstance(section, Table):
            place = section.pairs["class_path"].at
            callee = named(reader, path, place) if "." in path else Ref(place, f"{kind}.{path}")
            inner = pairs.get("init_args")
            pairs = {**{key: value for key, value in pairs.items() if key not in ("class_path", "init_args")},
                     **(inner.pairs if isinstance(inner, Table) else {})}  # fmt: skip
        if not isinstance(callee, Ref | Class):
            break
        over = parts[0] if parts else reader.method(model, "parameters", Call((), {}, at))
        parts.append(reader.call(callee, Call((over,), {str(key): value for key, value in pairs.items()}, at)))
    if parts:
        lists = tuple(Items(at, (part,)) for part in parts)
        reader.write(model.attrs, "__configured__", Items(at, lists, "tuple") if len(lists) == 2 else parts[0])


@OVERLAY.handles(".add_optimizer_args", ".add_lr_scheduler_args")
def _add_optimizer(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    schedule = getattr(getattr(call.node, "func", None), "attr", "") == "add_lr_scheduler_args"
    kind = call.arg(0, "lr_scheduler_class" if schedule else "optimizer_class")
    kind = kind.items[0] if isinstance(kind, Items) and len(kind.items) == 1 else kind
    if isinstance(owner, Thing) and kind is not None:
        owner.attrs["__lr_scheduler__" if schedule else "__optimizer__"] = kind
    return Const(call.at, None)


# ---------------------------------------------------------------------- the loops


def _hook(reader: Reader, owner: Value | None, name: str, *args: Value, at: Location) -> Value | None:
    """owner.name(*args) where the program's class has it, with as many arguments as it takes."""
    found = owner.cls.find(name) if isinstance(owner, Instance) else None
    if not isinstance(found, Function) or owner is None:
        return None
    takes_all = found.node.args.vararg is not None
    most = len(args) if takes_all else len(found.node.args.args) - 1
    return reader.method(owner, name, Call(tuple(args[:most]), {}, at))


def fit(
    reader: Reader, model: Value, data: Value | None, at: Location, epochs: Value | None, held_out: Value | None
) -> None:
    """Read one pass through Lightning's loops: configure_optimizers, training_step, validation_step.

    data: a data module or loader, None where the module has its own. held_out: the loader of validation; a constant
    None of the program where it does not validate.
    """
    if isinstance(model, Either):
        model = model.options[0]
    if not isinstance(model, Instance):
        return
    for owner in (data, model):
        _hook(reader, owner, "prepare_data", at=at)
        _hook(reader, owner, "setup", Const(at, "fit"), at=at)
    _hook(reader, model, "configure_model", at=at)
    source: Value | None = data if isinstance(data, Instance) and data.cls.find("train_dataloader") else model
    loader = (
        _hook(reader, source, "train_dataloader", at=at)
        or (data if source is not data else None)
        or unknown("its data is not given", at)
    )
    if held_out is None:
        held_out = _hook(reader, source, "val_dataloader", at=at) or _hook(reader, source, "test_dataloader", at=at)
    configured = _hook(reader, model, "configure_optimizers", at=at) or model.attrs.get("__configured__")
    configured = configured or unknown("configure_optimizers was not found", at)
    reader.write(model.attrs, "__configured__", configured)
    over = Thing(at, name="managed.epochs", args=(epochs or unknown("the Trainer was not found", at),),
                 attrs={"library": "Lightning"})  # fmt: skip
    with reader.loop(Loop(over, over.args[0].at)):
        reader.event("managed", ".train", model, Call((), {}, at), model)
        with reader.loop(Loop(loader, at)):
            batch, number = expressions.element(reader, loader, at), unknown("it counts batches", at)
            loss = _hook(reader, model, "training_step", batch, number, at=at)
            if isinstance(loss, Table):
                loss = loss.pairs.get("loss")
            if loss is not None and plain(model.attrs.get("automatic_optimization"), True) is not False:
                reader.event("managed", ".backward", loss, Call((configured,), {}, loss.at), loss)
        if held_out is not None and not (isinstance(held_out, Const) and held_out.data is None):
            _pass(reader, model, held_out, at, "validation_step", "test_step")


def _pass(reader: Reader, model: Instance, loader: Value, at: Location, *steps: str) -> None:
    """A pass over held-out images, in evaluation mode and without gradients."""
    reader.event("managed", ".eval", model, Call((), {}, at), model)
    reader.contexts.append(Ref(at, "torch.no_grad"))
    with reader.loop(Loop(loader, at)):
        batch, number = expressions.element(reader, loader, at), unknown("it counts batches", at)
        for step in steps:
            if _hook(reader, model, step, batch, number, at=at):
                break
    reader.contexts.pop()


@OVERLAY.answer("unmade")
def _unmade(reader: Reader, cls: Class) -> bool | None:
    """A module that nothing makes is read as if it were trained."""
    if "LightningModule" not in cls.foreign():
        return None
    fit(reader, reader.call(cls, Call((), {}, cls.at)), None, cls.at, None, None)
    return True
