"""Which parameters an optimizer holds."""

from __future__ import annotations

from diagnose.interpreter.values import Items, Table, Thing, Value
from diagnose.libraries import networks
from diagnose.training.pytorch.optimizing import groups_of


def covered(optimizer: Value) -> set[int] | None:
    """The ids of the parameters that an optimizer holds; None where they are not all known."""
    found: set[int] = set()
    for given, _ in groups_of(optimizer) or [(None, {})]:
        known = _parameter_ids(given)
        if known is None:
            return None
        found |= known
    return found


def _parameter_ids(given: Value | None) -> set[int] | None:
    if networks.is_network(given) and given is not None:
        return {id(p) for _, p in networks.parameters(given)}
    if not isinstance(given, Items) or given.partial:
        return None
    found: set[int] = set()
    for item in given.items:
        if isinstance(item, Thing) and item.name == "parameter":
            found.add(id(item))
        elif isinstance(item, Table):
            inner = _parameter_ids(item.pairs.get("params"))
            if inner is None:
                return None
            found |= inner
        elif isinstance(item, Thing) and item.short == "Parameter":
            found.add(id(item))
        else:
            return None
    return found
