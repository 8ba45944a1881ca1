"""The screen in ASCII alone, where the locale has nothing else: every character by its twin of the same width."""

from __future__ import annotations

import os
from collections.abc import Mapping

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

COERCED = "C.UTF-8"  # what Python itself puts in the place of an empty or a C locale (PEP 538)
TWINS = str.maketrans(
    {
        **dict.fromkeys("─━═╌┄┈╴╶╸╺▔▁‾", "-"),
        **dict.fromkeys("│┃║╎┆┊▏▎▍▌▐▕▊▋", "|"),
        **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯╔╗╚╝╠╣╦╩╬┏┓┗┛┣┫┳┻╋", "+"),
        **dict.fromkeys("█▉▇▆▅▀▄▂▃░▒▓▪■◼", "#"),
        **dict.fromkeys("●•◉", "*"),
        **dict.fromkeys("○◯◌", "o"),
        **dict.fromkeys("→▶▸►❯»", ">"),
        **dict.fromkeys("←◀◂◄❮«", "<"),
        **dict.fromkeys("↑▲△", "^"),
        **dict.fromkeys("↓▼▽↳", "v"),
        **dict.fromkeys("×✗✘", "x"),
        "✓": "v", "…": ".", "·": ".", "–": "-", "—": "-", "−": "-", "“": '"', "”": '"', "‘": "'", "’": "'",
        "±": "~", "≥": ">", "≤": "<", "≈": "~", "\xa0": " ",
    }
)  # fmt: skip
BRAILLE = range(0x2800, 0x2900)


def wants_ascii(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the locale that the person set knows no Unicode. One that is not set says nothing."""
    said = [environment.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG")]
    first = next((value for value in said if value and value != COERCED), "")
    if not first:
        return False
    encoding = first.partition(".")[2].partition("@")[0].lower().replace("-", "")
    return first in ("C", "POSIX") or (bool(encoding) and encoding != "utf8")


class PlainCharacters(LineFilter):
    """Turns every character of a line into ASCII; what has no twin is a question mark for each of its columns."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments in ASCII, as wide as before."""
        return [Segment(plain(text), style, control) for text, style, control in segments]


def plain(text: str) -> str:
    """The text in ASCII, as wide as it was."""
    if text.isascii():
        return text
    text = text.translate(TWINS)
    return text if text.isascii() else "".join(map(_twin, text))


def _twin(character: str) -> str:
    if character.isascii():
        return character
    if ord(character) in BRAILLE:
        return " " if ord(character) == BRAILLE.start else "."
    return "?" * cell_len(character)
