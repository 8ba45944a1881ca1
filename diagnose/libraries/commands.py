"""Settings from the command line without argparse: click, typer, fire, absl, parsers over dataclasses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from diagnose.interpreter import expressions
from diagnose.interpreter.commandline import given, is_flag, location, typed
from diagnose.interpreter.overlay import Overlay
from diagnose.interpreter.paths import path_of
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
from diagnose.libraries.settings import load_settings
from diagnose.model import Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

OVERLAY = Overlay("commands")


@OVERLAY.handles("@click.option", "@click.argument")
def _click_option(reader: Reader, function: Value | None, call: Call) -> Value | None:
    assert isinstance(function, Function)
    flags = [word for word in map(plain, call.args) if isinstance(word, str)]
    if not flags:
        return None
    bare = [flag for flag in flags if not flag.startswith("-")]
    long = next((flag for flag in flags if flag.startswith("--")), flags[0])
    name = (bare[0] if bare else long.lstrip("-").split("/")[0].replace("-", "_")).lower()
    default = call.kwargs.get("default")
    if default is None and (plain(call.kwargs.get("is_flag")) or "/" in long):
        default = Const(call.at, False)
    if default is None:
        default = unknown(f"the option {long} has no default", call.at)
    function.defaults[name] = given(reader, flags, default) or default
    return None


@OVERLAY.handles("typer.run", "fire.Fire", "absl.app.run", "tensorflow.compat.v1.app.run", "tensorflow.app.run")
def _run_main(reader: Reader, base: Value | None, call: Call) -> Value | None:
    main = call.arg(0)
    if isinstance(main, Function):
        for name, default in list(main.defaults.items()):
            main.defaults[name] = given(reader, _flags(name), default) or default
        return reader.call(main, Call((), {}, call.at))
    return None


def _flags(name: str) -> list[str]:
    return [f"--{name}", f"--{name.replace('_', '-')}"]


def _is_app(value: Value | None) -> bool:
    return isinstance(value, Thing) and isinstance(value.attrs.get("__command__"), Function)


@OVERLAY.handles("()", of=_is_app)
def _call_app(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """A typer app is called, or an object that wraps a function."""
    assert isinstance(base, Thing)
    return _run_main(reader, None, Call((base.attrs["__command__"],), {}, call.at))


@OVERLAY.handles("typer.Option", "typer.Argument")
def _typer_default(reader: Reader, base: Value | None, call: Call) -> Value | None:
    return call.arg(0, "default") or Const(call.at, None)


def _absl_flags(reader: Reader) -> Table:
    table = reader.memory.setdefault("absl flags", Table(Location(reader.path.name)))
    assert isinstance(table, Table)
    return table


@OVERLAY.answer("attribute")
def _flag(reader: Reader, owner: Value, name: str, at: Location) -> Value | None:
    """absl's flags.FLAGS.name."""
    if isinstance(owner, Ref) and owner.name.endswith("flags.FLAGS"):
        found: Value | None = _absl_flags(reader).pairs.get(name)
        return found
    return None


@OVERLAY.handles(
    "*.DEFINE_float", "*.DEFINE_integer", "*.DEFINE_string", "*.DEFINE_boolean", "*.DEFINE_bool", "*.DEFINE_enum",
    "*.DEFINE_list",
)  # fmt: skip
def _define(reader: Reader, base: Value | None, call: Call) -> Value | None:
    name, default = plain(call.arg(0)), call.arg(1, "default")
    if not isinstance(name, str) or default is None:
        return None
    flags = _absl_flags(reader)
    flags.pairs[name] = given(reader, [f"--{name}"], default) or default
    return Thing(call.at, name="absl.flag", attrs={"value": flags.pairs[name]})


# ---------------------------------------------------------------------- parsers over dataclasses


@OVERLAY.handles("transformers.HfArgumentParser", "*.HfArgumentParser")
def _hf_parser(reader: Reader, base: Value | None, call: Call) -> Value | None:
    kinds = call.arg(0, "dataclass_types")
    made = Thing(call.at, name="transformers.HfArgumentParser")
    made.attrs["kinds"] = kinds if isinstance(kinds, Items) else Items(call.at, (kinds,) if kinds else ())
    return made


def _kinds(owner: Value | None) -> tuple[Value, ...]:
    kinds = owner.attrs.get("kinds") if isinstance(owner, Thing) else None
    return kinds.items if isinstance(kinds, Items) else ()


@OVERLAY.handles(".parse_args_into_dataclasses")
def _hf_parse(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    kinds = _kinds(owner)
    made = [from_class(reader, kind, call.at) for kind in kinds]
    if plain(call.kwargs.get("return_remaining_strings")) is True:
        made.append(Items(call.at, (), partial=bool(reader.arguments)))
    return Items(call.at, tuple(made), "tuple") if kinds else None


@OVERLAY.handles(".parse_json_file", ".parse_yaml_file", ".parse_dict")
def _hf_parse_file(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    """The dataclasses with the fields that a file or dict gives."""
    kinds = _kinds(owner)
    told = call.arg(0, "json_file", "yaml_file", "args")
    settings = told if isinstance(told, Table) else load_settings(reader, path_of(told))
    made = [from_class(reader, kind, call.at, settings or unknown("its settings file was not found", call.at))
            for kind in kinds]  # fmt: skip
    return Items(call.at, tuple(made), "tuple") if kinds else None


@OVERLAY.handles("tyro.cli", "simple_parsing.parse", "pyrallis.parse", "jsonargparse.CLI", "*.parse_into_class")
def _tyro(reader: Reader, base: Value | None, call: Call) -> Value | None:
    kind = call.arg(0, "config_class")
    return from_class(reader, kind, call.at) if kind is not None else None


def from_class(reader: Reader, kind: Value, at: Location, settings: Value | None = None) -> Value:
    """An instance of a dataclass, or of a library's arguments, with what a file or else the command line gives it.

    settings: the file's table, a value that is not known where it was not read, None for the command line.
    """
    if isinstance(kind, Function):
        return _run_main(reader, None, Call((kind,), {}, at)) or Const(at, None)
    pairs = settings.pairs if isinstance(settings, Table) else {}
    if isinstance(kind, Class):
        fields = _fields(kind)
        made = reader.call(kind, Call((), {name: value for name, value in pairs.items() if name in fields}, at))
        if isinstance(made, Instance):
            _fill(reader, made, settings)
        return made
    made = reader.call(kind, Call((), dict(pairs), at))
    if isinstance(made, Thing) and settings is None:
        made.kwargs.update(_given_by_words(reader))
    elif isinstance(made, Thing) and not isinstance(settings, Table):
        return settings or made
    return made


def _fields(kind: Class) -> set[str]:
    annotated = [cls.names.get("__annotations__") for cls in kind.lineage()]
    return {str(name) for table in annotated if isinstance(table, Table) for name in table.pairs}


def _fill(reader: Reader, made: Instance, settings: Value | None) -> None:
    for name, default in list(made.attrs.items()):
        if settings is not None and not isinstance(settings, Table):
            made.attrs[name] = settings
        elif settings is None and (value := given(reader, _flags(str(name)), default)):
            made.attrs[name] = value


def _given_by_words(reader: Reader) -> dict[str, Value]:
    """Every option of the command line by its name: --do_train, --seed 3, --lr=0.1."""
    found: dict[str, Value] = {}
    words = list(reader.arguments)
    for number, word in enumerate(words):
        flag, equals, text = word.partition("=")
        if is_flag(flag):
            follows = number + 1 < len(words) and not is_flag(words[number + 1])
            told = text if equals else words[number + 1] if follows else "true"
            found[flag.lstrip("-").replace("-", "_")] = Const(location(), typed(told, None))
    return found


@OVERLAY.handles("@pyrallis.wrap", "@draccus.wrap")
def _wrapped(reader: Reader, function: Value | None, call: Call) -> Value | None:
    assert isinstance(function, Function)
    arguments = function.node.args.args
    annotation = arguments[0].annotation if arguments else None
    if annotation is not None:
        kind = expressions.evaluate(reader, annotation, function.scope)
        if isinstance(kind, Class):
            words = given(reader, ["--config_path", "--config-path"], None)
            path = plain(words)
            settings = load_settings(reader, path) if isinstance(path, str) else None
            function.defaults[arguments[0].arg] = from_class(reader, kind, call.at, settings)
    return None


@OVERLAY.handles("@gin.configurable", "@gin.register")
def _gin(reader: Reader, function: Value | None, call: Call) -> Value | None:
    """gin may give every parameter that a call leaves out."""
    assert isinstance(function, Function)
    for name, default in function.defaults.items():
        function.defaults[name] = unknown(f"gin's configuration may set `{name}` of {function.name}()", default.at)
    return None


@OVERLAY.handles("gin.parse_config_file", "gin.parse_config", "gin.parse_config_files_and_bindings")
def _gin_file(reader: Reader, base: Value | None, call: Call) -> Value | None:
    name = Path(str(plain(call.arg(0, "config_file", "config_files"), "its file"))).name
    reader.notes.append(f"gin's configuration {name} is not read, so the parameters that it may set are unknown")
    return Const(call.at, None)
