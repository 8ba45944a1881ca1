"""The class of a network defined in the program, and whether importing it would do more than define it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Instance, Value
from diagnose.model import OwnClass

# Arguments that --model passes to a factory, as in diagnose.network.build.
CLASSES = ("num_classes", "classes", "n_classes", "num_class", "num_labels", "n_class", "nb_classes")
# Module-level calls that only change settings, by their last name.
SETTINGS = frozenset((
    "seed", "manual_seed", "manual_seed_all", "filterwarnings", "simplefilter", "basicConfig", "append", "insert",
    "set_num_threads", "set_float32_matmul_precision", "use", "setdefault", "update", "getLogger", "print",
))  # fmt: skip


def own_class(reader: Reader, root: Value) -> OwnClass | None:
    """The class of a network of the program; None where it is defined in a function, a notebook, or outside the
    program's folder."""
    if not isinstance(root, Instance):
        return None
    found, module = root.cls, root.cls.scope.module
    try:
        place = module.path.resolve().relative_to(reader.root.resolve())
    except ValueError:
        return None
    source = reader.sources.get(module.path.resolve())
    if place.suffix != ".py" or source is None or not source.parts:
        return None
    tree = source.parts[0][0]
    if found.node not in tree.body or not all(part.isidentifier() for part in place.with_suffix("").parts):
        return None
    return OwnClass(
        found.name, _dotted(place), found.at, next(_running(tree), ""), tuple(_needed(found.node)),
    )  # fmt: skip


def _dotted(place: Path) -> str:
    parts = place.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def _needed(node: ast.ClassDef) -> Iterator[str]:
    """The constructor's required arguments that --model does not pass."""
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and method.name == "__init__":
            given = method.args
            plain = [*given.posonlyargs, *given.args][1:]
            lacking = plain[: len(plain) - len(given.defaults)]
            lacking += [one for one, default in zip(given.kwonlyargs, given.kw_defaults, strict=True) if not default]
            yield from (one.arg for one in lacking if one.arg not in CLASSES)


def _running(tree: ast.Module) -> Iterator[str]:
    """What importing the file does beyond definitions, such as "a loop (line 9)"."""
    own = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    for node in _at_import(tree.body):
        if isinstance(node, ast.For | ast.AsyncFor | ast.While):
            yield f"a loop (line {node.lineno})"
        elif isinstance(node, ast.With):
            yield f"a with block (line {node.lineno})"
        elif isinstance(node, ast.Expr | ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
            name = _last_name(node.value.func)
            work = name in own or (isinstance(node, ast.Expr) and name not in SETTINGS)
            if work:
                yield f"{name}() (line {node.lineno})"


def _at_import(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run on import, including those in branches other than the main guard's."""
    for node in body:
        if isinstance(node, ast.If) and not _guards_main(node.test):
            yield from _at_import([*node.body, *node.orelse])
        elif isinstance(node, ast.Try):
            yield from _at_import(node.body)
        elif not isinstance(node, ast.If):
            yield node


def _guards_main(test: ast.expr) -> bool:
    return any(isinstance(part, ast.Name) and part.id == "__name__" for part in ast.walk(test))


def _last_name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "a call")
