from typing import Callable, Dict


class Registry:
    """name -> callable, filled by a decorator"""

    def __init__(self, kind: str):
        self.kind = kind
        self._table: Dict[str, Callable] = {}

    def __call__(self, name: str):
        def deco(fn):
            if name in self._table:
                raise KeyError(f"{self.kind} {name!r} registered twice")
            self._table[name] = fn
            return fn

        return deco

    def build(self, spec: dict, **extra):
        spec = dict(spec)
        return self._table[spec.pop("type")](**spec, **extra)


NETS = Registry("network")
OPTIMS = Registry("optimizer")
SCHEDULES = Registry("schedule")
