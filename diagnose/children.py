"""How child processes are started, so that they run this package's files and no others of the same name.

Python puts the current folder before everything else: a person's `diagnose.py`, `random.py` or `queue.py` there would
be executed in place of the module that was meant. A child starts without that folder, and with the package `diagnose`
that its parent runs. A person's own modules (`package.module:factory`) join by `join`, once ours are imported.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

HERE = os.path.dirname(os.path.abspath(__file__))
SAFE_PATH = "PYTHONSAFEPATH"  # set: Python leaves the current folder out of sys.path (3.11 and later)

# sys.argv: -c, the folder of the package, the module, then the module's own words.
_START = """\
import importlib.util, os, runpy, sys
place, module = sys.argv[1:3]
del sys.argv[1:3]
spec = importlib.util.spec_from_file_location(
    "diagnose", os.path.join(place, "__init__.py"), submodule_search_locations=[place]
)
sys.modules["diagnose"] = package = importlib.util.module_from_spec(spec)
spec.loader.exec_module(package)
runpy.run_module(module, run_name="__main__", alter_sys=True)
"""


def command(module: str, *words: str) -> list[str]:
    """What starts `module`, such as "diagnose.probing", as the main program of a child; words: its arguments."""
    return [sys.executable, "-P", "-c", _START, HERE, module, *words]


def ending(code: int, printed: str) -> str:
    """How a child ended early, in words. code: as of subprocess; printed: its log, whose last line is quoted."""
    lines = printed.strip().splitlines()
    how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
    return f"{how}{': ' + lines[-1] if lines else ''}"


def join(folders: Iterable[str]) -> None:
    """In a child: a person's modules are looked for in these folders, before the installed ones, as their own program
    would. What this package needs has been imported by then."""
    sys.path[:0] = list(folders)


@contextmanager
def safe_path() -> Iterator[None]:
    """Children that the standard library starts meanwhile leave the current folder out of sys.path, too."""
    before = os.environ.get(SAFE_PATH)
    os.environ[SAFE_PATH] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[SAFE_PATH]
        else:
            os.environ[SAFE_PATH] = before
