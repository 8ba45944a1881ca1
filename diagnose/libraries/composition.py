"""Composes a configuration as Hydra does: files and stored dataclasses by group, in the order of defaults lists."""

from __future__ import annotations

import os.path
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.source import read_text
from diagnose.interpreter.tables import copied, fields_of, merge, set_dotted
from diagnose.interpreter.values import Call, Class, Items, Ref, Table, plain, unknown
from diagnose.libraries.files import read_data
from diagnose.model import InputError

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

MOST_FILES = 200
HEADER = "# @package "


@dataclass
class Composer:
    """One composition. folder: of the configuration files; chosen: by group, from arguments or overrides.

    lost: configurations that the defaults lists name and that do not exist.
    """

    reader: Reader
    folder: Path
    chosen: dict[str, str] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    read: dict[str, Table | None] = field(default_factory=dict)

    def is_group(self, name: str) -> bool:
        """Whether the group's options exist as files or are stored by the program."""
        return (self.folder / name).is_dir() or any(place.startswith(f"{name}/") for place in stored(self.reader))

    def whole(self, name: str) -> Table | None:
        """The configuration of that name with everything in its defaults lists; None where there is none."""
        first = self._source(name)
        if first is None:
            return None
        seen: set[str] = set()
        self._override(name, first, seen)
        for group, choice in list(self.chosen.items()):
            if (added := self._source(f"{group}/{choice}")) is not None:
                self._override(f"{group}/{choice}", added, seen)
        composed, due = Table(first.at), Table(first.at)
        for package, table in self._placed(name, "", set()):
            for into, part in zip((composed, due), _divided(table), strict=True):
                around = Table(part.at)
                set_dotted(self.reader, around, package, part)
                merge(self.reader, into, around if package else part)
        _fill(composed, due)
        composed.partial = composed.partial or bool(self.lost)
        return composed

    def _source(self, name: str) -> Table | None:
        """A file's content, or the node that the program stores under the name."""
        bare = os.path.normpath(name.strip("/")).removesuffix(".yaml").removesuffix(".yml")
        if bare not in self.read:
            files = (read_data(self.folder / f"{bare}{ending}") for ending in (".yaml", ".yml"))
            found = next((one for one in files if isinstance(one, Table)), None)
            self.read[bare] = (found or stored(self.reader).get(bare)) if len(self.read) < MOST_FILES else None
        kept = self.read[bare]
        return Table(kept.at, {key: copied(one) for key, one in kept.pairs.items()}) if kept is not None else None

    def _header(self, name: str) -> str | None:
        """The package in a file's header."""
        for ending in ("", ".yaml", ".yml"):
            try:
                lines = read_text(self.folder / f"{name.strip('/')}{ending}").splitlines()[:5]
            except InputError:
                continue
            return next((line[len(HEADER) :].strip() for line in lines if line.startswith(HEADER)), None)
        return None

    def _override(self, name: str, table: Table, seen: set[str]) -> None:
        """Apply the choices of `override` entries; those of the command line take precedence."""
        if name in seen:
            return
        seen.add(name)
        for words, group, choice in _entries(table):
            path = _within(name, group)
            if "override" in words and isinstance(choice, str):
                self.chosen.setdefault(group.strip("/").partition("@")[0], choice)
            for one in self._options(path.partition("@")[0], choice):
                if (inner := self._source(one)) is not None:
                    self._override(one, inner, seen)

    def _options(self, group: str, choice: object) -> list[str]:
        """The configurations that an entry selects."""
        if choice is ...:
            return [group]
        picked = self.chosen.get(group, choice)
        listed = picked if isinstance(picked, list) else [picked]
        return [f"{group}/{one}" for one in listed if isinstance(one, str) and one != "null"]

    def _placed(self, name: str, package: str, seen: set[str]) -> Iterator[tuple[str, Table]]:
        """Each part of a configuration with its place; later parts override earlier ones."""
        table = self._source(name)
        if table is None or name in seen:
            return
        seen = seen | {name}
        own = Table(table.at, {key: value for key, value in table.pairs.items() if key != "defaults"}, table.partial)
        placed = False
        for words, group, choice in _entries(table):
            if group == "_self_":
                yield package, own
                placed = True
            elif "override" not in words and not group.strip("/").startswith("hydra/"):
                yield from self._entry(name, package, group, choice, "optional" in words, seen)
        if not placed:
            yield package, own
        if not package:
            entered = {_within(name, group).partition("@")[0] for _, group, _ in _entries(table)}
            for group, choice in self.chosen.items():
                if group not in entered and len(seen) == 1 and not group.startswith("hydra"):
                    yield from self._entry("", "", group, choice, True, seen)

    def _entry(
        self, name: str, package: str, group: str, choice: object, optional: bool, seen: set[str]
    ) -> Iterator[tuple[str, Table]]:
        bare, _, stated = group.partition("@")
        path = _within(name, bare)
        for one in self._options(path, choice):
            if self._source(one) is None:
                if not optional and not path.startswith("hydra"):
                    self.lost.append(one)
                continue
            own = (
                stated
                or self._header(one)
                or (bare.strip("/").rpartition("/")[0] if choice is ... else bare.strip("/"))
            )
            yield from self._placed(one, _package(package, own), seen)


def _within(name: str, group: str) -> str:
    """The absolute path of a group as the configuration `name` writes it."""
    folder = os.path.dirname(name)
    return os.path.normpath(os.path.join(folder, group)) if folder and not group.startswith("/") else group.strip("/")


def _package(outer: str, own: str) -> str:
    if own.startswith("_global_"):
        return own.removeprefix("_global_").strip(".")
    parts = (outer, own.replace("_group_", "").removeprefix("_here_").replace("/", ".").strip("."))
    return ".".join(part for part in parts if part)


def _entries(table: Table) -> Iterator[tuple[tuple[str, ...], str, object]]:
    """The entries of a defaults list: keywords such as override, group or configuration, choice (... for none)."""
    listed = table.pairs.get("defaults")
    for entry in listed.items if isinstance(listed, Items) else ():
        if isinstance(entry, Table):
            for group, choice in entry.pairs.items():
                *words, bare = str(group).split(" ")
                yield tuple(words), bare, plain(choice)
        elif isinstance(bare := plain(entry), str):
            yield (), bare, ...


def stored(reader: Reader) -> dict[str, Table]:
    """The nodes that the program stores in Hydra's ConfigStore, by group/name."""
    found: dict[str, Table] = {}
    for event in reader.trace.calls(".store"):
        given = dict(zip(("name", "node", "group", "package"), event.args, strict=False)) | event.kwargs
        name, group, node = plain(given.get("name")), plain(given.get("group")), given.get("node")
        if isinstance(node, Class):
            node = reader.call(node, Call((), {}, event.at))
        table = fields_of(node) if node is not None else None
        if isinstance(name, str) and isinstance(table, Table):
            found[f"{group}/{name}" if isinstance(group, str) else name] = table
    return found


def _divided(table: Table) -> tuple[Table, Table]:
    """A table's values, and separately those that only mark a required value."""
    given, due = Table(table.at, partial=table.partial), Table(table.at)
    for key, value in table.pairs.items():
        if isinstance(value, Table):
            given.pairs[key], below = _divided(value)
            due.pairs |= {key: below} if below.pairs else {}
        elif plain(value) == "???" or (isinstance(value, Ref) and value.name == "omegaconf.MISSING"):
            due.pairs[key] = unknown(Reason.NOWHERE, f"`{key}` has to be given, and nothing gives it", value.at)
        else:
            given.pairs[key] = value
    return given, due


def _fill(table: Table, due: Table) -> None:
    """Make required values that are missing unknown."""
    for key, value in due.pairs.items():
        found = table.pairs.setdefault(key, value)
        if isinstance(found, Table) and isinstance(value, Table):
            _fill(found, value)
