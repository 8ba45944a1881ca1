"""Options of the command line kept in a project: [tool.diagnose] of its pyproject.toml, or its diagnose.toml.

One rule: what is typed counts first; then one file alone, that of the nearest folder from the current one upwards,
diagnose.toml before pyproject.toml; then the defaults. Paths in it are meant from its own folder.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import Any

from diagnose.model import InputError
from diagnose.options import OPTIONS
from diagnose.request import TEXTS, Option

OWN, SHARED, TABLE = "diagnose.toml", "pyproject.toml", "diagnose"
LARGEST = 1_000_000  # bytes

KINDS = {bool: "true or false", int: "a whole number"}  # other types are text
# What runs a person's own code (--model, a factory as DATA) and what is written (--output, --fix) is only ever typed.
KEYS = {option.key: option for option in OPTIONS.values() if option.kept}


def find(folder: Path) -> Path | None:
    """The one file that counts, from `folder` upwards. Raises InputError for a pyproject.toml that cannot be read."""
    for place in (folder, *folder.parents):
        if (place / OWN).is_file():
            return place / OWN
        if (place / SHARED).is_file() and _table(place / SHARED) is not None:
            return place / SHARED
    return None


def read(path: Path) -> dict[str, Any]:
    """The options by the names of the command's parameters. Raises InputError with the file, the key and a remedy."""
    options = {}
    for key, value in (_table(path) or {}).items():
        name = key.replace("_", "-")
        if name not in KEYS:
            near = difflib.get_close_matches(name, KEYS, n=1, cutoff=0.6)
            hint = f"did you mean {near[0]}?" if near else f"keys are {', '.join(KEYS)}."
            raise InputError(f"{path}: no setting is called '{key}'; {hint}")
        option = KEYS[name]
        fault = _fault(option, value)
        if fault:
            raise InputError(f"{path}: {key} = {value!r} is not {fault}.")
        if option.path:
            value = _from(path, name, value)
        options[option.name] = [value] if option.type == TEXTS and isinstance(value, str) else value
    return options


def _fault(option: Option, value: Any) -> str:
    """What the value should be and isn't, in words; empty where it is."""
    if option.words:
        return "" if value in option.words else f"one of {', '.join(option.words)}"
    if option.type == TEXTS:
        fits = isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value))
        return "" if fits else "text or a list of texts"
    kind = option.type if option.type in KINDS else str
    return "" if type(value) is kind else KINDS.get(kind, "text")


def _from(file: Path, name: str, value: str) -> str:
    """A path that is meant from the file's own folder; of a program with its command line, the program's."""
    folder = file.parent
    path, *words = value.split(" ") if name == "config" else [value]
    if name == "data" and re.fullmatch(r"[\w.]+:\w+", value):
        raise InputError(f"{file}: data = {value!r} would run code of its own: name it on the command line.")
    if "://" in value or not (folder / path).exists():
        return value
    return " ".join([str(folder / path), *words])


def _table(path: Path) -> dict[str, Any] | None:
    """What the file says of diagnose; None where a pyproject.toml does not."""
    try:
        if path.stat().st_size > LARGEST:
            raise InputError(f"{path} has more than {LARGEST:,} bytes: that isn't a file of settings.")
        table: Any = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise InputError(f"{path} cannot be read ({fault.strerror}): check its permissions.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise InputError(f"{path} isn't valid TOML: {fault}.") from None
    if path.name == SHARED:
        table = table.get("tool", {})
        table = table.get(TABLE) if isinstance(table, dict) else None
    if table is not None and not isinstance(table, dict):
        raise InputError(f"{path}: tool.diagnose is not a table.")
    return table
