"""Where a rewrite works, and what it is: a function from a place in a program to texts that may be better."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from diagnose.fixes.script import Script

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


def last_name(node: ast.expr) -> str:
    """The last part of a dotted name; empty for any other expression."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
