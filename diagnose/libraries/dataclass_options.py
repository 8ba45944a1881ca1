"""Settings in dataclasses that a library fills: HfArgumentParser, simple_parsing, tyro, draccus, pyrallis, pydantic."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from diagnose.interpreter.commandline import given, is_flag, location, typed
from diagnose.interpreter.overlay import Overlay
from diagnose.interpreter.paths import path_of
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import (
    Call,
    Class,
    Const,
    Function,
    Instance,
    Items,
    Table,
    Thing,
    Value,
    either,
    plain,
    unknown,
)
from diagnose.libraries.parser import Declared, parser_of
from diagnose.libraries.settings import load_settings
from diagnose.model import Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

OVERLAY = Overlay(
    "dataclass options",
    packages=("simple_parsing", "tyro", "draccus", "pyrallis", "pydantic", "pydantic_settings", "dacite", "cattrs"),
    understood=("simple_parsing", "tyro", "draccus", "pyrallis", "pydantic", "pydantic_settings", "dacite", "cattrs",
                "attr", "attrs", "marshmallow", "mashumaro", "dataclasses_json"),
)  # fmt: skip
NO_FILE = "its settings file was not found"
DEEPEST = 6


# ---------------------------------------------------------------------- filling a dataclass


def filled(
    reader: Reader, kind: Value, at: Location, settings: Value | None = None, words: bool = True, prefix: str = ""
) -> Value:
    """An instance of a dataclass, or of a library's arguments, filled from a file and the command line.

    settings: a table; an unknown value where a file was not read. words: whether the command line may set fields;
    prefix: the prefix of their names there.
    """
    if not isinstance(kind, Class):
        return _of_a_library(reader, kind, at, settings, words)
    if isinstance(settings, Instance):
        return _over(reader, settings, None, words, prefix, 0) or settings
    made = reader.call(kind, Call((), {}, at))
    if not isinstance(made, Instance):
        return made
    if settings is not None and not isinstance(settings, Table):
        for name in fields(kind):
            made.attrs[name] = settings
        return made
    changed = _changes(reader, made, settings, words, prefix, 0)
    return reader.call(kind, Call((), changed, at)) if changed else made


def fields(kind: Class) -> dict[str, Value]:
    """The fields of a dataclass and its bases by name, with their annotations."""
    found: dict[str, Value] = {}
    for cls in reversed(list(kind.lineage())):
        annotated = cls.names.get("__annotations__")
        if isinstance(annotated, Table):
            found |= {str(name): value for name, value in annotated.pairs.items()}
    return found


def _changes(
    reader: Reader, made: Instance, settings: Table | None, words: bool, prefix: str, depth: int
) -> dict[str, Value]:
    """The fields that a file or the command line sets to another value than the class."""
    changed: dict[str, Value] = {}
    for name, kind in fields(made.cls).items():
        old = made.attrs.get(name)
        setting = settings.pairs.get(name) if settings is not None else None
        if depth < DEEPEST and (isinstance(old, Instance) or isinstance(kind, Class)):
            section = setting if isinstance(setting, Table) else None
            if not isinstance(old, Instance) and isinstance(kind, Class) and (section or _named(reader, prefix, name)):
                old = reader.call(kind, Call((), {}, made.at))
            inner = _over(reader, old, section, words, f"{prefix}{name}.", depth + 1)
            changed |= {name: inner} if inner is not None else {}
            continue
        word = _word(reader, prefix, name, old) if words else None
        if (value := word or setting) is not None:
            changed[name] = value
    if settings is not None and settings.partial:
        hidden = unknown(Reason.UNREAD, "settings that were not read may give it", settings.at)
        return {name: changed.get(name) or hidden for name in fields(made.cls)}
    return changed


def _over(
    reader: Reader, old: Value | None, settings: Table | None, words: bool, prefix: str, depth: int
) -> Instance | None:
    """A copy of an instance with its changed fields; None where nothing changes."""
    if not isinstance(old, Instance):
        return None
    changed = _changes(reader, old, settings, words, prefix, depth)
    if not changed:
        return None
    kept = {str(name): value for name, value in old.attrs.items() if name in fields(old.cls)}
    made = reader.call(old.cls, Call((), {**kept, **changed}, old.at))
    return made if isinstance(made, Instance) else None


def _flags(prefix: str, name: str) -> list[str]:
    """The flags for a field: by its whole path, and by its name alone."""
    paths = [f"{prefix}{name}", f"{prefix.partition('.')[2]}{name}", name]
    return [flag for path in dict.fromkeys(paths) for flag in (f"--{path}", f"--{path.replace('_', '-')}")]


def _word(reader: Reader, prefix: str, name: str, old: Value | None) -> Value | None:
    """The command line's value for a field: all arguments up to the next option where it is a list."""
    flags = _flags(prefix, name)
    if not isinstance(old, Items):
        return given(reader, flags, old) or _denied(reader, prefix, name)
    words = list(reader.arguments)
    place = next((number for number, word in enumerate(words) if word in flags), None)
    if place is None:
        return None
    more = [Const(location(), typed(word, plain(old.items[0]) if old.items else None))
            for word in takewhile(lambda word: not is_flag(word), words[place + 1 :])]  # fmt: skip
    return Items(location(), tuple(more), old.kind)


def _denied(reader: Reader, prefix: str, name: str) -> Value | None:
    """False for a field that the command line turns off (--no-model.pretrained, --model.no-pretrained), else None."""
    for word in reader.arguments:
        bare = word.lstrip("-").replace("-", "_")
        if is_flag(word) and bare in (f"no_{prefix}{name}", f"{prefix}no_{name}", f"no{name}", f"no_{name}"):
            return Const(location(), False)
    return None


def _named(reader: Reader, prefix: str, name: str) -> bool:
    """Whether a command-line argument sets a field of a section."""
    return any(word.replace("-", "_").lstrip("_").startswith(f"{prefix}{name}.") for word in reader.arguments)


def _of_a_library(reader: Reader, kind: Value, at: Location, settings: Value | None, words: bool) -> Value:
    """Arguments of a library's class, such as TrainingArguments, or of a function of the program."""
    if isinstance(kind, Function):
        return _called(reader, kind, at, settings)
    pairs = dict(settings.pairs) if isinstance(settings, Table) else {}
    if words and settings is None:
        pairs |= _given_by_words(reader)
    made = reader.call(kind, Call((), {str(name): value for name, value in pairs.items()}, at))
    known = settings is None or isinstance(settings, Table)
    return made if known or settings is None else settings


def _called(reader: Reader, function: Function, at: Location, settings: Value | None) -> Value:
    """The result of a function whose parameters come from the command line, dataclasses included."""
    arguments = function.node.args
    found: dict[str, Value] = {}
    for parameter in (*arguments.args, *arguments.kwonlyargs):
        name, default = parameter.arg, function.defaults.get(parameter.arg)
        kind = reader.evaluate(parameter.annotation, function.scope) if parameter.annotation is not None else None
        setting = settings.pairs.get(name) if isinstance(settings, Table) else None
        if isinstance(kind, Class):
            found[name] = filled(reader, kind, at, setting or default, prefix=f"{name}.")
        elif (word := given(reader, _flags("", name), default) or setting) is not None:
            found[name] = word
    return reader.call(function, Call((), found, at))


def _given_by_words(reader: Reader) -> dict[str, Value]:
    """Every option on the command line, by name: --do_train, --seed 3, --lr=0.1."""
    found: dict[str, Value] = {}
    words = list(reader.arguments)
    for number, word in enumerate(words):
        flag, equals, text = word.partition("=")
        if is_flag(flag):
            follows = number + 1 < len(words) and not is_flag(words[number + 1])
            value = text if equals else words[number + 1] if follows else "true"
            found[flag.lstrip("-").replace("-", "_")] = Const(location(), typed(value, None))
    return found


# ---------------------------------------------------------------------- Hugging Face


@OVERLAY.handles("transformers.HfArgumentParser", "*.HfArgumentParser", "trl.TrlParser")
def _hf_parser(reader: Reader, base: Value | None, call: Call) -> Value | None:
    kinds = call.arg(0, "dataclass_types")
    made = Thing(call.at, name="transformers.HfArgumentParser")
    made.attrs["kinds"] = kinds if isinstance(kinds, Items) else Items(call.at, (kinds,) if kinds else ())
    return made


def _kinds(owner: Value | None) -> tuple[Value, ...]:
    kinds = owner.attrs.get("kinds") if isinstance(owner, Thing) else None
    return kinds.items if isinstance(kinds, Items) else ()


@OVERLAY.handles(".parse_args_into_dataclasses", ".parse_args_and_config")
def _hf_parse(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    kinds = _kinds(owner)
    made = [filled(reader, kind, call.at) for kind in kinds]
    if plain(call.kwargs.get("return_remaining_strings")) is True:
        made.append(Items(call.at, (), partial=bool(reader.arguments)))
    return Items(call.at, tuple(made), "tuple") if kinds else None


@OVERLAY.handles(".parse_json_file", ".parse_yaml_file", ".parse_dict")
def _hf_parse_file(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    """The dataclasses filled from a file or dict."""
    kinds = _kinds(owner)
    source = call.arg(0, "json_file", "yaml_file", "args")
    settings = source if isinstance(source, Table) else load_settings(reader, path_of(source))
    made = [
        filled(reader, kind, call.at, settings or unknown(Reason.UNREAD, NO_FILE, call.at), words=False)
        for kind in kinds
    ]
    return Items(call.at, tuple(made), "tuple") if kinds else None


# ---------------------------------------------------------------------- simple_parsing, tyro, draccus, pyrallis


@OVERLAY.handles(
    "tyro.cli", "simple_parsing.parse", "pyrallis.parse", "draccus.parse", "jsonargparse.CLI", "jsonargparse.auto_cli",
    "*.parse_into_class", "pydantic_settings.CliApp.run",
)  # fmt: skip
def _parse(reader: Reader, base: Value | None, call: Call) -> Value | None:
    kind = call.arg(0, "config_class", "f", "components", "model_cls")
    default = call.kwargs.get("default")
    if default is not None and isinstance(kind, Class):
        return filled(reader, kind, call.at, default)
    return filled(reader, kind, call.at, _file(reader, call)) if kind is not None else None


def _file(reader: Reader, call: Call) -> Value | None:
    """The settings file that the call or the command line names."""
    source = given(reader, ["--config_path", "--config-path", "--config"], None) or call.arg(1, "config_path")
    path = path_of(source)
    return load_settings(reader, path) or unknown(Reason.UNREAD, f"{NO_FILE} ({path})", call.at) if path else None


@OVERLAY.handles("tyro.extras.overridable_config_cli")
def _chosen(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """One of several configurations, chosen by the first command-line argument."""
    table = call.arg(0, "configs")
    if not isinstance(table, Table):
        return None
    made = {key: one.items[-1] if isinstance(one, Items) and one.items else one for key, one in table.pairs.items()}
    word = next(iter(reader.arguments), None)
    if word in made:
        return _over(reader, made[word], None, True, "", 0) or made[word]
    return either(list(made.values()), call.at) if made else None


@OVERLAY.handles("@pyrallis.wrap", "@draccus.wrap")
def _wrapped(reader: Reader, function: Value | None, call: Call) -> Value | None:
    assert isinstance(function, Function)
    arguments = function.node.args.args
    annotation = arguments[0].annotation if arguments else None
    kind = reader.evaluate(annotation, function.scope) if annotation is not None else None
    if isinstance(kind, Class):
        path = call.kwargs.get("config_path")
        settings = _file(reader, Call((), {"config_path": path} if path else {}, call.at))
        function.defaults[arguments[0].arg] = filled(reader, kind, call.at, settings)
    return None


@OVERLAY.handles(".add_arguments")
def _add_arguments(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    """simple_parsing: the fields of a dataclass are options, and the dataclass is the option `dest`."""
    parser, kind, dest = parser_of(reader, owner), call.arg(0, "dataclass"), plain(call.arg(1, "dest"))
    if parser is None or kind is None or not isinstance(dest, str):
        return None
    made = filled(reader, kind, call.at, call.kwargs.get("default"), prefix=f"{dest}.")
    for path in _paths(made, f"{dest}."):
        name = path.rpartition(".")[2]
        prefix = path[: -len(name)]
        parser.add((Declared(tuple(_flags(prefix, name)), path, "store", None, None, "?", None, None, False, call.at),))
    parser.put("__defaults__", {**parser.overrides, dest: made})
    return Const(call.at, None)


def _paths(made: Value, prefix: str) -> list[str]:
    if not isinstance(made, Instance):
        return []
    paths = []
    for name, value in made.attrs.items():
        paths += _paths(value, f"{prefix}{name}.") if isinstance(value, Instance) else [f"{prefix}{name}"]
    return paths


# ---------------------------------------------------------------------- from tables: pydantic, dacite and the like


@OVERLAY.handles("dacite.from_dict", "cattrs.structure", "cattr.structure", "pyrallis.decode", "draccus.decode")
def _from_dict(reader: Reader, base: Value | None, call: Call) -> Value | None:
    kind = next((one for one in (*call.args, *call.kwargs.values()) if isinstance(one, Class)), None)
    data = next((one for one in (*call.args, *call.kwargs.values()) if one is not kind), None)
    return filled(reader, kind, call.at, data, words=False) if kind is not None and data is not None else None


@OVERLAY.handles("pyrallis.load", "draccus.load")
def _load(reader: Reader, base: Value | None, call: Call) -> Value | None:
    kind = call.arg(0)
    settings = load_settings(reader, path_of(call.arg(1))) or unknown(Reason.UNREAD, NO_FILE, call.at)
    return filled(reader, kind, call.at, settings, words=False) if kind else None


@OVERLAY.handles(".model_validate", ".parse_obj", ".from_dict", ".model_construct", ".load_yaml", ".parse_file")
def _validated(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    """A class method that makes an instance from a table, or from a file."""
    source = call.arg(0)
    if not isinstance(owner, Class) or source is None:
        return None
    path = path_of(source)
    settings = load_settings(reader, path) or unknown(Reason.UNREAD, NO_FILE, call.at) if path else source
    return filled(reader, owner, call.at, settings, words=False)


@OVERLAY.handles("<BaseModel", "<BaseSettings")
def _nested(reader: Reader, made: Value | None, call: Call) -> Value | None:
    """pydantic also builds nested sections from tables; its settings may come from the command line."""
    if not isinstance(made, Instance):
        return None
    for name, kind in fields(made.cls).items():
        value = made.attrs.get(name)
        if isinstance(value, Table) and isinstance(kind, Class):
            made.attrs[name] = filled(reader, kind, call.at, value, words=False)
    if any(plain(flag) is True for flag in (_setting(made, "cli_parse_args"), call.kwargs.get("_cli_parse_args"))):
        for name, value in _changes(reader, made, None, True, "", 0).items():
            made.attrs[name] = value
    return None


def _setting(made: Instance, name: str) -> Value | None:
    found = made.cls.find("model_config")
    pairs = found.pairs if isinstance(found, Table) else found.kwargs if isinstance(found, Thing) else {}
    return pairs.get(name)
