"""Reads a configuration of any kind: a file, what a tool wrote, a training program, or a command line of one."""

from __future__ import annotations

import os
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from diagnose.config import file
from diagnose.config.file import BY_HAND, Item, config_of, read_config
from diagnose.config.written import read_written
from diagnose.interpreter.source import STDIN
from diagnose.interpreter.values import Table
from diagnose.libraries.files import read_data
from diagnose.model import InputError, Setting
from diagnose.training import program
from diagnose.training.program import Reading, read_program

ENDINGS = (*file.ENDINGS, *program.ENDINGS)
LAUNCHERS = ("python", "pypy", "torchrun", "accelerate", "deepspeed", "srun", "mpirun", "horovodrun", "uv", "poetry",
             "pdm", "conda", "nohup", "time", "env", "sudo", "composer", "fabric", "mim", "bash", "sh")  # fmt: skip


def read_configuration(
    given: str, settings: tuple[str, ...] = (), snippet: bool = False, evaluates: bool = False
) -> Reading:
    """The configuration `given` to --config, with the fields of --set over it.

    given: a file of settings, a program, or a command line of one. settings: `key=value` each. snippet: whether it is a
    piece of a program; "-", which is standard input, always is. evaluates: whether a program that
    trains nothing will do. Raises InputError where the file cannot be read, no training is found in it, or a setting is
    unknown or wrong.
    """
    reading = read_program(*command_of(given), snippet=True) if snippet or given == STDIN else _read(given, evaluates)
    if not settings:
        return reading
    by_hand = config_of([assignment(text) for text in settings], BY_HAND)
    known: dict[str, Setting[Any]] = {name: setting for name, setting in by_hand.settings() if setting.known}
    return replace(reading, config=replace(reading.config, **known))


def path_of(given: str) -> Path:
    """The file that `given` names, without the options of a command line. Raises InputError for unbalanced quotes."""
    return command_of(given)[0]


def _read(given: str, evaluates: bool) -> Reading:
    path, arguments = command_of(given)
    if path.suffix.lower() in program.ENDINGS:
        return read_program(path, arguments, evaluates=evaluates)
    if path.suffix.lower() in (".yaml", ".yml", ".json"):
        tree = read_data(path)
        facts = read_written(tree, str(path)) if isinstance(tree, Table) else None
        if facts is not None:
            return Reading(facts.config())
    return Reading(read_config(path))


def command_of(given: str) -> tuple[Path, tuple[str, ...]]:
    """The file that `given` names and the options behind it: of a path, or of a command line such as
    "train.py --lr 0.1" and "python train.py -c settings.yaml". Raises InputError for unbalanced quotes."""
    if os.path.exists(given):
        return Path(given), ()
    try:
        words = shlex.split(str(given))
    except ValueError as fault:
        raise InputError(f"--config '{given}' isn't a command line ({fault}): quote it as a shell would.") from None
    place = next((n for n, word in enumerate(words) if Path(word).suffix.lower() in program.ENDINGS), None)
    if place is not None and not Path(words[place]).exists():  # a tool of a library's own, such as tools/train.py
        place = next((n for n, word in enumerate(words) if n > place and _is_program(word)), place)
    if place is None or (place > 0 and len(words) == place + 1 and not _starts_programs(words[:place])):
        return Path(given), ()  # a file that is not there, of a name with spaces
    return Path(words[place]), tuple(words[place + 1 :])


def _starts_programs(words: list[str]) -> bool:
    """Whether the words before a program run it: python, torchrun, accelerate launch, with options of their own."""
    first = next((word for word in words if "=" not in word), "")
    return Path(first).name.startswith(LAUNCHERS) or Path(first).suffix in (".sh", ".py")


def _is_program(word: str) -> bool:
    return Path(word).suffix.lower() in program.ENDINGS and Path(word).exists()


def assignment(text: str) -> Item:
    """One `key=value` of --set, its value as YAML reads it. Raises InputError without a key or an equals sign."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise InputError(f"--set {text}: write key=value, such as --set learning_rate=0.01.")
    try:
        return Item(key.strip(), YAML(typ="safe").load(value), None)
    except (YAMLError, TypeError, ValueError, LookupError, AttributeError, AssertionError, RecursionError):
        return Item(key.strip(), value, None)
