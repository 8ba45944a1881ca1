"""Models of libraries: the results of their calls, one file per library.

Every file with an OVERLAY is used: to add a library, add its file and a test.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from diagnose.interpreter import builtin, imports, mappings
from diagnose.interpreter.overlay import Overlay, Registry


@cache
def registry() -> Registry:
    """The registry of Python's built-in functions and every library in this package."""
    files = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    overlays = [overlay for file in files if isinstance(overlay := getattr(file, "OVERLAY", None), Overlay)]
    return Registry([builtin.OVERLAY, imports.OVERLAY, mappings.OVERLAY, *overlays])


def is_understood(package: str) -> bool:
    """Whether the functions of a top-level package do nothing to their arguments beyond what is modelled."""
    return package in registry().understood
