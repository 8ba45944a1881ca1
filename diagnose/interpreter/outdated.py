"""Rewrites code for other Python versions so that this one parses it: Python 2, its tabs, f-strings of Python 3.12.

Only code that does not parse is rewritten, in place, so that every line keeps its number. None of it is run, so small
differences from the original (a print statement's trailing comma) don't matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

STRING = r"""\"\"\"[\s\S]*?\"\"\"|\'\'\'[\s\S]*?\'\'\'|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'"""
HIDDEN = re.compile(rf"{STRING}|#[^\n]*")
F_STRING = re.compile(r"""(?<![\w"'])(?:[fF][rR]?|[rR][fF])(\"\"\"|\'\'\'|"|')""")
OTHER = {'"': "'", "'": '"', '"""': "'''", "'''": '"""'}
# Applied to code with its strings masked: a description, a pattern, and its replacement.
FORMS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("except with a comma", re.compile(r"\bexcept\s+([\w.]+|\([^()\n]*\))\s*,\s*(\w+)\s*:"), r"except \1 as \2:"),
    ("the operator <>", re.compile(r"<>"), "!="),
    ("backticks", re.compile(r"`([^`\n]+)`"), r"repr(\1)"),
    ("the argument async=", re.compile(r"\basync(\s*)=(?!=)"), r"non_blocking\1="),
    ("the name async", re.compile(r"\basync\b(?!\s+(?:def|for|with)\b)"), "async_"),
    ("a number with a leading zero", re.compile(r"(?<![\w.])0(?=[0-7]+(?![\w.]))(?!0+(?!\d))"), "0o"),
    ("a long number", re.compile(r"(?<![\w.])(0[xX][0-9a-fA-F]+|\d+)[lL]\b"), r"\1"),
    ("a text with ur", re.compile(r"""\b[uU][rR](?=["'])"""), "r"),
    ("a lambda that unpacks", re.compile(r"\blambda\s*\(([\w\s,]+)\)\s*:"), r"lambda \1:"),
)
NEWER = (
    ("type parameters of Python 3.12", re.compile(r"\b((?:def|class)\s+\w+)\[[^\]\n]*\](?=[(:])"), r"\1"),
    ("a type statement of Python 3.12", re.compile(r"(?m)^(\s*)type\s+(\w+)(?:\[[^\]\n]*\])?\s*=(?!=)"), r"\1\2 ="),
)
PRINT = re.compile(r"""print\b[ \t]*(?=>>|["'\\~`{]|[^\W\d]|\d)(?!(?:in|is|and|or|if|for|not in)\b)""")
RAISE = re.compile(r"raise\s+([\w.]+)\s*,\s*")
EXEC = re.compile(r"""exec\s+(?=["'\w])""")


@dataclass(frozen=True)
class Modern:
    """The text after rewriting, and what was rewritten: a short description and the line of each change."""

    text: str
    changes: tuple[tuple[str, int], ...]

    @property
    def note(self) -> str:
        """One sentence on what was rewritten, each kind with its first line."""
        first: dict[str, list[int]] = {}
        for what, line in self.changes:
            first.setdefault(what, []).append(line)
        described = (
            f"line {min(lines)}{f' and {len(lines) - 1} more' if len(lines) > 1 else ''}: {what}"
            for what, lines in first.items()
        )
        return f"outdated: {'; '.join(described)}; read as current Python would have it"


def modernised(text: str, parses: Callable[[str], bool]) -> Modern | None:
    """The text with the smallest rewrite that makes it parse; None where no rewrite does."""
    changes: list[tuple[str, int]] = []
    for stage in (_f_strings, _newer, _tabs, _statements, _forms):
        changed, more = stage(text)
        if changed == text:
            continue
        text, changes = changed, [*changes, *more]
        if parses(text):
            return Modern(text, tuple(sorted(changes, key=lambda one: one[1])))
    return None


Stage = tuple[str, list[tuple[str, int]]]


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def masked(text: str) -> str:
    """The text with the content of strings and comments masked, character by character; quotes and line ends stay."""

    def hide(found: re.Match[str]) -> str:
        whole = found.group()
        if whole[0] == "#":
            return " " * len(whole)
        inner = re.sub(r"[^\n]", "_", whole[1:-1])
        return f"{whole[0]}{inner}{whole[-1]}"

    return HIDDEN.sub(hide, text)


def _forms(text: str) -> Stage:
    return _replaced(text, FORMS)


def _newer(text: str) -> Stage:
    return _replaced(text, NEWER)


def _replaced(text: str, forms: tuple[tuple[str, re.Pattern[str], str], ...]) -> Stage:
    changes = []
    for what, pattern, instead in forms:
        hidden = masked(text)
        for found in reversed(list(pattern.finditer(hidden))):
            changes.append((what, _line(text, found.start())))
            new = _expanded(instead, found, text)
            text = text[: found.start()] + new + text[found.end() :]
    return text, changes


def _expanded(instead: str, found: re.Match[str], text: str) -> str:
    """The replacement with its groups filled from the original text."""
    return re.sub(r"\\(\d)", lambda number: text[slice(*found.span(int(number[1])))], instead)


def _tabs(text: str) -> Stage:
    """Expand leading tabs to eight spaces, as Python 2 counts them."""
    lines, changes = text.split("\n"), []
    for place, line in enumerate(lines):
        ahead = line[: len(line) - len(line.lstrip())]
        if "\t" in ahead:
            changes.append(("tabs among blanks", place + 1))
            lines[place] = ahead.expandtabs(8) + line.lstrip()
    return "\n".join(lines), changes


# ---------------------------------------------------------------------- statements


def _statements(text: str) -> Stage:
    """Rewrite the print, exec and raise statements of Python 2."""
    changes: list[tuple[str, int]] = []
    hidden = masked(text)
    for begin, end in reversed(list(_spans(hidden))):
        whole = hidden[begin:end]
        if found := PRINT.match(whole):
            new, what = _printed(text[begin + found.end() : end], whole[found.end() :]), "a print statement"
        elif found := RAISE.match(whole):
            new, what = f"raise {found[1]}({text[begin + found.end() : end]})", "raise with a comma"
        elif found := EXEC.match(whole):
            code = whole[found.end() :].partition(" in ")[0]
            new, what = f"exec({text[begin + found.end() : begin + found.end() + len(code)]})", "an exec statement"
        else:
            continue
        text = text[:begin] + new + text[end:]
        changes.append((what, _line(text, begin)))
    return text, changes


def _printed(text: str, hidden: str) -> str:
    """The operands of a print statement, as call arguments."""
    cut = len(hidden.rstrip().rstrip(","))
    text, hidden = text[:cut], hidden[:cut]
    if hidden.startswith(">>"):
        comma = next((place for place, letter in _outside(hidden) if letter == ","), len(hidden))
        rest = text[comma + 1 :].strip()
        return f"print({rest}{', ' if rest else ''}file={text[2:comma].strip()})"
    return f"print({text.rstrip()})"


def _outside(hidden: str) -> Iterator[tuple[int, str]]:
    """Each character outside brackets and strings, with its position."""
    depth, quoted = 0, ""
    for place, letter in enumerate(hidden):
        if quoted:
            quoted = "" if letter == quoted else quoted
        elif letter in "\"'":
            quoted = letter
        elif letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth = max(0, depth - 1)
        elif not depth:
            yield place, letter


def _spans(hidden: str) -> Iterator[tuple[int, int]]:
    """The span of each statement, including those after a colon or a semicolon."""
    ends = [place for place, letter in _outside(hidden) if letter in "\n;:" and hidden[place - 1 : place] != "\\"]
    begin = 0
    for end in [*ends, len(hidden)]:
        blank = len(hidden[begin:end]) - len(hidden[begin:end].lstrip())
        if begin + blank < end:
            stop = begin + len(hidden[begin:end].rstrip())
            yield begin + blank, stop
        begin = end + 1


# ---------------------------------------------------------------------- f-strings


def _f_strings(text: str) -> Stage:
    """Replace an f-string's own quotes within its braces by the other kind."""
    changes = []
    place = 0
    while found := F_STRING.search(text, place):
        new, end = _requoted(text, found.end(), found[1])
        if new != text[found.end() : end]:
            changes.append(("an f-string of Python 3.12", _line(text, found.start())))
            text = text[: found.end()] + new + text[end:]
        place = found.end() + len(new)
    return text, changes


def _requoted(text: str, place: int, quote: str) -> tuple[str, int]:
    """The text between the quotes, and the position of the closing one."""
    kept, depth = [], 0
    while place < len(text):
        pair = text[place : place + 2]
        if not depth and pair in ("{{", "}}", "\\" + pair[1:]):
            kept.append(pair)
            place += 2
            continue
        letter = text[place]
        if text.startswith(quote, place):
            if not depth:
                break
            kept.append(OTHER[quote])
            place += len(quote)
            continue
        if len(quote) == 1 and letter == "\n" and not depth:
            break
        depth += (letter == "{") - (letter == "}" and depth > 0)
        kept.append(" " if depth and letter in "\\\n" and len(quote) == 1 else letter)
        place += 1
    return "".join(kept), place
