"""Where a rewrite works, and what it is: a function from a place in a program to texts that may be better."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from diagnose.fixes.script import Script
from diagnose.training.text import last_name

LABEL_MAKERS = ("flow_from_directory", "flow_from_dataframe", "image_dataset_from_directory")


@dataclass(frozen=True)
class Place:
    """Where a rewrite works: a line of a program. values: the fields that the fix sets, and to what."""

    script: Script
    line: int
    values: Mapping[str, Any]


Rewrite = Callable[[Place], Iterator[str]]


def called(call: ast.Call) -> str:
    """The last part of the name that is called."""
    return last_name(call.func)


def argument(call: ast.Call, place: int, *names: str) -> ast.expr | None:
    """An argument by its place (-1: none) or one of its names."""
    if 0 <= place < len(call.args):
        return call.args[place]
    return next((keyword.value for keyword in call.keywords if keyword.arg in names), None)
