"""Things are looked up by the name that stands under `type:` in the YAML."""
from typing import Any, Callable, Dict


class Registry:
    def __init__(self, what: str):
        self.what = what
        self._entries: Dict[str, Callable[..., Any]] = {}

    def register(self, name: str):
        def wrap(fn):
            if name in self._entries:
                raise KeyError(f"{self.what} {name!r} is there already")
            self._entries[name] = fn
            return fn
        return wrap

    def build(self, spec: Dict[str, Any], *args, **extra):
        spec = dict(spec)
        name = spec.pop("type")
        if name not in self._entries:
            raise KeyError(f"no {self.what} {name!r}; known: {sorted(self._entries)}")
        return self._entries[name](*args, **spec, **extra)


MODELS = Registry("model")
DATA = Registry("data")
OPTIMIZERS = Registry("optimizer")
SCHEDULES = Registry("schedule")
