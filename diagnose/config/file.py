"""Reads a YAML, TOML or JSON configuration into a Config in which every value knows its line."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from diagnose.catalogue.options import place
from diagnose.config.schema import ALIASES, NULL_MEANS_NONE, ConfigFile
from diagnose.libraries.files import load_yaml
from diagnose.model import Config, InputError, Setting

ENDINGS = (".yaml", ".yml", ".toml", ".json")
LARGEST = 1_000_000  # bytes; one with every field has about 1,500
# What decides where a TOML statement ends: strings of four kinds, comments, brackets and the ends of lines.
TOML_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}|'
    r"'''(?:[^']|'{1,2}(?!'))*'{3,5}|"
    r'"(?:[^"\\\n]|\\.)*"|'
    r"'[^'\n]*'|#[^\n]*|[\[\]{}]|\n",
    re.DOTALL,
)
BY_HAND = "--set"  # in the place of a file's name


class Item(NamedTuple):
    """One value as written: its dotted key and line."""

    key: str
    value: Any
    line: int | None


def read_config(path: Path) -> Config:
    """The configuration in a YAML, TOML or JSON file.

    Raises InputError, with the line where there is one, for a file that is missing, unreadable or of another kind, and
    for fields that are unknown, repeated or of a wrong value.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder: name the program or configuration in it, such as {path}/train.py.")
    if path.suffix.lower() not in ENDINGS:
        what = f"ends in {path.suffix}" if path.suffix else "has no ending"
        raise InputError(f"{path} {what}, which no configuration does: give {', '.join(ENDINGS)}, .py or .ipynb.")
    try:
        if path.stat().st_size > LARGEST:
            raise InputError(f"{path} has {path.stat().st_size:,} bytes: a configuration has {LARGEST:,} at most.")
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{path} does not exist: give the configuration file with --config.") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder: --config takes a file.") from None
    except UnicodeDecodeError as fault:
        raise InputError(f"{path} is not UTF-8 text (byte {fault.start}): save it as UTF-8.") from None
    except OSError as fault:
        raise InputError(f"{path} cannot be read ({fault.strerror}): check its permissions.") from None
    read = {".toml": _toml, ".json": _json}.get(path.suffix.lower(), _yaml)
    try:
        return config_of(list(read(path, text)), str(path))
    except RecursionError:
        raise InputError(f"{path}: not a configuration: it is nested too deeply.") from None


def config_of(items: list[Item], file: str) -> Config:
    """The items as a Config. file: what stands for the file in their places.

    Raises InputError, with the place, for a field that is unknown, repeated or of a wrong value.
    """
    values: dict[str, Any] = {}
    lines: dict[str, int | None] = {}
    for key, value, line in items:
        name = ALIASES.get(key, key)
        if name not in ConfigFile.model_fields and (option := place(key)):
            group = values.setdefault(option[0], {})
            if not isinstance(group, dict) or option[1] in group:
                raise InputError(f"{_at(file, line)}: '{key}' says again what was said before; keep one.")
            group[option[1]] = value
            lines.setdefault(option[0], line)
            continue
        if name not in ConfigFile.model_fields:
            raise InputError(f"{_at(file, line)}: unknown field '{key}'{_nearest(key)}.")
        if name in values:
            raise InputError(f"{_at(file, line)}: '{key}' says again what line {lines[name]} said; keep one.")
        values[name], lines[name] = value, line
    for name, value in values.items():
        if value is None and name in NULL_MEANS_NONE:
            values[name] = "none"
    try:
        valid = ConfigFile.model_validate(values)
    except ValidationError as fault:
        first = fault.errors()[0]
        name = str(first["loc"][0])
        message = first["msg"].removeprefix("Value error, ")
        raise InputError(
            f"{_at(file, lines[name])}: {name}: {message[0].lower() + message[1:]} (it says {values[name]!r})."
        ) from None
    settings: dict[str, Setting[Any]] = {}
    for name in ConfigFile.model_fields:
        value = getattr(valid, name)
        if value is None:
            settings[name] = Setting(file=file, why=f"the config does not say `{name}`")
        else:
            canonical = tuple(value) if isinstance(value, list) else value
            canonical = tuple(sorted(value.items())) if isinstance(value, dict) else canonical
            settings[name] = Setting(canonical, True, file, lines[name], why="")
    return Config(**settings)


def _at(file: str, line: int | None) -> str:
    return f"{file}:{line}" if line else file


def _nearest(key: str) -> str:
    words = [*ConfigFile.model_fields, *ALIASES]
    match = difflib.get_close_matches(key.lower(), words, n=1)
    return f"; did you mean '{match[0]}'?" if match else f"; known are {', '.join(ConfigFile.model_fields)}"


def _flatten(mapping: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Dotted key, the mapping that holds it, and its key there, for every value that is no mapping."""
    for key, value in mapping.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", mapping, key


def _yaml(path: Path, text: str) -> Iterator[Item]:
    try:
        tree = load_yaml(text)
    except MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        line = mark.line + 1 if mark else None
        raise InputError(f"{_at(str(path), line)}: not valid YAML: {fault.problem or fault.context}.") from None
    except (YAMLError, ValueError) as fault:
        raise InputError(f"{path}: not valid YAML: {str(fault).splitlines()[0]}.") from None
    yield from _tree(path, tree)


def _tree(path: Path, tree: Any) -> Iterator[Item]:
    if not isinstance(tree, CommentedMap):
        raise InputError(f"{path}: holds no fields: write one 'name: value' a line, such as 'learning_rate: 0.01'.")
    for key, holder, name in _flatten(tree):
        assert isinstance(holder, CommentedMap)
        yield Item(key, _plain(holder[name]), holder.lc.key(name)[0] + 1)


def _plain(value: Any) -> Any:
    """ruamel's annotated numbers, texts and lists as the plain Python ones."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value


def _json(path: Path, text: str) -> Iterator[Item]:
    try:
        tree = json.loads(text)
    except json.JSONDecodeError as fault:
        raise InputError(f"{path}:{fault.lineno}: not valid JSON: {fault.msg}.") from None
    if not isinstance(tree, dict):
        raise InputError(f'{path}: holds no fields: expected an object such as {{"learning_rate": 0.01}}.')
    # JSON is YAML but for tabs between values, and YAML's reader knows the lines.
    try:
        lines = {item.key: item.line for item in _yaml(path, text.expandtabs())}
    except InputError:
        lines = {}  # an escape that YAML reads differently costs the lines, not the values
    for key, holder, name in _flatten(tree):
        yield Item(key, holder[name], lines.get(key))


def _toml(path: Path, text: str) -> Iterator[Item]:
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise InputError(f"{path}: not valid TOML: {str(fault)[0].lower() + str(fault)[1:]}.") from None
    lines = _toml_lines(text)
    for key, holder, name in _flatten(tree):
        yield Item(key, holder[name], lines.get(key))


def _toml_lines(text: str) -> dict[str, int]:
    """The line on which each key of a valid TOML text begins; each statement is read once, below its header."""
    found: dict[str, int] = {}
    header = ""
    for line, statement in _toml_statements(text):
        if statement.startswith("["):
            header = statement
        try:
            tree = tomllib.loads(statement if statement is header else f"{header}\n{statement}")
        except tomllib.TOMLDecodeError:
            continue  # what only the statements before it make readable costs its line, not its value
        for key, _, _ in _flatten(tree):
            found.setdefault(key, line)
    return found


def _toml_statements(text: str) -> Iterator[tuple[int, str]]:
    """Each header and each `key = value` with the line where it begins; a value may take several lines."""
    depth, start, begin, line = 0, 0, 1, 1
    for token in TOML_TOKEN.finditer(text + "\n"):
        mark = token[0]
        line += mark.count("\n")
        if mark == "\n" and depth == 0:
            statement = text[start : token.start()].strip()
            if statement and not statement.startswith("#"):
                yield begin, statement
            start, begin = token.end(), line
        depth += (mark in "[{") - (mark in "]}")
