"""A program's text with its tree: to replace an expression, or to put in, move and delete whole statements."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TypeVar

Splice = tuple[int, int, str]  # the bytes from .. to, and what stands there afterwards
N = TypeVar("N", bound=ast.AST)


class Script:
    """One file's text with its tree. Each edit is a splice of bytes, so that the rest stays as it is."""

    def __init__(self, text: str) -> None:
        """Raises SyntaxError for text that isn't Python."""
        self.text = text
        self.tree = ast.parse(text)
        self._bytes = text.encode()
        self._lines = self._bytes.splitlines(keepends=True)

    @cached_property
    def _parents(self) -> dict[ast.AST, ast.AST]:
        return {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        for line in self._lines:
            starts.append(starts[-1] + len(line))
        return starts

    # ------------------------------------------------------------------ finding

    def nodes(self, kind: type[N], line: int) -> list[N]:
        """The nodes of a kind that begin on the line; where none does, those inside a call that begins there."""
        every = [node for node in ast.walk(self.tree) if isinstance(node, kind) and hasattr(node, "lineno")]
        here = [node for node in every if _line(node) == line]
        if here:
            return here
        calls = [node for node in ast.walk(self.tree) if isinstance(node, ast.Call) and node.lineno == line]
        return [node for node in every if any(_line(call) <= _line(node) <= _end(call) for call in calls)]

    def statement(self, line: int) -> ast.stmt | None:
        """The innermost statement that covers the line; None where none does."""
        covering = [
            node for node in ast.walk(self.tree) if isinstance(node, ast.stmt) and node.lineno <= line <= _end(node)
        ]
        return max(covering, key=lambda node: (node.lineno, node.col_offset), default=None)

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes that a node stands in, innermost first."""
        while node in self._parents:
            node = self._parents[node]
            yield node

    def source(self, node: ast.AST) -> str:
        """A node's text."""
        start, end = self._span(node)
        return self._bytes[start:end].decode()

    # ------------------------------------------------------------------ splices

    def replaced(self, node: ast.AST, text: str) -> Splice:
        """A node replaced by a text."""
        return (*self._span(node), text)

    def added_argument(self, call: ast.Call, text: str) -> Splice:
        """One more argument at the end of a call."""
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        if given:
            end = max(self._span(one)[1] for one in given)
            return end, end, f", {text}"
        end = self._span(call)[1] - 1
        return end, end, text

    def behind(self, node: ast.AST, text: str) -> Splice:
        """A text right behind an expression."""
        end = self._span(node)[1]
        return end, end, text

    def without_item(self, node: ast.AST, others: Iterable[ast.AST]) -> Splice:
        """An argument or element taken out of its list, with a comma beside it. others: its siblings."""
        start, end = self._span(node)
        before = [self._span(other)[1] for other in others if self._span(other)[1] <= start]
        if before:
            return max(before), end, ""
        after = [self._span(other)[0] for other in others if self._span(other)[0] >= end]
        return start, min(after, default=end), ""

    def before(self, statement: ast.stmt, code: str) -> Splice:
        """A line of code ahead of a statement, with the same indentation."""
        start = self._starts[_line(statement) - 1]
        return start, start, f"{self._indent(statement)}{code}\n"

    def after(self, statement: ast.stmt, code: str) -> Splice:
        """A line of code behind a statement, with the same indentation."""
        end = self._starts[_end(statement)]
        lead = "" if self._bytes[:end].endswith(b"\n") else "\n"
        return end, end, f"{lead}{self._indent(statement)}{code}\n"

    def deleted(self, statement: ast.stmt) -> Splice:
        """The lines of a statement deleted; see `alone` for whether nothing else stands on them."""
        return self._starts[_line(statement) - 1], self._starts[_end(statement)], ""

    def alone(self, statement: ast.stmt) -> bool:
        """Whether a statement can be deleted: no others in it or on its lines, and its block has more."""
        if hasattr(statement, "body"):
            return False
        start, end = self._span(statement)
        first, last = self._starts[_line(statement) - 1], self._starts[_end(statement)]
        rest = self._bytes[end:last].strip()
        blocks = [value for _, value in ast.iter_fields(self._parents[statement]) if isinstance(value, list)]
        only = any(block == [statement] for block in blocks)
        return not only and not self._bytes[first:start].strip() and (not rest or rest.startswith(b"#"))

    def indented(self, statement: ast.stmt, head: str) -> Splice:
        """The statement as the body of another, whose first line is `head`."""
        start, end = self._starts[_line(statement) - 1], self._starts[_end(statement)]
        body = self._bytes[start:end].decode().splitlines(keepends=True)
        return start, end, "".join([f"{self._indent(statement)}{head}\n", *(f"    {line}" for line in body)])

    def spliced(self, splices: Iterable[Splice]) -> str:
        """The text with the splices, none of which may overlap another."""
        data = self._bytes
        for start, end, new in sorted(splices, reverse=True):
            data = data[:start] + new.encode() + data[end:]
        return data.decode()

    def _indent(self, statement: ast.stmt) -> str:
        line = self._lines[_line(statement) - 1].decode()
        return line[: len(line) - len(line.lstrip())]

    def _span(self, node: ast.AST) -> tuple[int, int]:
        assert isinstance(node, ast.expr | ast.stmt | ast.keyword)
        assert node.end_col_offset is not None
        return self._starts[node.lineno - 1] + node.col_offset, self._starts[_end(node) - 1] + node.end_col_offset


def _line(node: ast.AST) -> int:
    return int(getattr(node, "lineno", 0))


def _end(node: ast.AST) -> int:
    return int(getattr(node, "end_lineno", 0) or 0)
