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
from diagnose.report import FORMATS

OWN, SHARED, TABLE = "diagnose.toml", "pyproject.toml", "diagnose"
LARGEST = 1_000_000  # bytes

FAIL_ON = ("error", "warning", "never")
UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}
SHORTEST_BUDGET = 1.0
BUDGET, TUNE_BUDGET = "3m", "10m"  # where none is given, and with --tune
DEVICES = ("auto", "cpu", "cuda", "mps")
TEXT, WHOLE, FLAG, WORDS = "text", "a whole number", "true or false", "text or a list of texts"
# What runs a person's own code (--model, a factory as DATA) and what is written (--output, --fix) is only ever typed.
KEYS: dict[str, str | tuple[str, ...]] = {
    "data": TEXT,
    "config": TEXT,
    "set": WORDS,
    "format": FORMATS,
    "fail-on": FAIL_ON,
    "baseline": TEXT,
    "select": WORDS,
    "ignore": WORDS,
    "probes": FLAG,
    "tune": FLAG,
    "budget": TEXT,
    "device": DEVICES,
    "arch": TEXT,
    "weights": TEXT,
    "offline": FLAG,
    "label-pattern": TEXT,
    "resume": FLAG,
    "seed": WHOLE,
}
PATHS = ("data", "config", "baseline", "weights")


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
        if not _is_a(KEYS[name], value):
            wanted = KEYS[name]
            choices = wanted if isinstance(wanted, str) else f"one of {', '.join(wanted)}"
            raise InputError(f"{path}: {key} = {value!r} is not {choices}.")
        if name in PATHS:
            value = _from(path, name, value)
        options[name.replace("-", "_")] = [value] if KEYS[name] is WORDS and isinstance(value, str) else value
    return options


def _is_a(kind: str | tuple[str, ...], value: Any) -> bool:
    if isinstance(kind, tuple):
        return value in kind
    if kind is WORDS and isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    kinds = {TEXT: str, WORDS: str, WHOLE: int, FLAG: bool}
    return isinstance(value, kinds[kind]) and (kind is FLAG or not isinstance(value, bool))


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


def seconds(budget: str) -> float:
    """Seconds in "90s", "5m", "2h" or "90"."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", budget.strip().lower())
    if not match or float(match[1]) * UNITS[match[2]] < SHORTEST_BUDGET:
        raise InputError(f"--budget {budget}: give a time such as 90s, 5m or 2h.")
    return float(match[1]) * UNITS[match[2]]
