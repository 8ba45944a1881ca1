"""Reads settings files beside the program: YAML, JSON, TOML or INI, every value with its line."""

from __future__ import annotations

import configparser
import tomllib
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from diagnose.interpreter.source import read_text
from diagnose.interpreter.values import Const, Items, Table, Value
from diagnose.model import InputError, Location

LARGEST = 1_000_000
MOST_VALUES = 100_000  # in a YAML file, aliases written out
ENDINGS = (".yaml", ".yml", ".json", ".toml", ".ini", ".cfg")


def read_data(path: Path) -> Value | None:
    """The file's content as a value; None where it does not exist or is not readable."""
    try:
        if path.suffix.lower() not in ENDINGS or not path.is_file() or path.stat().st_size > LARGEST:
            return None
        text = read_text(path)
        if path.suffix.lower() == ".toml":
            return from_tree(tomllib.loads(text), Location(str(path), None))
        if path.suffix.lower() in (".ini", ".cfg"):
            return _ini(text, str(path))
        # JSON is YAML except for tabs between values.
        return from_tree(load_yaml(text.expandtabs()), Location(str(path), 1))
    except (OSError, InputError, YAMLError, ValueError, RecursionError, configparser.Error):
        return None


def load_yaml(text: str) -> Any:
    """The tree with its lines.

    Raises YAMLError for invalid YAML, ValueError for aliases that would expand without end, RecursionError where it is
    nested too deeply.
    """
    try:
        tree = YAML(typ="rt").load(text)
    except (TypeError, AttributeError, LookupError, AssertionError) as fault:  # ruamel's, for unusual keys and tags
        raise ValueError(str(fault)) from None
    if _spelt_out(tree, {}) > MOST_VALUES:
        raise ValueError("its aliases stand for too many values")
    return tree


def _spelt_out(tree: Any, seen: dict[int, float]) -> float:
    """How many values a tree has with every alias expanded; infinite for one that contains itself."""
    if not isinstance(tree, dict | list):
        return 1
    if id(tree) not in seen:
        seen[id(tree)] = float("inf")  # while it is being counted
        seen[id(tree)] = 1 + sum(_spelt_out(item, seen) for item in (tree.values() if isinstance(tree, dict) else tree))
    return seen[id(tree)]


def _ini(text: str, file: str) -> Table:
    """The sections of an INI file, every value a string as in configparser."""
    parser = configparser.ConfigParser()
    parser.read_string(text)
    lines: dict[tuple[str, str], int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.strip()
        if bare.startswith("["):
            section = bare.strip("[]")
        else:
            key = bare.replace(":", "=").partition("=")[0].strip().lower()
            lines.setdefault((section, key), number)
    return Table(Location(file, 1), {
        name: Table(Location(file, 1), {key: Const(Location(file, lines.get((name, key))), value)
                                        for key, value in parser[name].items()})
        for name in parser.sections()
    })  # fmt: skip


def _place(at: Location, places: Any, key: Any) -> Location:
    """Where an item is, by the parser's marks; the place of the whole where there is none, as after a merge."""
    position = places.get(key) if isinstance(places, dict) else None
    return Location(at.file, position[0] + 1) if position else at


def from_tree(tree: Any, at: Location) -> Value:
    """A parsed YAML, JSON or TOML tree as a value; `at` is its place."""
    if isinstance(tree, CommentedMap):
        return Table(at, {key: from_tree(item, _place(at, tree.lc.data, key)) for key, item in tree.items()})
    if isinstance(tree, CommentedSeq):
        return Items(at, tuple(from_tree(item, _place(at, tree.lc.data, n)) for n, item in enumerate(tree)))
    if isinstance(tree, dict):
        return Table(at, {key: from_tree(item, at) for key, item in tree.items()})
    if isinstance(tree, list):
        return Items(at, tuple(from_tree(item, at) for item in tree))
    for kind in (bool, int, float, str):
        if isinstance(tree, kind):
            return Const(at, kind(tree))
    return Const(at, tree)
