"""Imports: the program's own modules are read, libraries are only names.

Modules are searched for in the program's folder, the importing file's folder, and those above up to the project root.
"""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import TYPE_CHECKING

from diagnose.interpreter.commandline import argv
from diagnose.interpreter.overlay import Overlay
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.source import read_source
from diagnose.interpreter.values import Call, Class, Const, Module, Ref, Scope, Table, Thing, Value, plain, unknown
from diagnose.model import InputError, Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

OVERLAY = Overlay("importlib")

MOST_MODULES = 200
LEFT_OUT = "a file that the program imports was left out: "  # begins a note, which the reason ends
PER_LINE = 150  # steps that each line of an imported file adds to the limit


def follow_import(reader: Reader, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
    """Bind the names of an import to their values: the program's own modules, read now, or library names."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            first = alias.name.partition(".")[0]
            wanted = alias.name if alias.asname else first
            local = find_module(reader, alias.name, 0, scope.module) or find_module(reader, first, 0, scope.module)
            if local and not alias.asname and "." in alias.name:
                local = find_module(reader, first, 0, scope.module) or Module(reader.at(node), first, reader.root)
                _nest(reader, local, alias.name, scope)
            if not local:
                reader.libraries.add(first)
            reader.write(
                scope.names, alias.asname or first, local or Ref(reader.at(node), reader.registry.canonical(wanted))
            )
        return
    path = node.module or ""
    for alias in node.names:
        local = find_module(reader, path, node.level, scope.module)
        inner = find_module(reader, f"{path}.{alias.name}".strip("."), node.level, scope.module)
        if alias.name == "*":
            if local:
                for name, value in local.names.items():
                    if not str(name).startswith("__"):
                        reader.write(scope.names, name, value)
            else:
                scope.module.stars.append(reader.registry.canonical(path))
                reader.libraries.add(path.partition(".")[0])
            continue
        found: Value | None = local.names.get(alias.name) if local else None
        found = found or inner
        if found is None and local:
            found = unknown(
                Reason.UNREAD,
                f"{alias.name} is not defined in {local.path.name} as far as it was read",
                reader.at(node),
            )
        if found is None:
            reader.libraries.add(path.partition(".")[0])
            name = reader.registry.canonical(f"{path}.{alias.name}")
            found = argv(reader) if name == "sys.argv" else Ref(reader.at(node), name)
        reader.write(scope.names, alias.asname or alias.name, found)


def _nest(reader: Reader, top: Module, dotted: str, scope: Scope) -> None:
    """`import a.b.c` makes b an attribute of a."""
    for depth in range(2, dotted.count(".") + 2):
        parts = dotted.split(".")[:depth]
        inner = find_module(reader, ".".join(parts), 0, scope.module)
        if inner:
            top.names.setdefault(parts[-1], inner)
            top = inner


def find_module(reader: Reader, dotted: str, level: int, importer: Module) -> Module | None:
    """A module of the program itself, read on first use; None for a known library or without a readable file."""
    if not level and reader.registry.is_library(dotted.partition(".")[0]):
        return None
    slot = (dotted, level, importer.path.parent)
    path = reader.found_modules.get(slot)
    if path is not None and path in reader.modules:
        return reader.modules[path]
    if slot in reader.found_modules:
        return None
    found = _search(reader, dotted, level, importer)
    reader.found_modules[slot] = found.path.resolve() if found else None
    return found


def _search(reader: Reader, dotted: str, level: int, importer: Module) -> Module | None:
    parts = [part for part in dotted.split(".") if part]
    if level:
        bases = [importer.path.parent]
        for _ in range(level - 1):
            bases = [bases[0].parent]
    else:
        bases = list(
            dict.fromkeys([reader.root, importer.path.parent, *_project_roots(reader), *_above(reader, parts)])
        )
    for base in bases:
        for candidate in (
            base.joinpath(*parts).with_suffix(".py") if parts else None,
            base.joinpath(*parts, "__init__.py"),
        ):
            try:
                if candidate is not None and candidate.is_file():
                    return _read(reader, candidate, dotted)
            except OSError:
                continue  # circular symbolic links, or no permission
        folder = base.joinpath(*parts)
        if parts and level == 0 and os.path.isdir(folder) and any(folder.glob("*.py")):
            return Module(Location(str(folder), None), dotted, folder / "__init__.py")
    return None


def _above(reader: Reader, parts: list[str]) -> list[Path]:
    """The parent of the folder named like the module's first part, where the program is in that folder: for src.data,
    the parent of src/train.py's folder."""
    folders = (reader.root.resolve(), *reader.root.resolve().parents)[:4]
    return [folder.parent for folder in folders if parts and folder.name == parts[0]]


def _project_roots(reader: Reader) -> list[Path]:
    """Folders above, up to one that marks a project."""
    folder = reader.root.resolve()
    for depth, parent in enumerate((folder, *folder.parents)):
        if depth > 3:
            break
        if any((parent / mark).exists() for mark in (".git", "pyproject.toml", "setup.py")):
            return [parent, *list(folder.parents)[: depth - 1]] if depth else []
    return []


def _read(reader: Reader, path: Path, name: str) -> Module | None:
    key = path.resolve()
    if key in reader.modules:
        return reader.modules[key]  # already being read: a circular import
    if len(reader.modules) >= MOST_MODULES:
        return None
    stacks = reader.loops, reader.functions, reader.frames, reader.contexts, reader.guards
    reader.loops, reader.functions, reader.frames, reader.contexts, reader.guards = [], [], [], [], []
    try:
        source = read_source(path, str(path))
        reader.most_steps += PER_LINE * source.lines
        return reader.module(source, name)
    except InputError as fault:
        reader.notes.append(f"{LEFT_OUT}{fault}")
        return None
    finally:
        reader.loops, reader.functions, reader.frames, reader.contexts, reader.guards = stacks


def named(reader: Reader, dotted: str, at: Location) -> Value:
    """What a dotted name refers to: an attribute of one of the program's own modules, else a library's name."""
    start = Module(at, "", reader.path)
    parts = dotted.split(".")
    for count in range(len(parts), 0, -1):
        found: Value | None = find_module(reader, ".".join(parts[:count]), 0, start)
        for name in parts[count:]:
            inner = found.names.get(name) if isinstance(found, Module) else found.find(name) if (
                isinstance(found, Class)) else None  # fmt: skip
            found = inner if isinstance(inner, Value) else None
        if found is not None:
            return found
    reader.libraries.add(parts[0])
    return Ref(at, reader.registry.canonical(dotted))


def module_at(reader: Reader, path: Path) -> Module | None:
    """The module in the file at `path`, read on first use; None where it is not readable Python."""
    return _read(reader, path, path.stem)


@OVERLAY.handles("importlib.import_module", "builtins.__import__")
def _import_module(reader: Reader, base: Value | None, call: Call) -> Value | None:
    name = plain(call.arg(0, "name"))
    if not isinstance(name, str):
        return None
    package = plain(call.arg(1, "package"))
    level = len(name) - len(name.lstrip("."))
    dotted = f"{package}{name if level else ''}" if level and isinstance(package, str) else name
    found = find_module(reader, dotted.lstrip("."), 0, Module(call.at, "", reader.path))
    if found is not None:
        return found
    reader.libraries.add(dotted.partition(".")[0])
    return Ref(call.at, reader.registry.canonical(dotted))


@OVERLAY.handles("importlib.util.spec_from_file_location", "importlib.machinery.SourceFileLoader", "imp.load_source")
def _from_file(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """A module loaded by its path: its spec, or the module itself."""
    from diagnose.interpreter.paths import find_file, path_of

    found = find_file(reader, path_of(call.arg(1, "location", "path", "pathname")))
    module = module_at(reader, found) if found is not None else None
    if module is None:
        return None
    spec = Thing(call.at, name="importlib.spec", attrs={"__module__": module, "name": Const(call.at, module.name)})
    loads = getattr(getattr(call.node, "func", None), "attr", "") == "load_source"
    return module if loads else spec


@OVERLAY.handles("importlib.util.module_from_spec", ".load_module")
def _from_spec(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    spec = owner or call.arg(0, "spec")
    found = spec.attrs.get("__module__") if isinstance(spec, Thing) else None
    return found if isinstance(found, Module) else None


@OVERLAY.handles("runpy.run_path")
def _run_path(reader: Reader, base: Value | None, call: Call) -> Value | None:
    from diagnose.interpreter.paths import find_file, path_of

    found = find_file(reader, path_of(call.arg(0)))
    module = module_at(reader, found) if found is not None else None
    return Table(call.at, module.names) if module is not None else None
