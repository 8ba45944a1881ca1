"""Finds the files that a program names, and the calls that open them."""

from __future__ import annotations

import os.path
from pathlib import Path
from typing import TYPE_CHECKING

from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import Const, Thing, Value, unknown
from diagnose.model import Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

OPENING = ("open", "read", "read_text", "FileIO", "GFile")


def path_of(value: Value | None) -> str | None:
    """The path of a file object or a string; None where it is unknown."""
    if isinstance(value, Const) and isinstance(value.data, str):
        return value.data
    if isinstance(value, Thing) and value.short in OPENING:
        return path_of(value.base if value.name.startswith(".") else value.arg(0, "file", "name"))
    return None


def find_file(reader: Reader, path: str | None) -> Path | None:
    """The file that a path means, in the program's folder, the two above it, or the working directory.

    None where it is in none of them.
    """
    if not path:
        return None
    for base in (reader.root, *reader.root.parents[:2], Path.cwd()):
        found = Path(os.path.normpath(base / path))
        try:
            if found.is_file():
                return found
        except (OSError, ValueError):  # not a valid file name
            return None
    return None


def not_found(path: str, at: Location) -> Value:
    """An unknown value for a settings file that is missing."""
    return unknown(Reason.UNREAD, f"its settings file {path} was not found beside the program", at)
