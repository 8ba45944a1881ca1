"""Writes other values into a configuration or program, where that can be done by changing the values alone.

What comes out is read again before anyone sees it: the fields that were to change have their new values and no other
field has changed, or there is no edit.
"""

from __future__ import annotations

import ast
import difflib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diagnose.config.file import BY_HAND, Item, config_of
from diagnose.config.program import Reading
from diagnose.config.read import path_of, read_configuration
from diagnose.config.schema import ALIASES
from diagnose.model import UNIT_STEP, Config, InputError, Setting

BACKUP = ".orig"
IMAGENET_WEIGHTS = frozenset(("imagenet", "DEFAULT", "IMAGENET1K_V1", "IMAGENET1K_V2"))
# What a program calls a field, where a line holds the old value more than once.
KEYWORDS = {
    "learning_rate": ("lr", "learning_rate", "base_lr", "default"),
    "weights": ("weights", "pretrained", "default"),
    "head": ("num_classes", "out_features", "units", "default"),
    "shuffle": ("shuffle",),
    "drop_last": ("drop_last",),
    "batch_size": ("batch_size", "default"),
    "epochs": ("epochs", "default"),
    "momentum": ("momentum", "default"),
    "weight_decay": ("weight_decay", "default"),
}
ONE_VALUE = r"""\[[^\]\n]*\]|"[^"\n]*"|'[^'\n]*'|[^\s,}#][^,}#\n]*?(?=\s*(?:[,}#]|$))"""


class CannotEdit(Exception):
    """The change cannot be written by this program. The message says why."""


@dataclass(frozen=True)
class Edit:
    """One file as it is and as it would be."""

    path: Path
    before: str
    after: str

    @property
    def diff(self) -> str:
        """A unified diff, as `git apply` and `patch -p1` take it in the current folder."""
        near = os.path.relpath(self.path)
        name = (Path(near) if not near.startswith("..") else self.path.absolute()).as_posix().lstrip("/")
        lines = difflib.unified_diff(
            self.before.splitlines(keepends=True), self.after.splitlines(keepends=True), f"a/{name}", f"b/{name}"
        )
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)

    def write(self) -> Path:
        """Puts the new text in place of the old, whole or not at all. Returns where the old one is kept.

        Raises InputError where the file is another one by now, or cannot be written.
        """
        try:
            if _text(self.path) != self.before:
                raise InputError(f"{self.path} was changed meanwhile, so nothing was written: run diagnose again.")
            backup = _free_name(self.path)
            shutil.copy2(self.path, backup)
            handle, draft = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(self.after)
            shutil.copymode(self.path, draft)
            os.replace(draft, self.path)
        except OSError as fault:
            raise InputError(f"{self.path} cannot be written ({fault.strerror}): check its permissions.") from None
        return backup


def edits(given: str, changes: Mapping[str, Any]) -> tuple[Edit, ...]:
    """The edits that give these fields these values in the configuration `given` to --config.

    Raises CannotEdit, and InputError where the configuration cannot be read.
    """
    wanted = canonical(changes)
    reading = read_configuration(given)
    before: dict[Path, str] = {}
    after: dict[Path, str] = {}
    done = []  # training and held-out images may share a transform, which is changed once
    for name, value in changes.items():
        setting: Setting[Any] = getattr(reading.config, name)
        if _same(setting.value, value) and setting.known:
            continue
        if setting.line and (place := (setting.location, setting.value, value)) in done:
            continue
        done.append(place if setting.line else None)
        path = Path(setting.file) if setting.file else path_of(given)
        if path not in before:
            before[path] = after[path] = _text(path)
        after[path] = _changed(path, after[path], name, setting, value, reading)
    made = tuple(Edit(path, before[path], text) for path, text in after.items())
    if made:
        _check(given, reading.config, wanted, made)
    return made


def _changed(path: Path, text: str, name: str, setting: Setting[Any], value: Any, reading: Reading) -> str:
    if path.suffix.lower() == ".ipynb":
        raise CannotEdit("notebooks are not written to")
    if path.suffix.lower() == ".py":
        return _in_program(text, name, setting, value, reading)
    if setting.known and setting.line:
        return _in_line(path, text, name, setting.line, value)
    return _added(path, text, name, value)


# ------------------------------------------------------------------ configuration files


def _in_line(path: Path, text: str, name: str, line: int, value: Any) -> str:
    """The value of the field on its line, replaced; what else is on the line stays."""
    lines = text.splitlines(keepends=True)
    spellings = [name, *(alias for alias, field in ALIASES.items() if field == name)]
    keys = "|".join(re.escape(key.rpartition(".")[2]) for key in sorted(spellings, key=len, reverse=True))
    # Where the field's mapping begins on the line, such as {name: sgd, lr: 10}, the key may come later on it.
    pattern = re.compile(rf"""((?<![\w.])["']?(?:{keys})["']?\s*[:=]\s*)({ONE_VALUE})""", re.I)
    new, count = pattern.subn(lambda match: match[1] + _written(path, value), lines[line - 1], count=1)
    if count == 0:
        raise CannotEdit(f"the value of {name} does not stand on line {line} alone")
    return "".join([*lines[: line - 1], new, *lines[line:]])


def _added(path: Path, text: str, name: str, value: Any) -> str:
    told = _written(path, value)
    if path.suffix.lower() == ".toml":
        return f"{name} = {told}\n{text}"
    if path.suffix.lower() == ".json":
        return re.sub(r"\{(\s*)", lambda match: f'{{{match[1]}"{name}": {told},{match[1] or " "}', text, count=1)
    return f"{text}{'' if text.endswith(chr(10)) else chr(10)}{name}: {told}\n"


def _written(path: Path, value: Any) -> str:
    """The value in the words of the file."""
    yaml = path.suffix.lower() in (".yaml", ".yml")
    if isinstance(value, tuple | list):
        if value in ((UNIT_STEP,), [UNIT_STEP]):
            value = UNIT_STEP
        elif not value:
            value = "none"
        elif yaml:
            return f"[{', '.join(_written(path, item) for item in value)}]"
        else:
            return json.dumps(list(value))
    if isinstance(value, str) and yaml:
        return value
    if isinstance(value, float):
        return _number(value)
    return json.dumps(value)


def _number(value: float) -> str:
    """A number that every reader takes for a float."""
    told = f"{value:g}"
    return told if "." in told or "e-" in told else f"{told}.0" if "e" not in told else repr(value)


# ------------------------------------------------------------------ programs


def _in_program(text: str, name: str, setting: Setting[Any], value: Any, reading: Reading) -> str:
    """The one literal on the setting's line that says its old value, replaced."""
    if not setting.known or not setting.line:
        raise CannotEdit(f"the program does not say {name} in one place")
    found = list(_literals(text, name, setting))
    if len(found) != 1:
        raise CannotEdit(f"line {setting.line} does not say {name} as one plain value")
    node, old = found[0]
    assert node.end_col_offset is not None
    lines = text.encode().splitlines(keepends=True)
    row = lines[node.lineno - 1]
    new = _as_python(old, value, reading).encode()
    lines[node.lineno - 1] = row[: node.col_offset] + new + row[node.end_col_offset :]
    return b"".join(lines).decode()


def _literals(text: str, name: str, setting: Setting[Any]) -> Iterator[tuple[ast.expr, Any]]:
    """Literals on the line that mean the setting's value; those of a keyword that is called as the field, if any."""
    tree = ast.parse(text)
    plain: list[tuple[ast.expr, Any]] = []
    named: list[tuple[ast.expr, Any]] = []
    keywords = {id(node.value): node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.expr) or node.lineno != setting.line or node.end_lineno != node.lineno:
            continue
        try:
            value = ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError):
            continue
        if _means(name, value, setting.value):
            (named if keywords.get(id(node)) in KEYWORDS.get(name, ()) else plain).append((node, value))
    yield from (named or plain)


def _means(name: str, literal: Any, value: Any) -> bool:
    if name == "weights" and value == "none":
        return literal is None or literal is False
    if isinstance(literal, bool) or isinstance(value, bool):
        return literal is value
    if isinstance(literal, tuple | list) and isinstance(value, tuple):
        return _same(tuple(literal), value)
    return bool(literal == value)


def _as_python(old: Any, value: Any, reading: Reading) -> str:
    if old is False and value == "imagenet":
        return "True"
    if old is None and value == "imagenet":
        keras = reading.program is not None and reading.program.framework == "keras"
        return '"imagenet"' if keras else '"DEFAULT"'
    if isinstance(value, tuple):
        return repr(list(value) if isinstance(old, list) else value)
    return _number(value) if isinstance(value, float) else repr(value)


# ------------------------------------------------------------------ in the words of --set


def as_settings(changes: Mapping[str, Any]) -> tuple[str, ...]:
    """The changes as `key=value`, for a run with them that writes nothing."""
    return tuple(
        f"{name}={json.dumps(list(value) if isinstance(value, tuple) else value) if value != () else 'none'}"
        for name, value in changes.items()
    )


# ------------------------------------------------------------------ reading it again


def _check(given: str, before: Config, wanted: Mapping[str, Any], made: tuple[Edit, ...]) -> None:
    """Raises CannotEdit unless the edited files read as meant."""
    path = path_of(given).absolute()
    with tempfile.TemporaryDirectory() as folder:
        for edit in made:
            _mirror(path.parent, Path(folder), edit)
        try:
            after = read_configuration(given.replace(str(path_of(given)), str(Path(folder) / path.name))).config
        except InputError as fault:
            raise CannotEdit(f"the changed file would not be read: {fault}") from None
    for name, setting in after.settings():
        earlier: Setting[Any] = getattr(before, name)
        if name in wanted:
            if not (setting.known and _as_meant(name, setting.value, wanted[name])):
                raise CannotEdit(f"{name} would not be read as {wanted[name]}")
        elif not _same(setting.value, earlier.value) and not _follows(name, wanted):
            raise CannotEdit(f"{name} would change as well")


def canonical(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes as the configuration would read them; raises InputError for a value that it would refuse."""
    items = [Item(name, list(value) if isinstance(value, tuple) else value, None) for name, value in changes.items()]
    return {name: setting.value for name, setting in config_of(items, BY_HAND).settings() if setting.known}


def _as_meant(name: str, value: Any, wanted: Any) -> bool:
    """ImageNet's weights have a name in each library."""
    if name == "weights" and wanted == "imagenet":
        return value in IMAGENET_WEIGHTS
    return _same(value, wanted)


def _follows(name: str, wanted: Mapping[str, Any]) -> bool:
    """The method of a program that does not name one is what its weights amount to."""
    return name == "method" and "weights" in wanted


def _mirror(root: Path, folder: Path, edit: Edit) -> None:
    """The folder of the configuration, by links, with the edited file in the place of its own."""
    try:
        parts = edit.path.absolute().relative_to(root).parts
    except ValueError:
        raise CannotEdit(f"{edit.path} lies outside the program's folder") from None
    for depth, part in enumerate(parts):
        here, there = root.joinpath(*parts[:depth]), folder.joinpath(*parts[:depth])
        if there.is_symlink():
            there.unlink()
        there.mkdir(exist_ok=True)
        for item in here.iterdir():
            if item.name != part and not os.path.lexists(there / item.name):
                (there / item.name).symlink_to(item.absolute())
    target = folder.joinpath(*parts)
    target.unlink(missing_ok=True)
    target.write_text(edit.after, encoding="utf-8", newline="")


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, float) and isinstance(other, float | int):
        return abs(one - other) <= 1e-9 * max(abs(one), abs(other))
    return bool(one == other)


def _text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except (OSError, UnicodeDecodeError):
        raise InputError(f"{path} cannot be read any more, so nothing was written.") from None


def _free_name(path: Path) -> Path:
    """A name for the backup that is not taken: earlier backups are never overwritten."""
    number = 0
    while True:
        backup = path.with_name(f"{path.name}{BACKUP}{number or ''}")
        if not backup.exists():
            return backup
        number += 1
