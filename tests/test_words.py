"""The words of what a person reads: those of the field, as its documentation writes them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import diagnose
import diagnose.checks

# Words that stand for others in messages: overfit one batch, fixed, swapped, isn't, validation images, per class.
FORBIDDEN = re.compile(
    r"by heart|\bmend(ed|s)?\b|to be had|\banew\b|\bgoe?s? on\b|\bexchanged\b|\b(is|are|was|were) no [a-z]"
    r"|\bt(old|ells?)\b|images a (class|second)|\ba second\b|held-out|\bthe long run\b|look the same as"
    r"|there (is|are) no\b",
    re.I,
)
MEANT = re.compile(r"A second program or configuration|SELECT|INSERT|CREATE TABLE")  # an ordinal; SQL
FILES = [
    path for place in (*diagnose.__path__, *diagnose.checks.__path__) for path in sorted(Path(place).rglob("*.py"))
]


def messages(text: str) -> Iterator[tuple[int, str]]:
    """The texts of more than one word in a module that aren't docstrings."""
    tree = ast.parse(text)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {node.body[0].value for node in ast.walk(tree) if isinstance(node, documented) and node.body
                  and isinstance(node.body[0], ast.Expr)}  # fmt: skip
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and node not in docstrings else None
        if isinstance(text, str) and (" " in text.strip() or "held-out" in text) and not MEANT.search(text):
            yield node.lineno, text


def test_messages_use_the_words_of_the_field():
    found = [
        f"{path.name}:{line}: {said[0]} in {text.strip()[:80]!r}"
        for path in FILES
        for line, text in messages(path.read_text("utf-8"))
        if (said := FORBIDDEN.search(text))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "text", ["the images tell the class", "it is no folder", "3 images a second", "a held-out image"]
)
def test_the_words_are_found(text):
    assert FORBIDDEN.search(text)
