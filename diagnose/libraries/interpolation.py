"""Resolves references within settings, as OmegaConf does: ${a.b} is absolute, ${.b} and ${..b} are relative."""

from __future__ import annotations

import re

from diagnose.interpreter.commandline import typed
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import Const, Items, Table, Value, unknown

INNERMOST = re.compile(r"\$\{([^${}]*)\}")
DEEPEST = 12  # nested sections
MOST_REFERENCES = 6  # nested references
LONGEST = 1_000  # characters of an interpolated string
Trail = tuple[Value, ...]  # the tables and lists around a value, outermost first


def resolve(root: Table) -> None:
    """Replace ${a.b} in a table and its nested values by the referenced value, in place; unknown where not found."""
    _resolve_table((root,))


def _resolve_table(trail: Trail) -> None:
    table = trail[-1]
    if not isinstance(table, Table) or len(trail) > DEEPEST:
        return
    for key in list(table.pairs):
        value = table.original(key)
        if isinstance(value, Table):
            _resolve_table((*trail, value))
        elif (put := _resolved(trail, value)) is not value:
            table.pairs[key] = put
            table.raw[key] = (value, put)


def _resolved(trail: Trail, value: Value, depth: int = 0) -> Value:
    """A value, or nested ones in it, with references replaced; the value itself where it contains none."""
    if isinstance(value, Items) and len(trail) <= DEEPEST:
        parts = tuple(_resolved((*trail, value), one, depth) for one in value.items)
        same = all(one is other for one, other in zip(parts, value.items, strict=True))
        return value if same else Items(value.at, parts, value.kind, value.partial)
    if isinstance(value, Table) and len(trail) <= DEEPEST:
        pairs = {key: _resolved((*trail, value), value.original(key), depth) for key in value.pairs}
        same = all(one is value.original(key) for key, one in pairs.items())
        return value if same else Table(value.at, pairs, value.partial, value.read)
    if _refers(value):
        assert isinstance(value, Const)
        return _spelt_out(trail, value.data, value, depth)
    return value


def _refers(value: Value | None) -> bool:
    return isinstance(value, Const) and isinstance(value.data, str) and "${" in value.data


def _spelt_out(trail: Trail, text: str, value: Const, depth: int) -> Value:
    while found := INNERMOST.search(text):
        replacement = _meant(trail, found.group(1).strip(), value, depth)
        if found.span() == (0, len(text)):
            return replacement
        if not isinstance(replacement, Const) or len(text) > LONGEST:
            return unknown(Reason.UNREAD, f"it is interpolated from {found.group()}", value.at)
        text = text[: found.start()] + str(replacement.data) + text[found.end() :]
    return Const(value.at, text)


def _meant(trail: Trail, key: str, value: Const, depth: int) -> Value:
    """The value that one reference refers to."""
    resolver, colon, rest = key.partition(":")
    if colon and resolver in ("oc.env", "oc.select") and depth < MOST_REFERENCES:
        name, comma, default = rest.partition(",")
        looked_up = _found(trail, name.strip(), depth) if resolver == "oc.select" else None
        if looked_up is not None or comma:
            return looked_up or Const(value.at, typed(default.strip().strip("'\""), None))
    if colon or depth >= MOST_REFERENCES:
        return unknown(Reason.UNREAD, f"it is interpolated from ${{{key}}}", value.at)
    return _found(trail, key, depth) or unknown(
        Reason.UNREAD, f"it is interpolated from ${{{key}}}, which was not found", value.at
    )


def _found(trail: Trail, key: str, depth: int) -> Value | None:
    bare = key.lstrip(".")
    levels = len(key) - len(bare)
    way = trail[: len(trail) - levels + 1] if levels else trail[:1]
    for part in bare.replace("[", ".").replace("]", "").split("."):
        here = way[-1] if way else None
        if isinstance(here, Table) and part in here.pairs:
            way = (*way, here.original(part))
        elif isinstance(here, Items) and part.isdigit() and int(part) < len(here.items):
            way = (*way, here.items[int(part)])
        else:
            return None
    found = way[-1]
    if _refers(found) and depth < MOST_REFERENCES:
        assert isinstance(found, Const)
        return _spelt_out(way[:-1], found.data, found, depth + 1)
    return _resolved(way[:-1], found, depth + 1) if isinstance(found, Items) else found
