"""Hydra: a configuration composed from grouped files, and objects instantiated from nodes with a _target_."""

from __future__ import annotations

import os.path
from pathlib import Path
from typing import TYPE_CHECKING

from ruamel.yaml.error import YAMLError

from diagnose.interpreter.commandline import location, typed
from diagnose.interpreter.imports import named
from diagnose.interpreter.overlay import Overlay
from diagnose.interpreter.tables import set_dotted
from diagnose.interpreter.values import Call, Const, Function, Items, Table, Value, plain
from diagnose.libraries.composition import Composer
from diagnose.libraries.files import from_tree, load_yaml
from diagnose.libraries.interpolation import resolve
from diagnose.model import Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

OVERLAY = Overlay("hydra", understood=("rootutils", "pyrootutils", "hydra_plugins"))

OWN_KEYS = ("_target_", "_partial_", "_recursive_", "_convert_", "_args_")
OWN_OPTIONS = ("-cn", "--config-name")


@OVERLAY.handles("@hydra.main", "@*.main")
def _main(reader: Reader, function: Value | None, call: Call) -> Value | None:
    """Call a Hydra program's function with its composed configuration."""
    assert isinstance(function, Function)
    arguments = function.node.args.args
    if not arguments or not (call.args or {"config_name", "config_path"} & set(call.kwargs)):
        return None
    folder = str(plain(call.arg(0, "config_path"), "") or "")
    name = str(plain(call.arg(1, "config_name"), "config"))
    home = function.scope.module.path.parent
    function.defaults[arguments[0].arg] = _configuration(reader, home / folder, name, call.at)
    return None


@OVERLAY.handles("hydra.compose")
def _compose(reader: Reader, base: Value | None, call: Call) -> Value | None:
    name = str(plain(call.arg(0, "config_name"), "config"))
    folder = next(
        (
            plain(event.kwargs.get("config_path") or (event.args[0] if event.args else None))
            for event in reversed(reader.trace)
            if event.name in ("hydra.initialize", "hydra.initialize_config_dir")
        ),
        None,
    )
    overrides = plain(call.arg(1, "overrides"), [])
    return _configuration(reader, reader.root / str(folder or "."), name, call.at, overrides or ())


def _configuration(
    reader: Reader, folder: Path, name: str, at: Location, overrides: list[str] | tuple[str, ...] | None = None
) -> Table:
    composer = Composer(reader, folder)
    values: list[tuple[str, str]] = []
    gone: list[str] = []
    words = list(reader.arguments if overrides is None else overrides)
    for number, word in enumerate(map(str, words)):
        key, equals, text = word.partition("=")
        if key in OWN_OPTIONS:
            name = text or (str(words[number + 1]) if number + 1 < len(words) else name)
        bare = key.lstrip("+~")
        if key.startswith("~"):
            composer.chosen[bare] = "null"
            gone.append(bare)
        elif equals and composer.is_group(bare.partition("@")[0]):
            composer.chosen[bare.partition("@")[0]] = text
        elif equals and key not in OWN_OPTIONS:
            values.append((bare, text))
    config = composer.whole(name)
    if config is None:
        config = Table(at, partial=True)
        path = os.path.normpath(os.path.join(os.path.relpath(folder, reader.root), f"{name}.yaml"))
        reader.notes.append(f"Hydra's configuration {path} was not found, so its fields are unknown")
    for lost in composer.lost:
        reader.notes.append(f"Hydra's configuration {lost}.yaml was not found, so its fields are unknown")
    for key in gone:
        config.pairs.pop(key, None)
    for key, text in values:
        set_dotted(reader, config, key, as_written(text))
    resolve(config)
    return config


def as_written(text: str) -> Value:
    """A command-line value, as YAML reads it: numbers, lists and tables too."""
    try:
        return from_tree(load_yaml(text), location())
    except (YAMLError, ValueError, RecursionError):
        return Const(location(), typed(text, None))


# ---------------------------------------------------------------------- objects from nodes


@OVERLAY.handles("hydra.utils.instantiate", "hydra.utils.call", "*.instantiate", "*.instantiate_from_config")
def _instantiate(reader: Reader, base: Value | None, call: Call) -> Value | None:
    node = call.arg(0, "config")
    if not isinstance(node, Table | Items):
        return None
    more = {name: value for name, value in call.kwargs.items() if name != "config"}
    return make(reader, node, call.at, call.args[1:], more)


def make(
    reader: Reader, node: Value, at: Location, args: tuple[Value, ...] = (), kwargs: dict[str, Value] | None = None
) -> Value:
    """The result of hydra's instantiate(): for a node with `_target_`, the result of that call, inner nodes first.

    Other nodes are returned with their parts instantiated. args, kwargs: further arguments of the outermost call.
    """
    if isinstance(node, Items):
        return Items(node.at, tuple(make(reader, one, at) for one in node.items), node.kind, node.partial)
    if not isinstance(node, Table):
        return node
    node.read.update(node.pairs)
    pairs = {**node.pairs, **(kwargs or {})}
    deep = plain(pairs.get("_recursive_"), True) is not False
    kwargs = {name: value for name, value in (kwargs or {}).items() if name not in OWN_KEYS}
    parts = {key: make(reader, value, at) if deep else value for key, value in node.pairs.items()
             if key not in OWN_KEYS}  # fmt: skip
    target = plain(node.pairs.get("_target_"))
    if not isinstance(target, str):
        return Table(node.at, {**parts, **kwargs}, node.partial, node.read)
    first = node.pairs.get("_args_")
    given = tuple(first.items) if isinstance(first, Items) else ()
    at = node.pairs["_target_"].at
    callee = named(reader, target, at)
    whole = {str(key): value for key, value in {**parts, **kwargs}.items()}
    if node.partial:
        reader.open_calls.add(at)
    made = Call((*given, *args), whole, at, partial=node.partial)
    if plain(pairs.get("_partial_"), False) is True:
        return reader.call(named(reader, "functools.partial", at), Call((callee, *made.args), whole, at))
    return reader.call(callee, made)


@OVERLAY.handles("hydra.utils.get_class", "hydra.utils.get_method", "hydra.utils.get_object", "pydoc.locate")
def _get_object(reader: Reader, base: Value | None, call: Call) -> Value | None:
    name = plain(call.arg(0, "path"))
    return named(reader, name, call.at) if isinstance(name, str) else None


@OVERLAY.handles("hydra.utils.to_absolute_path")
def _absolute(reader: Reader, base: Value | None, call: Call) -> Value | None:
    return call.arg(0, "path")


@OVERLAY.handles("hydra.utils.get_original_cwd")
def _original_folder(reader: Reader, base: Value | None, call: Call) -> Value | None:
    return Const(call.at, str(reader.root))
