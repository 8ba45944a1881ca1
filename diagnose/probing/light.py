"""Torchvision without torch's compiler, whose import takes as long as that of everything else the probes need.

Torchvision asks the compiler for two things while it is imported: to leave a function alone (torch.compiler.disable),
and by what one of its operators knows that a program is compiled. The probes compile nothing before their first
answer; whoever does later imports the compiler by that.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

import torch

COMPILER = "torch._dynamo.utils"


class _Later(ModuleType):
    """Stands where the compiler's module is, until something of it is called or asked for."""

    def is_compile_supported(self, device: Any) -> bool:
        """As the compiler's own."""
        return bool(_real().is_compile_supported(device))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(_real(), name)


def _real() -> ModuleType:
    if isinstance(sys.modules.get(COMPILER), _Later):
        del sys.modules[COMPILER]
    return import_module(COMPILER)


def _left_alone(function: Callable[..., Any] | None = None, **_: Any) -> Any:
    return function if function is not None else _left_alone


def import_torchvision() -> None:
    """Import it, the compiler only where something else has imported that already."""
    if COMPILER in sys.modules:
        return
    disable = torch.compiler.disable
    sys.modules[COMPILER] = _Later(COMPILER)
    torch.compiler.disable = _left_alone  # type: ignore[assignment]
    try:
        import_module("torchvision.transforms.v2")
    finally:
        torch.compiler.disable = disable
        if isinstance(sys.modules.get(COMPILER), _Later):
            del sys.modules[COMPILER]
