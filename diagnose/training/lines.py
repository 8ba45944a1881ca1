"""The syntax of a line of the program, for what values do not show: the names of computed values."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.model import Location


def nodes(reader: Reader, at: Location) -> Iterator[ast.AST]:
    """The syntax of the file and cell that a place is in."""
    for file in reader.sources.values():
        for tree, cell in file.parts:
            if (file.file, cell) == (at.file, at.cell):
                yield from ast.walk(tree)


def calls_on(reader: Reader, at: Location) -> Iterator[ast.Call]:
    """The calls that begin on the line of a place."""
    for node in nodes(reader, at):
        if isinstance(node, ast.Call) and node.lineno == at.line:
            yield node


def assigned_to(reader: Reader, at: Location) -> str:
    """The names that the statement on a line assigns to; empty where there are none."""
    for node in nodes(reader, at):
        if isinstance(node, ast.Assign) and at.line is not None and node.lineno <= at.line <= (node.end_lineno or 0):
            return ast.unparse(node.targets[0])
    return ""
