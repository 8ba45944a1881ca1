"""Where a program gets its settings from: argparse, click, typer, absl, Hydra, dataclass parsers, files.

Defaults count unless the command line given with the program says otherwise.
"""

from __future__ import annotations

import argparse
import os.path
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from diagnose.model import InputError, Location
from diagnose.program import expressions
from diagnose.program.files import read_data
from diagnose.program.library import Option, handles
from diagnose.program.values import (
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

if TYPE_CHECKING:
    from diagnose.program.reader import Reader

COMMAND_LINE = "command line"
TYPES = {"builtins.int": int, "builtins.float": float, "builtins.str": str, "builtins.bool": bool, "pathlib.Path": str,
         "int": int, "float": float, "str": str, "bool": bool}  # fmt: skip
TRUE_WORDS = ("1", "true", "yes", "on", "y", "t")


# ---------------------------------------------------------------------- argparse


@handles("argparse.ArgumentParser", "*.ArgumentParser", "configargparse.ArgParser")
def _parser(reader: Reader, base: Value | None, call: Call) -> Value | None:
    parser = Thing(call.at, name="argparse.ArgumentParser", args=call.args, kwargs=call.kwargs)
    options = Table(call.at)
    parser.attrs["options"] = options
    parents = call.kwargs.get("parents")
    for parent in parents.items if isinstance(parents, Items) else ():
        if isinstance(parent, Thing) and isinstance(known := parent.attrs.get("options"), Table):
            options.pairs.update(known.pairs)
    return parser


def _options_of(parser: Value | None) -> Table | None:
    known = parser.attrs.get("options") if isinstance(parser, Thing) else None
    return known if isinstance(known, Table) else None


@handles(".add_argument_group", ".add_mutually_exclusive_group", ".add_subparsers", ".add_parser")
def _group(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    return owner if _options_of(owner) is not None else None


@handles(".add_argument", ".add_option")
def _add_argument(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    table = _options_of(owner)
    flags = [word for word in map(plain, call.args) if isinstance(word, str)]
    if table is None or not flags:
        return None
    long = next((flag for flag in flags if flag.startswith("--")), flags[0])
    name = plain(call.kwargs.get("dest")) or long.lstrip("-").replace("-", "_")
    action = call.kwargs.get("action")
    told = action.name.rpartition(".")[2] if isinstance(action, Ref) else plain(action, "store")
    kind = call.kwargs.get("type")
    convert = TYPES.get(kind.name) if isinstance(kind, Ref) else None
    default = call.kwargs.get("default")
    if default is None:
        required = plain(call.kwargs.get("required"), False) or (
            not flags[0].startswith("-") and plain(call.kwargs.get("nargs")) not in ("?", "*")
        )
        default = (
            Const(call.at, told == "store_false")
            if told in ("store_true", "store_false")
            else unknown(f"the option {flags[0]} has no default: give it after the program, in quotes", call.at)
            if required
            else Const(call.at, None)
        )
    elif isinstance(default, Const) and isinstance(default.data, str) and convert in (int, float):
        try:
            default = Const(default.at, convert(default.data))
        except ValueError:
            default = unknown(f"the default of {flags[0]} is no {convert.__name__}", default.at)
    table.pairs[name] = default
    keep = {"flags": flags, "action": told, "convert": convert, "nargs": plain(call.kwargs.get("nargs")),
            "const": call.kwargs.get("const")}  # fmt: skip
    assert isinstance(owner, Thing)
    owner.attrs[("argument", name)] = Thing(call.at, name="argument", attrs=keep)
    type_name = kind.name.rpartition(".")[2] if isinstance(kind, Ref) else ""
    flag = told in ("store_true", "store_false", "BooleanOptionalAction")
    reader.options = [o for o in reader.options if not (o.table is table and o.name == name)]
    reader.options.append(Option(name, call.at, default, type_name, flag, table))
    return Thing(call.at, name="argument", attrs={"dest": Const(call.at, name)})


@handles(".set_defaults")
def _set_defaults(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    table = _options_of(owner)
    if table is None:
        return None
    table.pairs.update(call.kwargs)
    return Const(call.at, None)


@handles(".parse_args", ".parse_known_args", ".parse")
def _parse_args(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    if isinstance(owner, Table):
        return owner
    table = _options_of(owner)
    if table is None or not isinstance(owner, Thing):
        return None
    pairs = dict(table.pairs)
    given = call.arg(0, "args")
    own = plain(given) if isinstance(given, Items) and not given.partial else None
    lenient = getattr(getattr(call.node, "func", None), "attr", "") == "parse_known_args"
    words = list(own) if isinstance(own, list) and all(isinstance(w, str) for w in own) else list(reader.arguments)
    where = call.at if own else Location(COMMAND_LINE)
    for name, value in _parsed(owner, words, lenient or own is not None).items():
        pairs[name] = (
            Items(where, tuple(Const(where, one) for one in value)) if isinstance(value, list) else Const(where, value)
        )
    parsed = Table(call.at, pairs, read=table.read)
    rest = Items(call.at, tuple(Const(call.at, word) for word in words), "list", partial=bool(words))
    return Items(call.at, (parsed, rest), "tuple") if lenient else parsed


class _Strict(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(f"The command line given with the program does not fit it: {message}.")


def _parsed(parser: Thing, words: list[str], lenient: bool) -> dict[str, Any]:
    """The options that `words` give, by argparse itself over the options that the program declares."""
    if not words:
        return {}
    real = _Strict(add_help=False, argument_default=argparse.SUPPRESS, allow_abbrev=False)
    for key, argument in parser.attrs.items():
        if not (isinstance(key, tuple) and key[0] == "argument" and isinstance(argument, Thing)):
            continue
        told: dict[Any, Any] = argument.attrs
        more: dict[str, Any] = {}
        if str(told["flags"][0]).startswith("-"):
            more["dest"] = key[1]
        if told["action"] in ("store_true", "store_false"):
            more["action"] = told["action"]
        elif told["action"] == "BooleanOptionalAction":
            more["action"] = argparse.BooleanOptionalAction
        else:
            more["type"] = told["convert"] or str
            if told["nargs"] is not None:
                more["nargs"] = told["nargs"]
            if told["const"] is not None and told["nargs"] == "?":
                more["const"] = plain(told["const"])
        if not more.get("dest") and told["nargs"] is None:
            more["nargs"] = "?"  # a positional that the command line need not give
        try:
            real.add_argument(*told["flags"], **more)
        except (argparse.ArgumentError, ValueError, TypeError):
            continue
    known = real.parse_known_args(words)
    if known[1] and not lenient:
        raise InputError(f"The program has no option {known[1][0]}: correct the command line given with it.")
    return {name: value for name, value in vars(known[0]).items() if value is not None}


# ---------------------------------------------------------------------- click, typer, fire, absl


@handles("@click.option", "@click.argument")
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
    function.defaults[name] = _given(reader, flags, default) or default
    return None


def _given(reader: Reader, flags: list[str], default: Value) -> Value | None:
    """What the command line says for one of the flags, as the type of its default."""
    words = list(reader.arguments)
    for number, word in enumerate(words):
        flag, equals, value = word.partition("=")
        if flag not in flags and flag.lstrip("-").replace("-", "_") not in flags:
            continue
        text = value if equals else words[number + 1] if number + 1 < len(words) else "true"
        return Const(Location(COMMAND_LINE), _as(text, plain(default)))
    return None


def _as(text: str, example: Any) -> Any:
    if isinstance(example, bool):
        return text.lower() in TRUE_WORDS
    for kind in (int, float) if example is None or isinstance(example, int | float) else ():
        try:
            return kind(text)
        except ValueError:
            continue
    return text


@handles("typer.run", "fire.Fire", "absl.app.run", "tensorflow.compat.v1.app.run", "tensorflow.app.run")
def _run_main(reader: Reader, base: Value | None, call: Call) -> Value | None:
    main = call.arg(0)
    if isinstance(main, Function):
        for name, default in list(main.defaults.items()):
            main.defaults[name] = _given(reader, [f"--{name}", f"--{name.replace('_', '-')}"], default) or default
        return reader.call(main, Call((), {}, call.at))
    return None


@handles("()")
def _call_made(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """A typer app is called, or an object that wraps a function."""
    if isinstance(base, Thing) and isinstance(command := base.attrs.get("__command__"), Function):
        return _run_main(reader, None, Call((command,), {}, call.at))
    from diagnose.program.modules import called

    return called(reader, base, call)


@handles("*.DEFINE_float", "*.DEFINE_integer", "*.DEFINE_string", "*.DEFINE_boolean", "*.DEFINE_bool", "*.DEFINE_enum",
         "*.DEFINE_list")  # fmt: skip
def _define(reader: Reader, base: Value | None, call: Call) -> Value | None:
    name, default = plain(call.arg(0)), call.arg(1, "default")
    if not isinstance(name, str) or default is None:
        return None
    flags = reader.flags
    flags.pairs[name] = _given(reader, [f"--{name}"], default) or default
    holder = Thing(call.at, name="absl.flag", attrs={"value": flags.pairs[name]})
    return holder


# ---------------------------------------------------------------------- files


def path_of(value: Value | None) -> str | None:
    """The path that a file object or a path value stands for."""
    if isinstance(value, Const) and isinstance(value.data, str):
        return value.data
    if isinstance(value, Thing) and value.short in ("open", "read", "read_text", "FileIO", "GFile"):
        return path_of(value.args[0] if value.args and value.short != "read" else value.base)
    return None


def load_settings(reader: Reader, path: str | None) -> Value | None:
    """A settings file of the program's own folder (or where it says), unread where it is not there."""
    if not path:
        return None
    for base in (reader.root, *reader.root.parents[:2]):
        found = read_data(Path(os.path.normpath(base / path)))
        if found is not None:
            return found
    return None


@handles("yaml.safe_load", "yaml.load", "yaml.full_load", "yaml.unsafe_load", "json.load", "json.loads", "toml.load",
         "tomllib.load", "tomli.load", "omegaconf.OmegaConf.load", "toml.loads", "tomllib.loads", "*.load_yaml",
         "anyconfig.load", "mmcv.Config.fromfile", "mmengine.Config.fromfile")  # fmt: skip
def _load(reader: Reader, base: Value | None, call: Call) -> Value | None:
    path = path_of(call.arg(0))
    found = load_settings(reader, path)
    if found is None and path and Path(path).suffix.lower() in (".yaml", ".yml", ".json", ".toml"):
        return unknown(f"its settings file {path} was not found beside the program", call.at)
    return found


@handles("@hydra.main", "@*.main")
def _hydra(reader: Reader, function: Value | None, call: Call) -> Value | None:
    """A Hydra program's first parameter is its composed configuration."""
    assert isinstance(function, Function)
    arguments = function.node.args.args
    if not arguments or ("config_name" not in call.kwargs and "config_path" not in call.kwargs):
        return None
    folder = plain(call.kwargs.get("config_path") or call.arg(0), "") or ""
    name = plain(call.kwargs.get("config_name"), "config")
    config = compose(reader, reader.root / str(folder), str(name))
    if config is None:
        config = Table(call.at, partial=True)
        reader.notes.append(f"Hydra's configuration {folder}/{name}.yaml was not found, so its fields are unknown")
    for word in reader.arguments:
        key, equals, text = word.lstrip("+~").partition("=")
        if equals:
            _set_dotted(config, key, Const(Location(COMMAND_LINE), _as(text, None)))
    function.defaults[arguments[0].arg] = config
    return None


def compose(reader: Reader, folder: Path, name: str, seen: frozenset[Path] = frozenset()) -> Table | None:
    """A Hydra configuration with the groups that its defaults list names."""
    path = (folder / name).with_suffix(".yaml") if not name.endswith((".yaml", ".yml")) else folder / name
    if path in seen or len(seen) > 20:
        return None
    tree = read_data(path)
    if not isinstance(tree, Table):
        return None
    composed = Table(tree.at)
    defaults = tree.pairs.get("defaults")
    for entry in defaults.items if isinstance(defaults, Items) else ():
        if isinstance(entry, Table):
            for group, choice in entry.pairs.items():
                group = str(group).split(" ")[-1].split("@")[0].lstrip("/")
                chosen = compose(reader, folder / group, str(plain(choice)), seen | {path})
                if chosen:
                    composed.pairs[group] = chosen
        elif (base := plain(entry)) not in (None, "_self_"):
            chosen = compose(reader, folder, str(base), seen | {path})
            if chosen:
                _merge(composed, chosen)
    _merge(composed, Table(tree.at, {key: value for key, value in tree.pairs.items() if key != "defaults"}))
    return composed


def _merge(into: Table, more: Table) -> None:
    for key, value in more.pairs.items():
        old = into.pairs.get(key)
        if isinstance(old, Table) and isinstance(value, Table):
            _merge(old, value)
        else:
            into.pairs[key] = value


def _set_dotted(table: Table, key: str, value: Value) -> None:
    *path, last = key.split(".")
    for part in path:
        inner = table.pairs.setdefault(part, Table(table.at))
        if not isinstance(inner, Table):
            return
        table = inner
    table.pairs[last] = value


@handles(".merge_from_file")
def _merge_from_file(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    found = load_settings(reader, path_of(call.arg(0)))
    if isinstance(owner, Table):
        if isinstance(found, Table):
            _merge(owner, found)
        else:
            owner.partial = True
        return Const(call.at, None)
    return None


@handles("omegaconf.OmegaConf.merge", "*.unsafe_merge")
def _merged(reader: Reader, base: Value | None, call: Call) -> Value | None:
    merged = Table(call.at)
    for part in call.args:
        if isinstance(part, Table):
            _merge(merged, part)
    return merged


@handles("omegaconf.OmegaConf.from_cli")
def _from_cli(reader: Reader, base: Value | None, call: Call) -> Value | None:
    table = Table(call.at)
    for word in reader.arguments:
        key, equals, text = word.partition("=")
        if equals:
            _set_dotted(table, key, Const(Location(COMMAND_LINE), _as(text, None)))
    return table


# ---------------------------------------------------------------------- parsers over dataclasses


@handles("transformers.HfArgumentParser", "*.HfArgumentParser")
def _hf_parser(reader: Reader, base: Value | None, call: Call) -> Value | None:
    kinds = call.arg(0, "dataclass_types")
    made = Thing(call.at, name="transformers.HfArgumentParser")
    made.attrs["kinds"] = kinds if isinstance(kinds, Items) else Items(call.at, (kinds,) if kinds else ())
    return made


@handles(".parse_args_into_dataclasses")
def _hf_parse(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    kinds = owner.attrs.get("kinds") if isinstance(owner, Thing) else None
    if not isinstance(kinds, Items):
        return None
    return Items(call.at, tuple(_from_class(reader, kind, call.at) for kind in kinds.items), "tuple")


@handles("tyro.cli", "simple_parsing.parse", "pyrallis.parse", "jsonargparse.CLI", "*.parse_into_class")
def _tyro(reader: Reader, base: Value | None, call: Call) -> Value | None:
    kind = call.arg(0, "config_class")
    return _from_class(reader, kind, call.at) if kind is not None else None


def _from_class(reader: Reader, kind: Value, at: Location) -> Value:
    """An instance of a dataclass, or of a library's arguments, with what the command line says."""
    if isinstance(kind, Function):
        return _run_main(reader, None, Call((kind,), {}, at)) or Const(at, None)
    made = reader.call(kind, Call((), {}, at))
    if isinstance(made, Instance):
        for name, default in list(made.attrs.items()):
            given = _given(reader, [f"--{name}", f"--{str(name).replace('_', '-')}"], default)
            if given:
                made.attrs[name] = given
    elif isinstance(made, Thing):
        for word, value in zip(reader.arguments, reader.arguments[1:], strict=False):
            if word.startswith("--") and not value.startswith("--"):
                made.kwargs[word.lstrip("-").replace("-", "_")] = Const(Location(COMMAND_LINE), _as(value, None))
    return made


@handles("@pyrallis.wrap", "@draccus.wrap")
def _wrapped(reader: Reader, function: Value | None, call: Call) -> Value | None:
    assert isinstance(function, Function)
    arguments = function.node.args.args
    annotation = arguments[0].annotation if arguments else None
    if annotation is not None:
        kind = expressions.evaluate(reader, annotation, function.scope)
        if isinstance(kind, Class):
            function.defaults[arguments[0].arg] = _from_class(reader, kind, call.at)
    return None
