"""The parts of GitHub Flavored Markdown that reports are made of: text that is safe, tables, folded details, code."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence

from diagnose.model import printable

SPECIAL = re.compile(r"([\\`*_{}\[\]#+!|~])")
LINKED = re.compile(r"(@|#(?=\d)|:(?=//)|www(?=\.))")  # what GitHub makes links and notifications of, escaped or not
GAP = "&#8203;"  # a space of no width


def fenced(lines: Sequence[str], language: str) -> Iterator[str]:
    """A block of code, in a fence longer than any within it."""
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}{language}"
    yield from map(printable, lines)
    yield fence


def folded(title: str, lines: Iterable[str]) -> Iterator[str]:
    """Lines below a title that opens them."""
    yield f"<details><summary>{html.escape(printable(title))}</summary>\n"
    yield from lines
    yield "\n</details>\n"


def table(columns: Iterable[str], cells: Iterable[Iterable[str]]) -> Iterator[str]:
    """A table of cells that are text."""
    yield from rows(columns, ([safe(str(cell)) for cell in row] for row in cells))


def rows(columns: Iterable[str], cells: Iterable[Iterable[str]]) -> Iterator[str]:
    """A table of cells that are Markdown already."""
    names = list(columns)
    yield f"| {' | '.join(names)} |"
    yield f"|{' --- |' * len(names)}"
    yield from (f"| {' | '.join(row)} |" for row in cells)
    yield ""


def documentation(text: str) -> str:
    """A check's own documentation, with the names of its sections in bold."""
    return re.sub(r"(?m)^([A-Z][a-z ]+):", r"**\1.**", text).replace("<", "&lt;")


def safe(text: str) -> str:
    """Text that is nothing but text in Markdown and in HTML, and on GitHub calls nobody and links to nothing."""
    plain = SPECIAL.sub(r"\\\1", html.escape(printable(text), quote=False))
    return LINKED.sub(rf"\1{GAP}", plain)
