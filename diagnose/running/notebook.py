"""Runs a notebook's cells in order, in one namespace, without its magics and shell lines."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

SHELL = ("!", "%")


def run_cells(path: Path) -> None:
    """Executes the code cells as the module __main__. A line of a magic or of the shell becomes an empty statement."""
    book = json.loads(path.read_text(encoding="utf-8"))
    module = ModuleType("__main__")
    module.__file__ = str(path)
    sys.modules["__main__"] = module
    for number, cell in enumerate(book.get("cells", ()), start=1):
        if cell.get("cell_type") != "code":
            continue
        text = "".join(cell.get("source", ""))
        if text.startswith("%%") and not text.startswith(("%%time", "%%capture")):
            continue
        exec(compile(_plain(text), f"{path} cell {number}", "exec"), module.__dict__)


def _plain(text: str) -> str:
    lines = []
    for line in text.split("\n"):
        stripped = line.lstrip()
        lines.append(line[: len(line) - len(stripped)] + "pass" if stripped.startswith(SHELL) else line)
    return "\n".join(lines)
