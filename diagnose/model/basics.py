"""What every other value is made with: severities, confidence, locations, and errors."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


def printable(text: str) -> str:
    """Text that is safe on a screen: control characters, escapes and undecodable bytes are spelt out."""
    if text.isprintable():  # nearly always
        return text
    text = text.encode("utf-8", "backslashreplace").decode()
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


class InputError(Exception):
    """Wrong use or unreadable input. The message is one sentence: what, where, what to do."""


class BrokenInstallation(Exception):
    """Files of this package are missing. The message is one sentence: what, where, what to do."""


class NotExamined(Exception):
    """A check lacks the evidence it reads. The message says which and why."""


# What checks look at, by the letter that their codes begin with.
AREAS = {"D": "data", "N": "input", "C": "configuration", "M": "network", "P": "probes", "R": "run",
         "K": "checkpoint", "L": "log"}  # fmt: skip


def area(code: str) -> str:
    """What the check looks at; a plug-in's code may begin with any letter."""
    return AREAS.get(code[:1], "more")


class Severity(StrEnum):
    """error: the full training run would be wasted or wrong; warning: it costs accuracy or money; info: worth
    knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the gravest, so that sorting puts errors first."""
        return list(Severity).index(self)


class Confidence(StrEnum):
    """How a finding is known. `shown`, `indicated` and `not decided` are words for measured differences (six paired
    seeds or more, fewer, an interval that holds zero); `certain` was counted or read; `likely` rests on a
    published threshold."""

    CERTAIN = "certain"
    SHOWN = "shown"
    INDICATED = "indicated"
    NOT_DECIDED = "not decided"
    LIKELY = "likely"


@dataclass(frozen=True)
class Location:
    """A place in a file; `line` counts from 1, None where the fault has no line. cell: of a notebook, from 1;
    the line is then the line in the cell."""

    file: str
    line: int | None = None
    cell: int | None = None

    def __str__(self) -> str:
        parts = [self.file, *([f"cell {self.cell}"] if self.cell else []), *([str(self.line)] if self.line else [])]
        return ":".join(parts)
