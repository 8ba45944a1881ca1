"""Calls a function once a module has been imported, so that a library is hooked only where the program uses it."""

from __future__ import annotations

import importlib.abc
import importlib.util
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

Then = Callable[[ModuleType], None]


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self) -> None:
        self.waiting: dict[str, list[Then]] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in self.waiting:
            return None
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(fullname, path, target)
            if spec is not None and spec.loader is not None:
                spec.loader = _Loader(spec.loader, self.waiting[fullname])
                return spec
        return None


class _Loader(importlib.abc.Loader):
    """The module's own loader, followed by the functions that wait for it."""

    def __init__(self, loader: importlib.abc.Loader, then: list[Then]) -> None:
        self._loader, self._then = loader, then

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        for then in self._then:
            then(module)

    def __getattr__(self, name: str) -> object:
        return getattr(self._loader, name)


_FINDER = _Finder()


def expect(*modules: str) -> None:
    """Modules whose import is to be noticed even where somebody waits for them only while they are being imported."""
    for module in modules:
        _FINDER.waiting.setdefault(module, [])
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)


def when(module: str, then: Then) -> None:
    """Calls `then` with the module as soon as it has been imported; at once where it is imported already."""
    loaded = sys.modules.get(module)
    if loaded is not None and not getattr(loaded.__spec__, "_initializing", False):
        then(loaded)
        return
    _FINDER.waiting.setdefault(module, []).append(then)
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)
