"""timm, which the extra of that name installs: whether it is there, without importing it, which takes seconds."""

from __future__ import annotations

import importlib.util
import sys

INSTALL_TIMM = "pip install 'diagnose-training[timm]'"


def has_timm() -> bool:
    """Whether timm can be imported."""
    if "timm" in sys.modules:
        return sys.modules["timm"] is not None
    return importlib.util.find_spec("timm") is not None
