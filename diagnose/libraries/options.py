"""argparse and similar parsers: the values of a program's options, from their defaults and the command line."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from diagnose.interpreter.commandline import COMMAND_LINE, Option, location
from diagnose.interpreter.overlay import Overlay
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import Call, Const, Instance, Items, Ref, Table, Thing, Value, either, plain, unknown
from diagnose.libraries.parser import Declared, Parser, converted, parsed, parser_of
from diagnose.libraries.settings import load_settings
from diagnose.model import InputError

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

OVERLAY = Overlay("options", understood=("configargparse", "jsonargparse"))

PARSERS = ("argparse.ArgumentParser", "*.ArgumentParser", "configargparse.ArgParser", "optparse.OptionParser")
PARTIAL = ("jsonargparse",)  # whose parsers accept options that no add_argument declares
REQUIRED = "the option {} has no default: give it after the program, in quotes"
COMMAND = "the subcommand is chosen on the command line: give it after the program, in quotes"


# ---------------------------------------------------------------------- what the program declares


@OVERLAY.handles(*PARSERS)
def _parser(reader: Reader, base: Value | None, call: Call) -> Value | None:
    made = Thing(call.at, name="argparse.ArgumentParser", args=call.args, kwargs=call.kwargs)
    _begin(reader, Parser(reader, made), call)
    return made


def _begin(reader: Reader, parser: Parser, call: Call) -> None:
    func = getattr(call.node, "func", None)
    name = getattr(func, "attr", getattr(func, "id", ""))
    if name == "OptionParser":
        parser.store["__pair__"] = True
    home = getattr(getattr(func, "value", None), "id", "")
    if home in PARTIAL or call.partial:
        parser.miss(call.at)
    parents = call.kwargs.get("parents")
    if parents is not None and not isinstance(parents, Items):
        parser.miss(parents.at)
    for parent in parents.items if isinstance(parents, Items) else ():
        other = parser_of(reader, parent)
        if other is None:
            parser.miss(parent.at)
            continue
        parser.add(other.declared)
        parser.put("__missed__", (*parser.missed(), *other.incomplete()))
        parser.put("__defaults__", {**parser.overrides, **other.overrides})
        parser.options.pairs.update(other.options.pairs)
        _share(reader, other.options, parser.options)
    files = call.kwargs.get("default_config_files")
    for path in plain(files, []) or []:
        found = load_settings(reader, str(path))
        if isinstance(found, Table):
            settings = {str(key).replace("-", "_"): value for key, value in found.pairs.items()}
            parser.put("__defaults__", {**parser.overrides, **settings})


def _share(reader: Reader, old: Table, new: Table) -> None:
    """Count options that a second parser inherits as read where the program reads either parser's."""
    before = old.read
    new.read |= before
    for one in reader.options:
        if one.table.read is before:  # its own table, or that of a parser it inherited
            one.table.read = new.read
    old.read = new.read


@OVERLAY.handles(".add_argument_group", ".add_mutually_exclusive_group")
def _group(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    return owner if parser_of(reader, owner) is not None else None


@OVERLAY.handles(".add_subparsers")
def _subparsers(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    parser = parser_of(reader, owner)
    if parser is None:
        return None
    parser.put("__command__", plain(call.kwargs.get("dest")))
    return Thing(call.at, name="argparse.subparsers", base=parser.owner)


@OVERLAY.handles(".add_parser")
def _add_parser(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    parent = parser_of(reader, owner.base) if isinstance(owner, Thing) and owner.short == "subparsers" else None
    if parent is None:
        return None
    made = Thing(call.at, name="argparse.ArgumentParser", kwargs=call.kwargs)
    child = Parser(reader, made)
    _begin(reader, child, call)
    _share(reader, child.options, parent.options)
    name = plain(call.arg(0, "name"))
    names = [name, *(plain(call.kwargs.get("aliases"), []) or [])] if isinstance(name, str) else []
    if names:
        parent.put("__commands__", {**parent.commands, **dict.fromkeys(names, child)})
    else:
        parent.miss(call.at)
    return made


@OVERLAY.handles(".add_argument", ".add_option")
def _add_argument(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    parser = parser_of(reader, owner)
    if parser is None:
        return None
    names = [plain(arg) for arg in call.args]
    flags = tuple(word for word in names if isinstance(word, str))
    if not flags or len(flags) < len(names) or call.partial:
        parser.miss(call.at)
    if not flags:
        return Thing(call.at, name="argparse.argument")
    long = next((flag for flag in flags if flag.startswith("--")), flags[0])
    dest = plain(call.kwargs.get("dest")) or long.lstrip("-").replace("-", "_")
    nargs, kind = plain(call.kwargs.get("nargs")), call.kwargs.get("type")
    declared = Declared(
        flags,
        str(dest),
        _action(call.kwargs.get("action")),
        call.kwargs.get("default"),
        kind,
        nargs,
        call.kwargs.get("const"),
        call.kwargs.get("choices"),
        bool(plain(call.kwargs.get("required"), False)) or (not flags[0].startswith("-") and nargs not in ("?", "*")),
        call.at,
    )
    if declared.action in ("help", "version"):
        return Thing(call.at, name="argparse.argument")
    parser.add((declared,))
    default = _default(reader, declared, declared.default)
    table = parser.options
    if default is not None:
        table.pairs.setdefault(declared.dest, default)
    type_name = kind.name.rpartition(".")[2] if isinstance(kind, Ref) else ""
    reader.options = [one for one in reader.options if not (one.table is table and one.name == declared.dest)]
    kept = default or unknown(Reason.NOWHERE, "it has no default", call.at)
    reader.options.append(Option(declared.dest, call.at, kept, type_name, declared.is_flag, table))
    return Thing(call.at, name="argparse.argument", attrs={"dest": Const(call.at, declared.dest)})


def _action(value: Value | None) -> str:
    if isinstance(value, Ref):
        return value.name.rpartition(".")[2]
    word = plain(value, "store" if value is None else "own")
    return word if isinstance(word, str) else "own"


def _default(reader: Reader, declared: Declared, given: Value | None) -> Value | None:
    """An option's value where the command line does not give it; None where the namespace then lacks it."""
    if isinstance(given, Ref) and given.name.endswith("SUPPRESS"):
        return None
    if isinstance(given, Const) and isinstance(given.data, str) and declared.type is not None:
        try:
            return replace(converted(reader, declared, given.data, given.at), at=given.at)
        except InputError:
            kind = declared.type.name.rpartition(".")[2] if isinstance(declared.type, Ref) else "value"
            return unknown(
                Reason.UNFOLLOWED, f"the default of {declared.flags[0]}, {given.data!r}, isn't a valid {kind}", given.at
            )
    if given is not None:
        return given
    if declared.action in ("store_true", "store_false"):
        return Const(declared.at, declared.action == "store_false")
    if declared.required:
        return unknown(Reason.GIVEN, REQUIRED.format(declared.flags[0]), declared.at)
    return Const(declared.at, None)


@OVERLAY.handles(".set_defaults")
def _set_defaults(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    parser = parser_of(reader, owner)
    if parser is None:
        return None
    more: dict[str, Value] = dict(call.kwargs)
    whole = not call.partial
    for table in call.args:
        if isinstance(table, Table):
            more |= {str(key): value for key, value in table.pairs.items()}
        whole = whole and isinstance(table, Table) and not table.partial
    if not whole:
        why = "its default may come from settings that were not read"
        known = {one.dest: unknown(Reason.UNREAD, why, call.at) for one in parser.declared}
        more = {**known, **more}
    parser.put("__defaults__", {**parser.overrides, **more})
    for name, value in more.items():
        reader.write(parser.options.pairs, name, value)
    return Const(call.at, None)


@OVERLAY.handles(".get_default")
def _get_default(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    parser = parser_of(reader, owner)
    return _defaults(parser).get(plain(call.arg(0))) if parser is not None else None


@OVERLAY.handles(".error")
def _error(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    """A parser's error() ends the program."""
    return Thing(call.at, name="raised") if parser_of(reader, owner) is not None else None


# ---------------------------------------------------------------------- parsing


@OVERLAY.handles(".parse_args", ".parse_known_args", ".parse", ".parse_intermixed_args")
def _parse_args(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    if isinstance(owner, Table):
        return owner
    parser = parser_of(reader, owner)
    if parser is None:
        return None
    known = getattr(getattr(call.node, "func", None), "attr", "") == "parse_known_args"
    given = call.arg(0, "args")
    words = _words(given)
    own = words is not None and any(word.at.file != COMMAND_LINE for word in words)
    if words is None:
        words = [Const(location(), word) for word in reader.arguments]
    values, rest = parsed(reader, parser, words, lenient=known or own)
    pairs = {**_defaults(parser, values.get("__chosen__")), **values}
    pairs.pop("__chosen__", None)
    target = call.arg(1, "namespace")
    result: Value = Table(call.at, pairs, partial=bool(parser.incomplete()), read=parser.options.read)
    if isinstance(target, Table | Instance):
        store = target.pairs if isinstance(target, Table) else target.attrs
        for name, value in pairs.items():
            if name in values or name not in store:
                reader.write(store, name, value)
        result = target
    if known or "__pair__" in parser.store:
        # The remaining arguments of a run are not known without its command line.
        left = Items(call.at, tuple(rest), "list", partial=not words)
        return Items(call.at, (result, left), "tuple")
    return result


def _words(given: Value | None) -> list[Const] | None:
    """The arguments passed to parse_args; None where it takes the command line's."""
    if not isinstance(given, Items) or given.partial:
        return None
    words = [word for word in given.items if isinstance(word, Const) and isinstance(word.data, str)]
    return words if len(words) == len(given.items) else None


def _defaults(parser: Parser, chosen: Value | None = None) -> dict[str, Value]:
    """Every option at its default. chosen: the subcommand, where the command line gives it."""
    pairs: dict[str, Value] = {}
    shared = parser.owner.kwargs.get("argument_default") if isinstance(parser.owner, Thing) else None
    for one in parser.declared:
        if one.dest not in pairs:
            given = parser.overrides.get(one.dest, one.default)
            if given is None and shared is not None and not one.is_flag and not one.required:
                given = shared
            if (value := _default(parser.reader, one, given)) is not None:
                pairs[one.dest] = value
    pairs |= {name: value for name, value in parser.overrides.items() if name not in pairs}
    commands = parser.commands
    if not commands:
        return pairs
    name = plain(chosen)
    dest = parser.store.get("__command__")
    if dest:
        pairs[dest] = chosen or unknown(Reason.GIVEN, COMMAND, parser.owner.at)
    sides = [commands[str(name)]] if name in commands else list(dict.fromkeys(commands.values()))
    found = [_defaults(side) for side in sides]
    for key in dict.fromkeys(key for side in found for key in side):
        pairs[key] = either([side[key] for side in found if key in side], parser.owner.at)
    return pairs
