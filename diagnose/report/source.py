"""The line of a program that a finding is about, as far as its file can still be read."""

from __future__ import annotations

import json
from pathlib import Path

from diagnose.model import Location, printable


def source_of(place: Location) -> str | None:
    """The text that the place is in, a notebook's cell where it is one; None where it cannot be read any more."""
    try:
        text = Path(place.file).read_text(encoding="utf-8", errors="replace")
        if place.cell is not None:
            cells = json.loads(text)["cells"]
            text = "".join(cells[place.cell - 1]["source"])
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        return None
    return text


def code_line(place: Location | None) -> str | None:
    """The line itself, without its indent; None where there is none to show."""
    if place is None or place.line is None or (text := source_of(place)) is None:
        return None
    lines = text.splitlines()
    line = lines[place.line - 1].strip() if place.line <= len(lines) else ""
    return printable(line) or None
