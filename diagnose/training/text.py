"""The source of a program in blocks, for code that the reader skips: branches of disabled options, optional
arguments that no call passes. Files without states or checkpoints are left out, since most of them are networks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from weakref import WeakKeyDictionary

from diagnose.interpreter.reader import Reader
from diagnose.model import Location

N = TypeVar("N", bound=ast.AST)
SPEAKS = re.compile(r"load_state_dict\(|load_objects|save|resum|last_epoch|ema|deepcopy|averag", re.IGNORECASE)
Named = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Block:
    """A function without nested ones, or a file (a notebook cell) without its functions."""

    node: Named | ast.Module
    file: str
    cell: int | None
    nodes: list[ast.AST] = field(default_factory=list)
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The function's name, "" for a file."""
        return getattr(self.node, "name", "")

    def at(self, node: ast.AST) -> Location:
        """The place of a node of the block."""
        return Location(self.file, getattr(node, "lineno", None), self.cell)

    def every(self, kind: type[N]) -> Iterator[N]:
        """The block's nodes of a kind, in order."""
        return (node for node in self.nodes if isinstance(node, kind))

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """The ancestors of a node within the block, innermost first."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def calls(self, name: str) -> Iterator[ast.Call]:
        """The calls whose last name is this one."""
        return (call for call in self.every(ast.Call) if last_name(call.func) == name)

    def given(self, name: str, before: int) -> ast.expr | None:
        """The expression last assigned to a name above a line; None where that isn't in the block."""
        found = None
        for node in self.every(ast.Assign):
            if node.lineno < before and any(ast.unparse(target) == name for target in node.targets):
                found = node.value
        return found


_KEPT: WeakKeyDictionary[Reader, tuple[int, list[Block]]] = WeakKeyDictionary()  # with the number of files


def blocks(reader: Reader) -> list[Block]:
    """Every block of the files read that mention states, averages or resuming."""
    known = _KEPT.get(reader)
    if known is not None and known[0] == len(reader.sources):
        return known[1]
    found: list[Block] = []
    for path, source in reader.sources.items():
        for tree, cell in source.parts if _speaks_of_states(path) else ():
            _collect(tree, source.file, cell, found)
    _KEPT[reader] = (len(reader.sources), found)
    return found


def _speaks_of_states(path: Path) -> bool:
    try:
        return SPEAKS.search(path.read_text("utf-8", "ignore")) is not None
    except OSError:
        return True


def _collect(node: Named | ast.Module, file: str, cell: int | None, found: list[Block]) -> None:
    block = Block(node, file, cell)
    found.append(block)
    waiting: list[ast.AST] = [node]
    while waiting:
        one = waiting.pop()
        inner = list(ast.iter_child_nodes(one))
        for child in inner:
            block.parents[child] = one
            if isinstance(child, Named):
                _collect(child, file, cell, found)
        if one is not node:
            block.nodes.append(one)
        waiting += [child for child in reversed(inner) if not isinstance(child, Named)]


def last_name(node: ast.expr) -> str:
    """The last part of a dotted name, "" where it isn't one."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def key_of(node: ast.AST) -> tuple[ast.expr, str] | None:
    """(the table, the key) of table["key"] or table.get("key"); None for any other expression."""
    if isinstance(node, ast.Subscript):
        table, key = node.value, node.slice
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "pop"):
        table, key = node.func.value, node.args[0] if node.args else node
    else:
        return None
    return (table, key.value) if isinstance(key, ast.Constant) and isinstance(key.value, str) else None
