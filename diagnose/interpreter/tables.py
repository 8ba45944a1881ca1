"""Merges and changes tables in place: dicts, and the settings that programs keep in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import Instance, Table, Value, unknown
from diagnose.model import Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader


def merge(reader: Reader, into: Table, more: Table) -> None:
    """Write one table's values over another's in place, section by section, interpolations unresolved."""
    for key in more.pairs:
        value = more.original(key)
        old = into.pairs.get(key)
        if isinstance(old, Table) and isinstance(value, Table):
            merge(reader, old, value)
        else:
            reader.write(into.pairs, key, value)
    if more.partial:
        veil(reader, into, "settings that were not read may replace it", more.at)


def veil(reader: Reader, table: Table, why: str, at: Location) -> None:
    """Make every value of a table unknown, in place, for the reason `why`."""
    reader.write(vars(table), "partial", True)
    for key, value in list(table.pairs.items()):
        if isinstance(value, Table):
            veil(reader, value, why, at)
        else:
            reader.write(table.pairs, key, unknown(Reason.UNREAD, why, at))


def set_dotted(reader: Reader, table: Table, key: str, value: Value) -> None:
    """Set table.a.b for the key "a.b", in place; missing sections are created. Does nothing where one isn't a table."""
    *path, last = key.split(".")
    for part in path:
        inner = table.pairs.get(part)
        if inner is None:
            inner = Table(table.at)
            reader.write(table.pairs, part, inner)
        if not isinstance(inner, Table):
            return
        table = inner
    reader.write(table.pairs, last, value)


def copied(value: Value) -> Value:
    """A table copied with all tables in it; any other value as it is."""
    if isinstance(value, Table):
        made = Table(value.at, {key: copied(one) for key, one in value.pairs.items()}, value.partial, value.read)
        made.raw = {key: (one, made.pairs[key]) for key, (one, left) in value.raw.items()
                    if left is value.pairs.get(key)}  # fmt: skip
        return made
    return value


def fields_of(value: Value) -> Value:
    """The fields of an instance of the program's own class as a table, nested ones included; any other value as is."""
    if isinstance(value, Instance) and value.cls.find("forward") is None:
        own = {name: one for name, one in value.attrs.items() if not str(name).startswith("__")}
        return Table(value.at, {name: fields_of(one) for name, one in own.items()})
    return value
