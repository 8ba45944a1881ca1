"""Settings that a program reads from a file: YAML, JSON, TOML and INI, OmegaConf, yacs, ConfigParser."""

from __future__ import annotations

import os.path
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diagnose.interpreter.builtin import copy_of, dict_of
from diagnose.interpreter.commandline import location, typed
from diagnose.interpreter.overlay import Overlay
from diagnose.interpreter.paths import find_file, not_found, path_of
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.tables import copied, fields_of, merge, set_dotted, veil
from diagnose.interpreter.values import Call, Const, Instance, Items, Table, Thing, Value, plain, unknown
from diagnose.libraries.files import ENDINGS, read_data
from diagnose.libraries.interpolation import resolve

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

OVERLAY = Overlay(
    "settings", understood=("ml_collections", "yacs", "easydict", "addict", "munch", "box", "dotmap", "anyconfig")
)


# ---------------------------------------------------------------------- files


def load_settings(reader: Reader, path: str | None) -> Value | None:
    """The content of a settings file, found as by `find_file`; None where it is missing or not readable."""
    found = find_file(reader, path)
    return read_data(found) if found is not None else None


@OVERLAY.handles(
    "yaml.safe_load", "yaml.load", "yaml.full_load", "yaml.unsafe_load", "json.load", "json.loads", "toml.load",
    "tomllib.load", "tomli.load", "toml.loads", "tomllib.loads", "*.load_yaml", "anyconfig.load", ".safe_load",
    "hjson.load",
)  # fmt: skip
def _load(reader: Reader, base: Value | None, call: Call) -> Value | None:
    path = path_of(call.arg(0))
    found = load_settings(reader, path)
    if found is None and path and Path(path).suffix.lower() in ENDINGS:
        return not_found(path, call.at)
    return found


# ---------------------------------------------------------------------- OmegaConf and yacs

COPY_OPTIONS = ("resolve", "throw_on_missing", "flags", "default_box")
OVERLAY.handles(".clone", ".freeze", ".defrost", ".to_dict", ".toDict")(copy_of)


@OVERLAY.handles(
    "easydict.EasyDict", "addict.Dict", "box.Box", "ml_collections.ConfigDict", "ml_collections.config_dict.ConfigDict",
    "*.CfgNode", "*.EasyDict", "*.AttrDict", "dotmap.DotMap", "munch.Munch", "munch.munchify",
    "omegaconf.OmegaConf.create", "omegaconf.DictConfig", "omegaconf.OmegaConf.to_container",
    "omegaconf.OmegaConf.to_object",
)  # fmt: skip
def _config_object(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """A table with its interpolations resolved."""
    given = {name: one for name, one in call.kwargs.items() if name not in COPY_OPTIONS}
    made = dict_of(reader, base, replace(call, kwargs=given))
    if isinstance(made, Table):
        resolve(made)
    return made


@OVERLAY.handles("omegaconf.OmegaConf.load")
def _omegaconf_load(reader: Reader, base: Value | None, call: Call) -> Value | None:
    found = _load(reader, base, call)
    if isinstance(found, Table):
        resolve(found)
    return found


@OVERLAY.handles("omegaconf.OmegaConf.merge", "*.unsafe_merge")
def _merged(reader: Reader, base: Value | None, call: Call) -> Value | None:
    merged = Table(call.at)
    parts = [_as_table(part) for part in call.args]
    for part in parts:
        if part is None:
            veil(reader, merged, "settings that were not read may replace it", call.at)
        else:
            merge(reader, merged, part)
    resolve(merged)
    return merged


def _as_table(value: Value) -> Table | None:
    """A table, or the fields of a dataclass that stands for one."""
    found = copied(fields_of(value))
    return found if isinstance(found, Table) else None


@OVERLAY.handles("omegaconf.OmegaConf.from_cli", "omegaconf.OmegaConf.from_dotlist")
def _from_cli(reader: Reader, base: Value | None, call: Call) -> Value | None:
    given = plain(call.arg(0, "args_list", "dotlist"))
    words = given if isinstance(given, list) else list(reader.arguments)
    table = Table(call.at)
    for word in words:
        key, equals, text = str(word).partition("=")
        if equals:
            set_dotted(reader, table, key.lstrip("-"), Const(location(), typed(text, None)))
    return table


@OVERLAY.handles("omegaconf.OmegaConf.structured")
def _structured(reader: Reader, base: Value | None, call: Call) -> Value | None:
    kind = call.arg(0, "obj")
    made = reader.call(kind, Call((), {}, call.at)) if kind is not None and not isinstance(kind, Instance) else kind
    found = fields_of(made) if made is not None else None
    return found if isinstance(found, Table) else None


@OVERLAY.handles("omegaconf.OmegaConf.update")
def _omegaconf_update(reader: Reader, base: Value | None, call: Call) -> Value | None:
    table, key, value = call.arg(0, "cfg"), plain(call.arg(1, "key")), call.arg(2, "value")
    if isinstance(table, Table) and isinstance(key, str) and value is not None:
        set_dotted(reader, table, key, value)
    return Const(call.at, None)


@OVERLAY.handles("omegaconf.OmegaConf.select")
def _omegaconf_select(reader: Reader, base: Value | None, call: Call) -> Value | None:
    found, key = call.arg(0, "cfg"), plain(call.arg(1, "key"))
    for part in key.split(".") if isinstance(key, str) else ():
        found = found.pairs.get(part) if isinstance(found, Table) else None
    return found or call.arg(-1, "default")


@OVERLAY.handles(".merge_from_file")
def _merge_from_file(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    """yacs: a file over the defaults, on top of the file in its _BASE_."""
    if not isinstance(owner, Table):
        return None
    path = path_of(call.arg(0))
    found = load_settings(reader, path)
    if not isinstance(found, Table):
        veil(reader, owner, f"its settings file {path or ''} was not found".replace("  ", " "), call.at)
        return Const(call.at, None)
    base = found.pairs.pop("_BASE_", None) or found.pairs.pop("BASE", None)
    for name in (plain(base) if isinstance(base, Items) else [plain(base)]) or []:
        below = load_settings(reader, os.path.join(os.path.dirname(path or ""), name)) if name else None
        if isinstance(below, Table):
            merge(reader, owner, below)
    merge(reader, owner, found)
    return Const(call.at, None)


@OVERLAY.handles(".merge_from_list")
def _merge_from_list(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    """yacs: alternating keys and values."""
    if not isinstance(owner, Table):
        return None
    given = call.arg(0)
    items = given.items if isinstance(given, Items) and not given.partial else None
    if items is None and not (isinstance(given, Const) and given.data is None):
        veil(reader, owner, "the command line may replace it", call.at)
    for key, value in zip((items or ())[::2], (items or ())[1::2], strict=False):
        if isinstance(name := plain(key), str):
            text = plain(value)
            set_dotted(reader, owner, name, Const(value.at, typed(text, None)) if isinstance(text, str) else value)
    return Const(call.at, None)


@OVERLAY.handles(".merge_from_dict")
def _merge_from_dict(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    """mmengine: values by dotted keys."""
    more = call.arg(0, "options")
    if not isinstance(owner, Table):
        return None
    if not isinstance(more, Table) or more.partial:
        veil(reader, owner, "settings that were not read may replace it", call.at)
    for key, value in more.pairs.items() if isinstance(more, Table) else ():
        set_dotted(reader, owner, str(key), value)
    return Const(call.at, None)


@OVERLAY.handles(".merge_from_other_cfg", ".merge_with", ".merge_update")
def _merge_from_other(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    if not isinstance(owner, Table):
        return None
    for part in call.args:
        if (more := _as_table(part)) is not None:
            merge(reader, owner, more)
        else:
            veil(reader, owner, "settings that were not read may replace it", call.at)
    return Const(call.at, None)


# ---------------------------------------------------------------------- ConfigParser


@OVERLAY.handles("configparser.ConfigParser", "configparser.RawConfigParser", "configparser.SafeConfigParser")
def _config_parser(reader: Reader, base: Value | None, call: Call) -> Value | None:
    return Thing(call.at, name="configparser.ConfigParser", attrs={"__ini__": Table(call.at)})


def _sections(owner: Value | None) -> Table | None:
    found = owner.attrs.get("__ini__") if isinstance(owner, Thing) else None
    return found if isinstance(found, Table) else None


def _is_ini(owner: Value | None) -> bool:
    return _sections(owner) is not None


@OVERLAY.handles(".get", ".pop", of=_is_ini)
def _get_ini(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    sections = _sections(owner)
    return ini_value(sections, call) if sections is not None else None


@OVERLAY.handles(".read")
def _read_ini(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    sections = _sections(owner)
    if sections is None or not isinstance(owner, Thing):
        return None
    names = call.arg(0, "filenames")
    for one in names.items if isinstance(names, Items) else (names,):
        found = load_settings(reader, path_of(one))
        if isinstance(found, Table):
            merge(reader, sections, found)
        else:
            reader.write(vars(sections), "partial", True)
    for name, section in sections.pairs.items():
        reader.write(owner.attrs, ("[]", name), section)
    return names


CONVERTED = {".getint": int, ".getfloat": float, ".getboolean": lambda text: typed(text, True)}


@OVERLAY.handles(".getint", ".getfloat", ".getboolean")
def _get_number(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    convert: Any = CONVERTED[f".{getattr(getattr(call.node, 'func', None), 'attr', 'getint')}"]
    sections = _sections(owner)
    if sections is None and not isinstance(owner, Table):
        return None
    found = ini_value(sections, call) if sections is not None else _own_value(owner, call)
    if isinstance(found, Const) and isinstance(found.data, str):
        try:
            return Const(found.at, convert(found.data))
        except ValueError:
            return unknown(Reason.UNFOLLOWED, f"{found.data!r} isn't a number", found.at)
    return found


def ini_value(sections: Table, call: Call) -> Value:
    """ConfigParser's get(section, option, fallback=…); unknown where there is neither value nor fallback."""
    section, option = plain(call.arg(0, "section")), plain(call.arg(1, "option"))
    table = sections.pairs.get(section)
    found = table.pairs.get(option) if isinstance(table, Table) else None
    return (
        found
        or call.kwargs.get("fallback")
        or unknown(Reason.UNREAD, f"{section}.{option} was not found in its file", call.at)
    )


def _own_value(section: Value | None, call: Call) -> Value | None:
    found = section.pairs.get(plain(call.arg(0))) if isinstance(section, Table) else None
    return found or call.arg(1, "fallback")
