"""The command-line arguments given after the program, as its own argument parsing would see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from diagnose.interpreter.values import Const, Items, Table, Value, plain
from diagnose.model import Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

COMMAND_LINE = "command line"  # in place of a file name
TRUE_WORDS = ("1", "true", "yes", "on", "y", "t")


@dataclass(frozen=True)
class Option:
    """An option of the command line as the program declares it."""

    name: str
    at: Location
    default: Value
    type: str  # the type's name, as in "bool"
    flag: bool  # whether it takes no value
    table: Table  # that holds it once parsed


def location() -> Location:
    """The place of values that are given on the command line."""
    return Location(COMMAND_LINE)


def argv(reader: Reader) -> Items:
    """sys.argv: the program's path, then the words given with it."""
    at = location()
    return Items(at, tuple(Const(at, word) for word in (str(reader.path), *reader.arguments)))


def given(reader: Reader, flags: list[str], default: Value | None) -> Value | None:
    """The command line's value for one of the flags, as the type of its default; None where it gives none."""
    words = list(reader.arguments)
    for number, word in enumerate(words):
        flag, equals, value = word.partition("=")
        if flag not in flags and flag.lstrip("-").replace("-", "_") not in flags:
            continue
        follows = number + 1 < len(words) and not is_flag(words[number + 1])
        return Const(location(), typed(value if equals else words[number + 1] if follows else "true", plain(default)))
    return None


def is_flag(word: str) -> bool:
    """Whether a word names an option: -1 and -.5 are numbers."""
    return word.startswith("-") and not isinstance(typed(word, None), int | float)


def typed(text: str, example: Any) -> Any:
    """A word as the type of `example`; where that is None, as a number or truth value where it reads as one."""
    if isinstance(example, bool):
        return text.lower() in TRUE_WORDS
    for kind in (int, float) if example is None or isinstance(example, int | float) else ():
        try:
            return kind(text)
        except ValueError:
            continue
    if example is None and text.lower() in ("true", "false"):
        return text.lower() == "true"
    return None if example is None and text.lower() in ("null", "none") else text
