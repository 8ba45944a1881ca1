"""LightningCLI: the objects it creates from its defaults, files and command line, and the training it starts."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from diagnose.interpreter.commandline import is_flag, location, typed
from diagnose.interpreter.imports import named
from diagnose.interpreter.overlay import Overlay
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.tables import merge, set_dotted
from diagnose.interpreter.values import (
    Call,
    Class,
    Const,
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
from diagnose.libraries.interpolation import resolve
from diagnose.libraries.loops import hook
from diagnose.libraries.parser import Parser
from diagnose.libraries.settings import load_settings
from diagnose.model import Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

OVERLAY = Overlay("LightningCLI")

COMMANDS = ("fit", "validate", "test", "predict")


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
    """Read settings from the defaults, files and command line; create the objects; then fit, unless run=False."""
    at = call.at
    parser = Thing(at, name="argparse.ArgumentParser", attrs={"options": Table(at)})
    hook(reader, cli, "add_arguments_to_parser", parser, at=at)
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
        epochs = unknown(Reason.GIVEN, "LightningCLI takes max_epochs from its configuration file or command line", at)
        trainer.kwargs.setdefault("max_epochs", epochs)
    if isinstance(model, Instance) and not isinstance(model.cls.find("configure_optimizers"), Function):
        _configure(reader, model, parser, config, at)
    for name, value in (("trainer", trainer), ("model", model), ("datamodule", data), ("config", config)):
        reader.write(cli.attrs, name, value or unknown(Reason.GIVEN, f"the command line does not give its {name}", at))
    if model is None or plain(call.kwargs.get("run"), True) is False:
        return
    hook(reader, cli, f"before_{command}", at=at)
    kwargs = {"datamodule": data} if data is not None else {}
    reader.method(trainer, command, Call((model,), kwargs, at, _named(command)))
    hook(reader, cli, f"after_{command}", at=at)


def _named(command: str) -> ast.AST:
    """A syntax node of a call of this method, for code that looks at its name."""
    return ast.Call(func=ast.Attribute(ast.Name("trainer", ast.Load()), command, ast.Load()), args=[], keywords=[])


def _cli_settings(reader: Reader, parser: Thing, call: Call) -> tuple[Table, str]:
    """All settings of LightningCLI, and the subcommand."""
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
    settings = plain(kwargs, {})
    found = settings.get("default_config_files") if isinstance(settings, dict) else None
    own = settings.get(command) if isinstance(settings, dict) else None
    if found is None and isinstance(own, dict):
        found = own.get("default_config_files")
    return [str(path) for path in found] if isinstance(found, list | tuple) else []


def _made(reader: Reader, kind: Value | None, section: Value | None, at: Location) -> Value | None:
    """The model or data module: of the given class, or the section's class_path, with the section's arguments."""
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
    """Set linked arguments: from objects already created, from the configuration, or from a parameter's default."""
    links: tuple[Call, ...] = parser.attrs.get("__links__", ())
    for link in links:
        origin, target, compute = plain(link.arg(0, "source")), plain(link.arg(1, "target")), link.arg(2, "compute_fn")
        sources = origin if isinstance(origin, list | tuple) else (origin,)
        values = tuple(_linked(config, parts, str(source), link.at) for source in sources)
        value = reader.call(compute, Call(values, {}, link.at)) if compute is not None else values[0]
        if isinstance(target, str):
            key = target.replace(".init_args.", ".")
            set_dotted(reader, config, key, value)


def _linked(config: Table, parts: dict[str, tuple[Value | None, Value | None]], source: str, at: Location) -> Value:
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
    return found or unknown(Reason.UNREAD, f"it is linked to {source}, which was not found", at)


def _configure(reader: Reader, model: Instance, parser: Thing, config: Table, at: Location) -> None:
    """The optimizer and schedule that LightningCLI itself configures."""
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
