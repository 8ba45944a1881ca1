"""Reads and parses .py files and notebooks, with a clear message for anything that isn't readable Python."""

from __future__ import annotations

import ast
import functools
import io
import json
import sys
import tokenize
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diagnose.interpreter.outdated import modernised
from diagnose.interpreter.pasted import cleaned, in_order
from diagnose.interpreter.recorded import about_to_read
from diagnose.model import InputError, Location

LARGEST = 8_000_000  # bytes of one file; a program of 20,000 lines has about 1,000,000
STDIN = "-"  # standard input, in place of a path
RUN_ON = ("time", "timeit", "capture", "prun", "python", "python3", "pypy")  # cell magics whose body is Python


@dataclass
class SourceFile:
    """One file's syntax trees with their cell numbers; a notebook has one per cell. notes: what was left out."""

    path: Path
    file: str
    parts: list[tuple[ast.Module, int | None]] = field(default_factory=list)
    comments: list[tuple[str, Location]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    lines: int = 0


def read_source(path: Path, file: str, comments: bool = False, pasted: bool = False) -> SourceFile:
    """The syntax trees of a .py file or a notebook. file: its name in locations. comments: whether to keep them.

    pasted: whether it is a snippet, whose lines that aren't Python are left out. Notebook cells that aren't Python
    are left out with a note. Raises InputError where the file is missing, unreadable or holds no valid
    Python.
    """
    text = read_text(path)
    source = SourceFile(path, file, lines=text.count("\n") + 1)
    if path.suffix.lower() == ".ipynb":
        for cell, code in _cells(text, file):
            try:
                _add(source, code, cell, comments)
            except InputError as fault:
                source.notes.append(f"{fault} This cell was left out.")
        if not source.parts:
            raise InputError(f"{file} holds no cell of readable Python: give a notebook that trains a model.")
    else:
        if pasted:
            text = _readable(source, text)
        _add(source, text, None, comments)
        if pasted:
            source.parts = [(in_order(tree), cell) for tree, cell in source.parts]
    return source


def _readable(source: SourceFile, text: str) -> str:
    """A snippet as Python, with a note on the lines left out."""
    piece = cleaned(text)
    if not piece.text.strip():
        raise InputError(f"{source.file} holds no line of readable Python: give the part of a program that trains.")
    if piece.left_out:
        lines = ", ".join(map(str, sorted(piece.left_out)[:8])) + (" and more" if len(piece.left_out) > 8 else "")
        source.notes.append(f"{source.file}: left out, since not readable: line {lines}")
    return piece.text


def read_text(path: Path) -> str:
    """A file's text, in its declared encoding, with line feeds as line endings.

    "-" reads standard input. Raises InputError where it is missing, a folder, larger than LARGEST, not
    readable or not text.
    """
    if str(path) == STDIN:
        return standard_input()
    about_to_read(path)
    try:
        if path.stat().st_size > LARGEST:
            raise InputError(f"{path} has {path.stat().st_size:,} bytes: that isn't a training program to read.")
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path} does not exist: give the training program or configuration with --config.") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder: --config takes a file.") from None
    except OSError as fault:
        raise InputError(f"{path} cannot be read ({fault.strerror}): check its permissions and links.") from None
    try:
        encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0] if path.suffix == ".py" else "utf-8-sig"
        return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
    except (SyntaxError, UnicodeDecodeError, LookupError):
        raise InputError(f"{path} is not text in UTF-8 or the encoding it declares: save it as UTF-8.") from None


@functools.cache
def standard_input() -> str:
    """The content of standard input, read once."""
    return sys.stdin.read(LARGEST)


def _cells(text: str, file: str) -> list[tuple[int, str]]:
    """Code cells with their number among all cells, from 1."""
    try:
        book: Any = json.loads(text)
        cells = book["cells"] if "cells" in book else [c for sheet in book["worksheets"] for c in sheet["cells"]]
        code = [
            (number, "".join(cell.get("source", cell.get("input", ""))))
            for number, cell in enumerate(cells, start=1)
            if cell.get("cell_type") == "code"
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InputError(f"{file} isn't a Jupyter notebook: it holds no JSON with cells; save it again.") from None
    return code


def _add(source: SourceFile, code: str, cell: int | None, comments: bool) -> None:
    place = f"{source.file}, cell {cell}" if cell else source.file
    tree = _parse(code)
    if isinstance(tree, str) or cell:
        cleaned = _without_magics(code)
        if cleaned is None:
            return
        again = _parse(cleaned)
        if not isinstance(again, str):
            code, tree = cleaned, again
    if isinstance(tree, str):
        modern = modernised(code, lambda text: not isinstance(_parse(text), str))
        if modern is None:
            raise InputError(f"{place}{tree}")
        source.notes.append(f"{place}: {modern.note}")
        code = modern.text
        tree = ast.parse(code)
    source.parts.append((tree, cell))
    if comments:
        source.comments += _comments(code, source.file, cell)


def _parse(code: str) -> ast.Module | str:
    """The tree, or the end of a sentence that says why there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(code)
    except SyntaxError as fault:
        line = f":{fault.lineno}" if fault.lineno else ""
        message = fault.msg or "invalid syntax"
        return f"{line}: not valid Python: {message}."
    except ValueError as fault:
        return f": not valid Python: {fault}."
    except (RecursionError, MemoryError):
        return ": not readable: its expressions are nested too deeply."


def _without_magics(code: str) -> str | None:
    """A cell with magics and shell lines blanked out line by line; None for a cell in another language."""
    lines = code.split("\n")
    first = next((line.strip() for line in lines if line.strip()), "")
    if first.startswith("%%") and first[2:].split(" ")[0] not in RUN_ON:
        return None
    kept = []
    for line in lines:
        word = line.strip()
        indent = line[: len(line) - len(line.lstrip())]
        if word.startswith(("%", "!")) or ((word.startswith("?") or word.endswith("?")) and "#" not in word):
            kept.append(f"{indent}pass")
        elif (spot := _shell_value(line)) is not None:
            kept.append(line[:spot] + "None")
        else:
            kept.append(line)
    return "\n".join(kept)


def _shell_value(line: str) -> int | None:
    """Where the right-hand side of `name = !command` or `name = %magic` begins."""
    left, equals, right = line.partition("=")
    begins = right.lstrip()[:1] in ("!", "%") and right.lstrip()[:2] != "!="
    return len(left) + len(equals) + 1 if equals and left.strip().isidentifier() and begins else None


def _comments(code: str, file: str, cell: int | None) -> list[tuple[str, Location]]:
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type == tokenize.COMMENT:
                found.append((token.string.lstrip("#").strip(), Location(file, token.start[0], cell)))
    except (tokenize.TokenError, IndentationError, SyntaxError):
        pass  # the tree was read; comments are only needed for their claims
    return found
