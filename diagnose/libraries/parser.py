"""An argparse parser of the program: the options it declares, and the values a command line gives them.

argparse itself parses the arguments with the declared options, so that abbreviations, --name=value, negative numbers,
subcommands and lists work as in Python. Where some of the declarations could not be read, an undeclared option may
still exist.
"""

from __future__ import annotations

import argparse
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from diagnose.interpreter.commandline import is_flag, typed
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import (
    Call,
    Class,
    Const,
    Function,
    Instance,
    Items,
    Ref,
    Table,
    Thing,
    Value,
    plain,
    unknown,
)
from diagnose.model import InputError, Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

TYPES = {"builtins.int": int, "builtins.float": float, "builtins.str": str, "builtins.bool": bool, "pathlib.Path": str,
         "int": int, "float": float, "str": str, "string": str, "bool": bool}  # fmt: skip
DOES_NOT_FIT = "The command line given with the program does not fit it"


@dataclass(frozen=True, eq=False)
class Declared:
    """One add_argument. flags: as written, or the bare name of a positional argument."""

    flags: tuple[str, ...]
    dest: str
    action: str
    default: Value | None
    type: Value | None
    nargs: Any
    const: Value | None
    choices: Value | None
    required: bool
    at: Location

    @property
    def positional(self) -> bool:
        """Whether it is a positional argument."""
        return not self.flags[0].startswith("-")

    @property
    def is_flag(self) -> bool:
        """Whether the option takes no value and is True or False."""
        return self.action in ("store_true", "store_false", "BooleanOptionalAction")


class Parser:
    """The state of the program's parser object, kept in its attributes so that branches of the program keep theirs."""

    def __init__(self, reader: Reader, owner: Thing | Instance) -> None:
        self.reader, self.owner = reader, owner
        self.store: dict[Any, Any] = owner.attrs
        if "options" not in self.store:
            self.store["options"] = Table(owner.at)

    @property
    def options(self) -> Table:
        """The default of each option; its `read` holds the options that the program looked at."""
        found = self.store["options"]
        assert isinstance(found, Table)
        return found

    @property
    def declared(self) -> tuple[Declared, ...]:
        """The options declared so far, in order, without those of subcommands."""
        found: tuple[Declared, ...] = self.store.get("__declared__", ())
        return found

    @property
    def commands(self) -> dict[str, Parser]:
        """The parsers of the subcommands, by name."""
        found: dict[str, Parser] = self.store.get("__commands__", {})
        return found

    @property
    def overrides(self) -> dict[str, Value]:
        """The values given to set_defaults()."""
        found: dict[str, Value] = self.store.get("__defaults__", {})
        return found

    def put(self, name: str, value: Any) -> None:
        """Set an attribute of the parser in the current branch of the program."""
        self.reader.write(self.store, name, value)

    def miss(self, at: Location) -> None:
        """Note that options declared at `at` could not be read."""
        self.put("__missed__", (*self.missed(), at))

    def missed(self) -> tuple[Location, ...]:
        """Where declared options could not be read."""
        found: tuple[Location, ...] = self.store.get("__missed__", ())
        return found

    def incomplete(self) -> tuple[Location, ...]:
        """Where unread options may be declared: missed declarations, or calls that received the parser."""
        handed_on = tuple(
            event.at
            for event in self.reader.trace
            if event.kind in ("call", "unfollowed")
            and not event.name.endswith(("ArgumentParser", "ArgParser", "builtins.print"))
            and any(one is self.owner for one in (*event.args, *event.kwargs.values()))
        )
        inner = tuple(at for command in self.commands.values() for at in command.incomplete())
        return (*self.missed(), *handed_on, *inner)

    def add(self, more: tuple[Declared, ...]) -> None:
        """Add options that the program declares."""
        self.put("__declared__", (*self.declared, *more))


def parser_of(reader: Reader, value: Value | None) -> Parser | None:
    """The parser in a value: the value itself, or what an unfollowed call received and returned; None if neither."""
    if isinstance(value, Thing) and "options" in value.attrs:
        return Parser(reader, value)
    if isinstance(value, Instance) and "ArgumentParser" in value.cls.foreign():
        return Parser(reader, value)
    if isinstance(value, Thing) and value.name[:1].isalpha():
        parts = (*value.args, *value.kwargs.values())
        return next((found for part in parts if (found := parser_of(reader, part)) is not None), None)
    return None


# ---------------------------------------------------------------------- words


class _Strict(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(f"{DOES_NOT_FIT}: {message}.")


class _Constant:
    """Wraps an option's const while argparse passes it on."""


def parsed(reader: Reader, parser: Parser, words: list[Const], lenient: bool) -> tuple[dict[str, Value], list[Value]]:
    """The options that `words` give, by name, and the remaining words.

    lenient: whether words that fit no option remain, as with parse_known_args(). Raises InputError where the words do
    not fit the declared options; options that may exist unread are accepted instead, with a note.
    """
    if not words:
        return {}, []
    missed = parser.incomplete()
    at = words[0].at
    real = _real(parser, not missed)
    try:
        namespace, left = real.parse_known_args([str(word.data) for word in words])
    except InputError:
        if not missed:
            raise
        namespace, left = argparse.Namespace(), [str(word.data) for word in words]
    values: dict[str, Value] = {}
    declared = _reached(parser, vars(namespace))
    for name, data in vars(namespace).items():
        if name.startswith("__command"):
            values.setdefault("__chosen__", Const(at, data))
        elif data is not None and name in declared:
            unsure = declared[name].positional and bool(missed) and bool(left)
            values[name] = (
                unknown(Reason.GIVEN, "not every option of the command line was read", at)
                if unsure
                else _value(reader, declared[name], data, at)
            )
    hands_back = "__pair__" in parser.store  # as optparse does with positional words
    wrong = [word for word in left if is_flag(word)] if hands_back else left
    if wrong and not lenient:
        if not missed:
            raise InputError(f"The program has no option {wrong[0]}: correct the command line given with it.")
        place = missed[0]
        reader.notes.append(
            f"{left[0]} was taken as given: some options, declared at {place.file}:{place.line}, were not read"
        )
        values |= _undeclared(left, at)
    by_word = {str(word.data): word for word in words}
    return values, [by_word.get(word, Const(at, word)) for word in left]


def _undeclared(words: list[str], at: Location) -> dict[str, Value]:
    """Options that were given but not declared, parsed from their words."""
    values: dict[str, Value] = {}
    for number, word in enumerate(words):
        flag, equals, text = word.partition("=")
        if is_flag(flag):
            follows = number + 1 < len(words) and not is_flag(words[number + 1])
            value = text if equals else words[number + 1] if follows else "true"
            values[flag.lstrip("-").replace("-", "_")] = Const(at, typed(value, None))
    return values


def _real(parser: Parser, whole: bool) -> _Strict:
    """A real argparse parser with the same options, all optional and without defaults."""
    allowed = parser.owner.kwargs.get("allow_abbrev") if isinstance(parser.owner, Thing) else None
    real = _strict(whole and plain(allowed, True) is not False)
    _fill(real, parser, 0)
    return real


def _strict(abbreviations: bool, **_: Any) -> _Strict:
    return _Strict(prog="", add_help=False, argument_default=argparse.SUPPRESS, allow_abbrev=abbreviations,
                   conflict_handler="resolve")  # fmt: skip


def _fill(real: argparse.ArgumentParser, parser: Parser, depth: int) -> None:
    for one in parser.declared:
        more: dict[str, Any] = {} if one.positional else {"dest": one.dest}
        if one.action in ("store_true", "store_false", "count"):
            more["action"] = one.action
        elif one.action == "BooleanOptionalAction":
            more["action"] = argparse.BooleanOptionalAction
        elif one.action in ("store_const", "append_const"):
            more |= {"action": one.action, "const": _Constant()}
        else:
            more["action"] = one.action if one.action in ("append", "extend") else "store"
            nargs = {None: "?", "+": "*"}.get(one.nargs, one.nargs) if one.positional else one.nargs
            more |= {"nargs": nargs} if nargs is not None else {}
            more |= {"const": _Constant()} if one.const is not None and nargs == "?" else {}
        try:
            real.add_argument(*one.flags, **more)
        except (argparse.ArgumentError, ValueError, TypeError):
            continue
    if parser.commands:
        made: Any = functools.partial(_strict, real.allow_abbrev)
        places = real.add_subparsers(dest=f"__command{depth}__", parser_class=made)
        for name, child in parser.commands.items():
            _fill(places.add_parser(name), child, depth + 1)


def _reached(parser: Parser, found: dict[str, Any], depth: int = 0) -> dict[str, Declared]:
    """The options of the chosen subcommands, by name."""
    own = {one.dest: one for one in reversed(parser.declared)}
    child = parser.commands.get(str(found.get(f"__command{depth}__")))
    return {**own, **_reached(child, found, depth + 1)} if child is not None else own


def _value(reader: Reader, declared: Declared, data: Any, at: Location) -> Value:
    """argparse's result for an option as a value of the program."""
    if isinstance(data, _Constant):
        return declared.const or Const(at, None)
    if declared.action == "DictAction":  # mmengine's: key=value words
        pairs = (word.partition("=") for word in (data if isinstance(data, list) else [str(data)]))
        return Table(at, {key: Const(at, typed(text, None)) for key, _, text in pairs})
    if isinstance(data, list):
        return Items(at, tuple(_value(reader, declared, one, at) for one in data))
    if declared.action == "own":
        return unknown(Reason.UNFOLLOWED, f"{declared.flags[0]} has an action of the program's own", at)
    if not isinstance(data, str):
        return Const(at, data)
    value = converted(reader, declared, data, at)
    allowed = plain(declared.choices)
    if isinstance(value, Const) and isinstance(allowed, list | tuple) and allowed and value.data not in allowed:
        choices = ", ".join(str(one) for one in allowed)
        raise InputError(f"{DOES_NOT_FIT}: {declared.flags[0]} is one of {choices}, not {data}.")
    return value


def converted(reader: Reader, declared: Declared, text: str, at: Location) -> Value:
    """A word converted by the option's type; unknown where that isn't followed. Raises InputError where it fails."""
    kind = declared.type
    if kind is None:
        return Const(at, text)
    name = kind.name if isinstance(kind, Ref) else kind.data if isinstance(kind, Const) else None
    convert = TYPES.get(str(name))
    if convert is not None:
        try:
            return Const(at, convert(text))
        except ValueError:
            problem = f"{declared.flags[0]} takes a value of type {convert.__name__}, not {text!r}"
            raise InputError(f"{DOES_NOT_FIT}: {problem}.") from None
    if isinstance(kind, Function | Class | Ref):
        result = reader.call(kind, Call((Const(at, text),), {}, at))
        if isinstance(result, Const | Items | Instance):
            return result
    return unknown(Reason.UNFOLLOWED, f"{declared.flags[0]} is converted by what was not followed", at)
