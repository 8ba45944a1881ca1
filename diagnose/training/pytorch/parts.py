"""The parts of a network, at any depth."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.interpreter.values import Value
from diagnose.libraries import networks


def parts_of(root: Value, depth: int = 0) -> Iterator[Value]:
    """A network and all networks within it."""
    yield root
    if depth < 6:
        for _, part in networks.children(None, root) or []:
            yield from parts_of(part, depth + 1)
