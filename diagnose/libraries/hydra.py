"""Hydra: a configuration composed of files by groups, and objects made of the nodes that name their target."""

from __future__ import annotations

import os.path
from pathlib import Path
from typing import TYPE_CHECKING

from diagnose.interpreter.commandline import location, typed
from diagnose.interpreter.imports import named
from diagnose.interpreter.overlay import Overlay
from diagnose.interpreter.tables import merge, set_dotted
from diagnose.interpreter.values import Call, Class, Const, Function, Instance, Items, Table, Value, plain
from diagnose.libraries.files import read_data
from diagnose.libraries.settings import resolve
from diagnose.model import Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

OVERLAY = Overlay("hydra")

OWN_KEYS = ("_target_", "_partial_", "_recursive_", "_convert_", "_args_")
MOST_FILES = 40


@OVERLAY.handles("@hydra.main", "@*.main")
def _main(reader: Reader, function: Value | None, call: Call) -> Value | None:
    """A Hydra program's first parameter is its composed configuration."""
    assert isinstance(function, Function)
    arguments = function.node.args.args
    if not arguments or ("config_name" not in call.kwargs and "config_path" not in call.kwargs):
        return None
    folder = str(plain(call.kwargs.get("config_path") or call.arg(0), "") or "")
    name = str(plain(call.kwargs.get("config_name"), "config"))
    function.defaults[arguments[0].arg] = _configuration(reader, reader.root / folder, name, call.at)
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
    words = list(reader.arguments if overrides is None else overrides)
    chosen: dict[str, str] = {}
    values: list[tuple[str, str]] = []
    for word in words:
        key, equals, text = str(word).partition("=")
        if key in ("-cn", "--config-name"):
            name = text or name
        key = key.lstrip("+~")
        if equals and (folder / key).is_dir():
            chosen[key] = text
        elif equals:
            values.append((key, text))
    config = _composed(reader, folder, name, chosen, set()) or _stored(reader, name)
    if config is None:
        config = Table(at, partial=True)
        told = os.path.normpath(os.path.join(os.path.relpath(folder, reader.root), f"{name}.yaml"))
        reader.notes.append(f"Hydra's configuration {told} was not found, so its fields are unknown")
    for key, text in values:
        set_dotted(reader, config, key, Const(location(), typed(text, None)))
    resolve(config)
    return config


def _stored(reader: Reader, name: str) -> Table | None:
    """A configuration that the program itself stores as a dataclass."""
    for event in reader.trace:
        node = event.kwargs.get("node") or (event.args[2] if len(event.args) > 2 else None)
        called = event.kwargs.get("name") or (event.args[0] if event.args else None)
        if event.name == ".store" and node is not None and plain(called) == name:
            made = reader.call(node, Call((), {}, event.at)) if isinstance(node, Class) else node
            return Table(made.at, dict(made.attrs)) if isinstance(made, Instance) else None
    return None


def _composed(reader: Reader, folder: Path, name: str, chosen: dict[str, str], seen: set[Path]) -> Table | None:
    """A file with the groups of its defaults list, each at its own key or where its @package says."""
    path = folder / (name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
    if path in seen or len(seen) > MOST_FILES:
        return None
    tree = read_data(path)
    if not isinstance(tree, Table):
        return None
    seen = seen | {path}
    own = Table(tree.at, {key: value for key, value in tree.pairs.items() if key != "defaults"})
    composed = Table(tree.at)
    listed = tree.pairs.get("defaults")
    placed = False
    for entry in listed.items if isinstance(listed, Items) else ():
        if plain(entry) == "_self_":
            merge(reader, composed, own)
            placed = True
        elif isinstance(entry, Table):
            for group, choice in entry.pairs.items():
                _add_group(reader, folder, str(group), chosen, plain(choice), composed, seen)
        elif isinstance(base := plain(entry), str):
            more = _composed(reader, _home(folder, base), base.lstrip("/").rpartition("/")[2], chosen, seen)
            composed.partial = composed.partial or more is None
            if more is not None:
                merge(reader, composed, more)
    if not placed:
        merge(reader, composed, own)
    for group in chosen:
        if group not in composed.pairs and "." not in group:
            _add_group(reader, folder, group, chosen, None, composed, seen)
    return composed


def _home(folder: Path, base: str) -> Path:
    return folder / os.path.dirname(base.lstrip("/"))


def _add_group(
    reader: Reader, folder: Path, group: str, chosen: dict[str, str], choice: object, into: Table, seen: set[Path]
) -> None:
    words = group.split(" ")
    bare, _, package = words[-1].lstrip("/").partition("@")
    if words[0] == "override" and bare.startswith("hydra"):
        return
    picked = chosen.get(bare, choice)
    if picked is None or bare.startswith("hydra"):
        return
    for one in picked if isinstance(picked, list) else [picked]:
        found = _composed(reader, folder / bare, str(one), {}, seen)
        if found is None:
            into.partial = True
            continue
        place = package or bare.replace("/", ".")
        if place == "_global_":
            merge(reader, into, found)
            continue
        inner = Table(found.at)
        set_dotted(reader, inner, place, found)
        merge(reader, into, inner)


# ---------------------------------------------------------------------- objects of nodes


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
    """What hydra's instantiate() makes: of a node with `_target_` the result of that call, inner nodes first.

    Other nodes with their parts made. args, kwargs: further arguments of the outermost call.
    """
    if isinstance(node, Items):
        return Items(node.at, tuple(make(reader, one, at) for one in node.items), node.kind, node.partial)
    if not isinstance(node, Table):
        return node
    node.read.update(node.pairs)
    deep = plain(node.pairs.get("_recursive_"), True) is not False
    parts = {key: make(reader, value, at) if deep else value for key, value in node.pairs.items()
             if key not in OWN_KEYS}  # fmt: skip
    target = plain(node.pairs.get("_target_"))
    if not isinstance(target, str):
        return Table(node.at, {**parts, **(kwargs or {})}, node.partial, node.read)
    first = node.pairs.get("_args_")
    given = tuple(first.items) if isinstance(first, Items) else ()
    callee = named(reader, target, node.pairs["_target_"].at)
    whole = {str(key): value for key, value in {**parts, **(kwargs or {})}.items()}
    made = Call((*given, *args), whole, at, partial=node.partial)
    if plain((kwargs or {}).get("_partial_") or node.pairs.get("_partial_"), False) is True:
        whole.pop("_partial_", None)
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
