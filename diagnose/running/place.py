"""Where in the person's own files the program stands at a moment."""

from __future__ import annotations

import inspect
import os
import re
import sys
import sysconfig
from types import FrameType, TracebackType

from diagnose.model import Location

_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_LIBRARIES = tuple(
    {os.path.realpath(path) + os.sep for path in (*sysconfig.get_paths().values(), sys.prefix, sys.base_prefix, _HERE)}
)
_CELL = re.compile(r"^(.*\.ipynb) cell (\d+)$")


def of_person(file: str, root: str) -> bool:
    """Whether a file is of the program rather than of a library. root: the program's folder, which may lie inside a
    library's, as an environment in the project does."""
    if _CELL.match(file):
        return True
    if file.startswith("<") or "site-packages" in file or "dist-packages" in file:
        return False
    real = os.path.realpath(file)
    if real.startswith(_HERE + os.sep):
        return False
    return real.startswith(root + os.sep) or not real.startswith(_LIBRARIES)


def location(file: str, line: int | None) -> Location:
    """A line as it is shown: relative to the current folder where it lies below it, and with the notebook's cell."""
    cell = _CELL.match(file)
    name, number = (cell[1], int(cell[2])) if cell else (file, None)
    name = os.path.abspath(name)
    folder = START + os.sep
    return Location(name.removeprefix(folder), line, number)


START = os.getcwd()
ROOT = START


def here(frame: FrameType | None = None) -> Location | None:
    """The innermost line of the person's own files that is being executed."""
    frame = frame or sys._getframe(1)
    while frame is not None:
        if of_person(frame.f_code.co_filename, ROOT):
            return location(frame.f_code.co_filename, frame.f_lineno)
        frame = frame.f_back
    return None


def of_class(thing: object) -> Location | None:
    """Where the class of an object is written, where that is the person's own file."""
    try:
        file, line = inspect.getsourcefile(type(thing)) or "", inspect.getsourcelines(type(thing))[1]
    except (OSError, TypeError):
        return None
    return location(file, line) if of_person(file, ROOT) else None


def of_function(function: object) -> Location | None:
    """Where a function of the person's own begins; None for any other."""
    code = getattr(function, "__code__", None)
    if code is None or not of_person(code.co_filename, ROOT):
        return None
    return location(code.co_filename, code.co_firstlineno)


def of_fault(traceback: TracebackType | None) -> Location | None:
    """The innermost line of the person's own files in a traceback."""
    found = None
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if of_person(code.co_filename, ROOT):
            found = location(code.co_filename, traceback.tb_lineno)
        traceback = traceback.tb_next
    return found
