"""Cleans a snippet as pasted from a forum or a chat: prompts, fences, missing lines, broken indentation.

Every line keeps its number. A line that cannot be made Python becomes blank, and is reported.
"""

from __future__ import annotations

import ast
import html
import re
import warnings
from dataclasses import dataclass

from diagnose.interpreter.outdated import masked, modernised

MOST_REPAIRS = 300
FENCE = re.compile(r"^\s*(?:```|~~~)")
PROMPT = re.compile(r"^\s*(?:>>>|In \[\d*\]:)(?: |$)")
GOES_ON = re.compile(r"^\s*(?:\.\.\.|\s+\.\.\.:)(?: (?=\s*\S)|$)")
LEFT_OUT = re.compile(r"^\s*(?:#\s*)?[\[(<]?(?:\.{2,}|…|\.\s\.\s\.)[\])>]?\s*$")
SIGNS = {"\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'", "\u00a0": " ", "\u200b": "", "\ufeff": "",
         "\u2013": "-", "\u2212": "-"}  # fmt: skip
ENTITY = re.compile(r"&(?:gt|lt|amp|quot|#39);")
DEFINING = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)
OPENING = re.compile(r"\s*(?:for|while|with|def)\b")
AFTER_NOTHING = re.compile(r"^(\s*)(?:else|finally|except\b[^:]*|elif\s+(.*?))\s*:(.*)$")


@dataclass(frozen=True)
class Pasted:
    """The text as Python, and the lines of it that had to be left out."""

    text: str
    left_out: tuple[int, ...]


def cleaned(text: str) -> Pasted:
    """The text with the fewest changes that make it Python; lines that still don't parse are left out."""
    lines = _code(_plain(text).split("\n"))
    lines = ["" if LEFT_OUT.match(line) else _without_tabs(line) for line in lines]
    lines = _dedented(lines)
    left_out: list[int] = []
    for _ in range(MOST_REPAIRS):
        whole = "\n".join(lines)
        fault = _fault(whole)
        if fault is None:
            return Pasted(whole, tuple(left_out))
        modern = modernised(whole, lambda text: _fault(text) is None) if not left_out else None
        if modern is not None:
            return Pasted(modern.text, ())
        before = list(lines)
        _repair(lines, fault, left_out)
        if lines == before:
            break
    return Pasted("", tuple(number for number, line in enumerate(lines, start=1) if line.strip()))


def _fault(text: str) -> SyntaxError | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as fault:
        return fault
    except (ValueError, RecursionError, MemoryError):
        return SyntaxError("not readable")
    return None


def _plain(text: str) -> str:
    """The text with typographic quotes and spaces replaced by plain ones."""
    for sign, plain in SIGNS.items():
        text = text.replace(sign, plain)
    return html.unescape(text) if ENTITY.search(text) else text


def _code(lines: list[str]) -> list[str]:
    """The lines that are code: within fences and after prompts, where there are any."""
    fences = [place for place, line in enumerate(lines) if FENCE.match(line)]
    if fences:
        inside = False
        kept = []
        for place, line in enumerate(lines):
            inside = inside != (place in fences)
            kept.append(line if inside and place not in fences else "")
        lines = kept
    if any(PROMPT.match(line) for line in lines):
        return [
            line[found.end() :] if (found := PROMPT.match(line) or GOES_ON.match(line)) is not None else ""
            for line in lines
        ]
    return lines


def _without_tabs(line: str) -> str:
    ahead = line[: len(line) - len(line.lstrip())]
    return ahead.expandtabs(4) + line.lstrip()


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _dedented(lines: list[str]) -> list[str]:
    common = min((_indent(line) for line in lines if line.strip()), default=0)
    return [line[common:] for line in lines]


def in_order(tree: ast.Module) -> ast.Module:
    """The statements with definitions moved first where one is used earlier: posts often show the loop first."""
    bound: dict[str, int] = {}
    for place, node in enumerate(tree.body):
        for name in _bound(node):
            bound.setdefault(name, place)
    early = any(
        bound.get(part.id, place) > place
        for place, node in enumerate(tree.body)
        if not isinstance(node, ast.FunctionDef | ast.ClassDef)
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)
    )
    if early:
        tree.body.sort(key=lambda node: not isinstance(node, DEFINING))
    return tree


def _bound(node: ast.stmt) -> list[str]:
    """The names that a statement gives a value."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    return [part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]


# ---------------------------------------------------------------------- repairs


def _repair(lines: list[str], fault: SyntaxError, left_out: list[int]) -> None:
    """Change the lines so that the syntax error is gone, or another one comes first."""
    place = min(max((fault.lineno or 1) - 1, 0), len(lines) - 1)
    message = fault.msg or ""
    above = next((n for n in range(place - 1, -1, -1) if lines[n].strip()), None)
    if "unexpected indent" in message:
        _shift(lines, place, _indent(lines[above]) if above is not None else 0)
    elif "unindent does not match" in message:
        levels = sorted({_indent(line) for line in lines[:place] if line.strip()})
        own = _indent(lines[place])
        _shift(lines, place, max((level for level in levels if level < own), default=0))
    elif "expected an indented block" in message:
        last = place if lines[place].strip() and not _follows(lines, place, fault) else above
        flat = last == place - 1 and lines[place].strip() and _indent(lines[last]) == _indent(lines[place])
        if flat and last is not None and OPENING.match(lines[last]):
            _shift(lines, place, _indent(lines[place]) + 4, until_blank=True)
        elif last is not None:
            code = masked(lines[last]).rstrip()
            lines[last] = f"{lines[last][: len(code)]} pass"
    elif "expected 'except'" in message:
        opened = next((n for n in range(place, -1, -1) if lines[n].strip() == "try:"), None)
        if opened is not None:
            lines[opened] = lines[opened].replace("try:", "if True:")
    elif (found := AFTER_NOTHING.match(lines[place])) and not lines[place].lstrip().startswith("if"):
        lines[place] = f"{found[1]}if {found[2] or 'True'}:{found[3]}"
    elif lines[place].strip():
        lines[place] = ""
        left_out.append(place + 1)
    elif above is not None:
        lines[above] = ""
        left_out.append(above + 1)


def _follows(lines: list[str], place: int, fault: SyntaxError) -> bool:
    """Whether the error is in the line after the one that opens a block."""
    opened = re.search(r"on line (\d+)", fault.msg or "")
    return opened is not None and int(opened[1]) - 1 < place and bool(lines[place].strip())


def _shift(lines: list[str], place: int, indent: int, until_blank: bool = False) -> None:
    """Re-indent a line, and the following ones with the same or deeper indentation."""
    own = _indent(lines[place])
    for number in range(place, len(lines)):
        if (lines[number].strip() and _indent(lines[number]) < own) or (until_blank and not lines[number].strip()):
            break
        if lines[number].strip():
            lines[number] = " " * (indent + _indent(lines[number]) - own) + lines[number].lstrip()
