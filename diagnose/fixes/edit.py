"""Writes other values into a configuration or program, where that can be done by changing the values alone.

What comes out is read again before anyone sees it: the fields that were to change have their new values and no other
field has changed, or there is no edit.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from diagnose.config.file import BY_HAND, Item, config_of
from diagnose.config.read import path_of, read_configuration
from diagnose.config.schema import ALIASES
from diagnose.fixes.draft import CannotEdit, Draft, Edit, script_of, text_of
from diagnose.fixes.script import Script, Splice
from diagnose.interpreter.commandline import COMMAND_LINE
from diagnose.model import IMAGENET_WEIGHTS, UNIT_STEP, Config, InputError, Setting
from diagnose.training.program import Reading

IMAGENET_CLASSES = 1000
# What a program calls a field, where a line holds the old value more than once.
KEYWORDS = {
    "learning_rate": ("lr", "learning_rate", "base_lr", "default"),
    "weights": ("weights", "pretrained", "default"),
    "head": ("num_classes", "out_features", "units", "default"),
    "shuffle": ("shuffle",),
    "drop_last": ("drop_last",),
    "batch_size": ("batch_size", "default"),
    "epochs": ("epochs", "default"),
    "momentum": ("momentum", "default"),
    "weight_decay": ("weight_decay", "default"),
    **{name: (name.removeprefix("val_"),) for name in ("mean", "std", "val_mean", "val_std")},
}
SIZES = ("input_size", "val_input_size")  # a side, or height and width
OF_LOADERS = ("shuffle", "drop_last")
ONE_VALUE = r"""\[[^\]\n]*\]|"[^"\n]*"|'[^'\n]*'|[^\s,}#][^,}#\n]*?(?=\s*(?:[,}#]|$))"""


def edits(given: str, changes: Mapping[str, Any]) -> tuple[Edit, ...]:
    """The edits that set these fields to these values in the configuration `given` to --config; nothing is written.

    Raises CannotEdit where a value does not stand in one plain place or other fields would change too, InputError where
    the configuration cannot be read or refuses a value.
    """
    wanted = canonical(changes)
    reading = read_configuration(given)
    with Draft(given) as draft:
        programs: dict[Path, tuple[Script, list[Splice]]] = {}
        done = []  # training and held-out images may share a transform, which is changed once
        for name, value in changes.items():
            setting: Setting[Any] = getattr(reading.config, name)
            if _same(setting.value, value) and setting.known:
                continue
            if setting.line and (place := (setting.location, setting.value, value)) in done:
                continue
            done.append(place if setting.line else None)
            if setting.file == COMMAND_LINE:
                raise CannotEdit("it is given on the command line")
            path = Path(setting.file) if setting.file else path_of(given)
            if path.suffix.lower() == ".ipynb":
                raise CannotEdit("notebooks are not written to")
            if path.suffix.lower() == ".py":
                if path not in programs:
                    programs[path] = script_of(text_of(path)), []
                script, splices = programs[path]
                splices.append(_in_program(script, name, setting, value, reading))
                continue
            text = draft.text(path)
            if setting.known and setting.line:
                draft.put(path, _in_line(path, text, name, setting.line, value))
            else:
                draft.put(path, added(path, text, name, value))
        for path, (script, splices) in programs.items():
            draft.put(path, script.spliced(splices))
        if draft.edits:
            _check(draft.given, reading.config, wanted)
        return draft.edits


# ------------------------------------------------------------------ configuration files


def _in_line(path: Path, text: str, name: str, line: int, value: Any) -> str:
    """The value of the field on its line, replaced; what else is on the line stays."""
    lines = text.splitlines(keepends=True)
    spellings = [name, *(alias for alias, field in ALIASES.items() if field == name)]
    keys = "|".join(re.escape(key.rpartition(".")[2]) for key in sorted(spellings, key=len, reverse=True))
    # Where the field's mapping begins on the line, such as {name: sgd, lr: 10}, the key may come later on it.
    pattern = re.compile(rf"""((?<![\w.])["']?(?:{keys})["']?\s*[:=]\s*)({ONE_VALUE})""", re.I)
    new, count = pattern.subn(lambda match: match[1] + written(path, value), lines[line - 1], count=1)
    if count == 0:
        raise CannotEdit(f"the value of {name} does not stand on line {line} alone")
    return "".join([*lines[: line - 1], new, *lines[line:]])


def added(path: Path, text: str, name: str, value: Any) -> str:
    """The file's text with one more field, outside of any section."""
    literal = written(path, value)
    if path.suffix.lower() == ".toml":
        return f"{name} = {literal}\n{text}"
    if path.suffix.lower() == ".json":
        return re.sub(r"\{(\s*)", lambda match: f'{{{match[1]}"{name}": {literal},{match[1] or " "}', text, count=1)
    return f"{text}{'' if text.endswith(chr(10)) else chr(10)}{name}: {literal}\n"


def written(path: Path, value: Any) -> str:
    """The value in the words of the file."""
    yaml = path.suffix.lower() in (".yaml", ".yml")
    if isinstance(value, tuple | list):
        if value in ((UNIT_STEP,), [UNIT_STEP]):
            value = UNIT_STEP
        elif not value:
            value = "none"
        elif yaml:
            return f"[{', '.join(written(path, item) for item in value)}]"
        else:
            return json.dumps(list(value))
    if isinstance(value, str) and yaml:
        return value
    if isinstance(value, float):
        return _number(value)
    return json.dumps(value)


def _number(value: float) -> str:
    """A number that every reader takes for a float."""
    digits = f"{value:g}"
    return digits if "." in digits or "e-" in digits else f"{digits}.0" if "e" not in digits else repr(value)


# ------------------------------------------------------------------ programs


def _in_program(script: Script, name: str, setting: Setting[Any], value: Any, reading: Reading) -> Splice:
    """The one literal that says the setting's old value, replaced; or an argument of a DataLoader, added."""
    if not setting.known or not setting.line:
        raise CannotEdit(f"the program does not say {name} in one place")
    found = _literals(script, name, setting)
    if name == "drop_last":
        _check_one_loader(script, setting.line)
    if len(found) == 1:
        node, old = found[0]
        if name == "weights":
            _check_weights_fit(script, node)
        return script.replaced(node, _as_python(old, value, reading))
    loaders = [call for call in script.nodes(ast.Call, setting.line) if ast.unparse(call.func).endswith("DataLoader")]
    if name in OF_LOADERS and not found and len(loaders) == 1:
        return script.added_argument(loaders[0], f"{name}={value!r}")
    raise CannotEdit(f"line {setting.line} does not say {name} as one plain value")


def _check_one_loader(script: Script, line: int) -> None:
    """Raises CannotEdit where the call on the line may make several loaders: those of few held-out images could be left
    without a batch."""
    for call in script.nodes(ast.Call, line):
        around = {type(node) for node in script.above(call)}
        if around & {ast.DictComp, ast.ListComp, ast.GeneratorExp, ast.For, ast.FunctionDef}:
            raise CannotEdit("the same call may make the loader of the validation images")


def _check_weights_fit(script: Script, weights: ast.expr) -> None:
    """Raises CannotEdit where the call that builds the network refuses ImageNet's weights beside its other arguments:
    torchvision and Keras's applications do for another number of outputs, Keras for an input of one channel. timm makes
    a new head."""
    call = next((node for node in script.above(weights) if isinstance(node, ast.Call)), None)
    if call is None or ast.unparse(call.func).endswith("create_model"):
        return
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    for outputs in (given[name] for name in ("num_classes", "classes") if name in given):
        if not (isinstance(outputs, ast.Constant) and outputs.value == IMAGENET_CLASSES):
            raise CannotEdit(
                f"the weights come with {IMAGENET_CLASSES} outputs and the call asks for {ast.unparse(outputs)}: build "
                "the network without that argument and replace its head"
            )
    shape = given.get("input_shape")
    if isinstance(shape, ast.Tuple | ast.List) and shape.elts and ast.unparse(shape.elts[-1]) != "3":
        raise CannotEdit(f"the weights want 3 channels and the call asks for {ast.unparse(shape)}")


def _literals(script: Script, name: str, setting: Setting[Any]) -> list[tuple[ast.expr, Any]]:
    """Literals at the setting's line that mean its value; those of a keyword that is called as the field, if any."""
    keywords = {id(node.value): node.arg for node in ast.walk(script.tree) if isinstance(node, ast.keyword)}
    assert setting.line is not None
    on_line: list[tuple[ast.expr, Any]] = []
    behind: list[tuple[ast.expr, Any]] = []  # on a later line of a call that begins there
    calls = [call for call in script.nodes(ast.Call, setting.line) if call.lineno == setting.line]
    for node in ast.walk(script.tree):
        if not isinstance(node, ast.expr):
            continue
        here = node.lineno == setting.line
        if not here and not any(call.lineno <= node.lineno <= (call.end_lineno or 0) for call in calls):
            continue
        try:
            value = ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError):
            continue
        if _means(name, value, setting.value):
            (on_line if here else behind).append((node, value))
    found = on_line or behind
    inner = {id(part) for node, _ in found for part in ast.walk(node) if part is not node}
    found = [item for item in found if id(item[0]) not in inner]  # of (64, 64) the pair
    return [item for item in found if keywords.get(id(item[0])) in KEYWORDS.get(name, ())] or found


def _means(name: str, literal: Any, value: Any) -> bool:
    if name == "weights" and value == "none":
        return literal is None or literal is False
    if isinstance(literal, bool) or isinstance(value, bool):
        return literal is value
    if isinstance(literal, tuple | list) and name in SIZES:
        return len(literal) == 2 and all(side == value for side in literal)
    if isinstance(literal, tuple | list) and isinstance(value, tuple):
        return _same(tuple(literal), value)
    return bool(literal == value)


def _as_python(old: Any, value: Any, reading: Reading) -> str:
    if old is False and value == "imagenet":
        return "True"
    if old is None and value == "imagenet":
        keras = reading.program is not None and reading.program.framework == "keras"
        return '"imagenet"' if keras else '"DEFAULT"'
    if isinstance(old, tuple | list) and isinstance(value, int):
        return repr(type(old)((value, value)))
    if isinstance(value, tuple):
        return repr(list(value) if isinstance(old, list) else value)
    return _number(value) if isinstance(value, float) else repr(value)


# ------------------------------------------------------------------ in the words of --set


def as_settings(changes: Mapping[str, Any]) -> tuple[str, ...]:
    """The changes as words for --set, `key=value` with lists as JSON and an empty tuple as "none"."""
    return tuple(
        f"{name}={json.dumps(list(value) if isinstance(value, tuple) else value) if value != () else 'none'}"
        for name, value in changes.items()
    )


# ------------------------------------------------------------------ reading it again


def _check(given: str, before: Config, wanted: Mapping[str, Any]) -> None:
    """Raises CannotEdit unless what was edited reads as meant."""
    try:
        after = read_configuration(given).config
    except InputError as fault:
        raise CannotEdit(f"the changed file would not be read: {fault}") from None
    for name, setting in after.settings():
        if name in wanted and not (setting.known and _as_meant(name, setting.value, wanted[name])):
            raise CannotEdit(f"{name} would not be read as {wanted[name]}")
    for name in changed_fields(before, after):
        if name not in wanted and not _follows(name, wanted):
            raise CannotEdit(f"{name} would change as well")


def changed_fields(before: Config, after: Config) -> tuple[str, ...]:
    """The fields whose values differ between two configurations, known or not."""
    return tuple(name for name, setting in after.settings() if not _same(setting.value, getattr(before, name).value))


def canonical(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes in the canonical form of Config. Raises InputError for an unknown field or a wrong value."""
    items = [Item(name, list(value) if isinstance(value, tuple) else value, None) for name, value in changes.items()]
    return {name: setting.value for name, setting in config_of(items, BY_HAND).settings() if setting.known}


def _as_meant(name: str, value: Any, wanted: Any) -> bool:
    """ImageNet's weights have a name in each library."""
    if name == "weights" and wanted == "imagenet":
        return value in IMAGENET_WEIGHTS
    return _same(value, wanted)


def _follows(name: str, wanted: Mapping[str, Any]) -> bool:
    """The method of a program that does not name one is what its weights amount to, and the options of a loss,
    optimizer, schedule or head are its own."""
    return (name == "method" and "weights" in wanted) or name.removesuffix("_options") in wanted


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, float) and isinstance(other, float | int):
        return abs(one - other) <= 1e-9 * max(abs(one), abs(other))
    return bool(one == other)
