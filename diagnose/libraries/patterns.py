"""Regular expressions on known strings, such as the names of parameters that a program freezes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from diagnose.interpreter.overlay import Overlay
from diagnose.interpreter.values import Call, Const, Thing, Value, plain

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

OVERLAY = Overlay("patterns")
LONGEST = 400  # characters of a pattern and its text
SEARCHES: dict[str, Callable[[str, str], re.Match[str] | None]] = {
    "re.match": re.match, "re.search": re.search, "re.fullmatch": re.fullmatch,
}  # fmt: skip


def _searching(name: str) -> None:
    @OVERLAY.handles(name)
    def run(reader: Reader, base: Value | None, call: Call) -> Value | None:
        """A match that counts as true, or None; unknown where the strings are."""
        pattern, text = plain(call.arg(0, "pattern")), plain(call.arg(1, "string"))
        plain_texts = isinstance(pattern, str) and isinstance(text, str) and len(call.args) + len(call.kwargs) == 2
        if not plain_texts or _endless(pattern, text):
            return None
        try:
            found = SEARCHES[name](pattern, text)
        except re.error:
            return None
        return Thing(call.at, name="re.Match", attrs={"__true__": True}) if found else Const(call.at, None)


for _name in SEARCHES:
    _searching(_name)


def _endless(pattern: str, text: str) -> bool:
    """Whether a search may take forever: nested repeats multiply."""
    repeats = sum(pattern.count(sign) for sign in "*+{")
    return repeats > (0 if "(" in pattern else 2) or len(pattern) + len(text) > LONGEST
