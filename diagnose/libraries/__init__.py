"""Where a program meets its libraries: what their calls come to, one file for each library.

A file that has an OVERLAY is in force: a further library is its file, and the test of it.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from diagnose.interpreter import builtin, imports, mappings
from diagnose.interpreter.overlay import Overlay, Registry


@cache
def registry() -> Registry:
    """Python's own functions and every library of this package."""
    files = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    overlays = [overlay for file in files if isinstance(overlay := getattr(file, "OVERLAY", None), Overlay)]
    return Registry([builtin.OVERLAY, imports.OVERLAY, mappings.OVERLAY, *overlays])


def is_understood(package: str) -> bool:
    """Whether functions of a package, the first part of a name, do no more than is modelled to what they get."""
    return package in registry().understood
