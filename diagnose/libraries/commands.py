"""Settings from the command line without argparse: click, typer, fire, absl, gin."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from diagnose.interpreter.commandline import given
from diagnose.interpreter.overlay import Overlay
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import Call, Const, Function, Ref, Table, Thing, Value, plain, unknown
from diagnose.model import Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

OVERLAY = Overlay("commands")


@OVERLAY.handles("@click.option", "@click.argument")
def _click_option(reader: Reader, function: Value | None, call: Call) -> Value | None:
    assert isinstance(function, Function)
    flags = [word for word in map(plain, call.args) if isinstance(word, str)]
    if not flags:
        return None
    bare = [flag for flag in flags if not flag.startswith("-")]
    long = next((flag for flag in flags if flag.startswith("--")), flags[0])
    name = (bare[0] if bare else long.lstrip("-").split("/")[0].replace("-", "_")).lower()
    default = call.kwargs.get("default")
    if default is None and (plain(call.kwargs.get("is_flag")) or "/" in long):
        default = Const(call.at, False)
    if default is None:
        default = unknown(Reason.NOWHERE, f"the option {long} has no default", call.at)
    function.defaults[name] = given(reader, flags, default) or default
    return None


@OVERLAY.handles("@click.command", "@click.group")
def _click_command(reader: Reader, function: Value | None, call: Call) -> Value | None:
    """Read the function as a command: its arguments come from its options."""
    return None


@OVERLAY.handles("typer.run", "fire.Fire", "absl.app.run", "tensorflow.compat.v1.app.run", "tensorflow.app.run")
def _run_main(reader: Reader, base: Value | None, call: Call) -> Value | None:
    main = call.arg(0)
    if isinstance(main, Function):
        for name, default in list(main.defaults.items()):
            main.defaults[name] = given(reader, _flags(name), default) or default
        return reader.call(main, Call((), {}, call.at))
    return None


def _flags(name: str) -> list[str]:
    return [f"--{name}", f"--{name.replace('_', '-')}"]


def _is_app(value: Value | None) -> bool:
    return isinstance(value, Thing) and isinstance(value.attrs.get("__command__"), Function)


@OVERLAY.handles("()", of=_is_app)
def _call_app(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """Call a typer app, or an object that wraps a function."""
    assert isinstance(base, Thing)
    return _run_main(reader, None, Call((base.attrs["__command__"],), {}, call.at))


@OVERLAY.handles("typer.Option", "typer.Argument")
def _typer_default(reader: Reader, base: Value | None, call: Call) -> Value | None:
    return call.arg(0, "default") or Const(call.at, None)


def _absl_flags(reader: Reader) -> Table:
    table = reader.memory.setdefault("absl flags", Table(Location(reader.path.name)))
    assert isinstance(table, Table)
    return table


@OVERLAY.answer("attribute")
def _flag(reader: Reader, owner: Value, name: str, at: Location) -> Value | None:
    """absl's flags.FLAGS.name."""
    if isinstance(owner, Ref) and owner.name.endswith("flags.FLAGS"):
        found: Value | None = _absl_flags(reader).pairs.get(name)
        return found
    return None


@OVERLAY.handles(
    "*.DEFINE_float", "*.DEFINE_integer", "*.DEFINE_string", "*.DEFINE_boolean", "*.DEFINE_bool", "*.DEFINE_enum",
    "*.DEFINE_list",
)  # fmt: skip
def _define(reader: Reader, base: Value | None, call: Call) -> Value | None:
    name, default = plain(call.arg(0)), call.arg(1, "default")
    if not isinstance(name, str) or default is None:
        return None
    flags = _absl_flags(reader)
    flags.pairs[name] = given(reader, [f"--{name}"], default) or default
    return Thing(call.at, name="absl.flag", attrs={"value": flags.pairs[name]})


@OVERLAY.handles("@gin.configurable", "@gin.register")
def _gin(reader: Reader, function: Value | None, call: Call) -> Value | None:
    """Mark as unknown every parameter that a call leaves out, since gin may set it."""
    assert isinstance(function, Function)
    for name, default in function.defaults.items():
        function.defaults[name] = unknown(
            Reason.UNREAD, f"gin's configuration may set `{name}` of {function.name}()", default.at
        )
    return None


@OVERLAY.handles("gin.parse_config_file", "gin.parse_config", "gin.parse_config_files_and_bindings")
def _gin_file(reader: Reader, base: Value | None, call: Call) -> Value | None:
    name = Path(str(plain(call.arg(0, "config_file", "config_files"), "its file"))).name
    reader.notes.append(f"gin's configuration {name} is not read, so the parameters that it may set are unknown")
    return Const(call.at, None)
