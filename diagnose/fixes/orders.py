"""Rewrites that put names in a fixed order, keep predictions in the order of their labels, and divide by batches."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from diagnose.fixes.place import LABEL_MAKERS, Place, called
from diagnose.fixes.script import Script, Splice

LISTINGS = ("listdir", "glob", "iglob", "iterdir", "rglob", "list_images")


def sort_names(at: Place) -> Iterator[str]:
    """Sort what the listing or the set on the line gives, then what every listing of the program gives."""
    script = at.script
    yield from (script.spliced([_sorted(script, call)]) for call in script.nodes(ast.Call, at.line)
                if called(call) in (*LISTINGS, "set") and not _is_sorted(script, call))  # fmt: skip
    yield from (script.spliced([script.replaced(made, f"sorted({script.source(made)})")])
                for made in script.nodes(ast.SetComp, at.line))  # fmt: skip
    calls = [node for node in ast.walk(script.tree) if isinstance(node, ast.Call) and called(node) in LISTINGS]
    bare = [call for call in calls if not _is_sorted(script, call)]
    if len(bare) > 1:
        yield script.spliced([_sorted(script, call) for call in bare])


def _is_sorted(script: Script, call: ast.Call) -> bool:
    return any(isinstance(node, ast.Call) and called(node) == "sorted" for node in script.above(call))


def _sorted(script: Script, call: ast.Call) -> Splice:
    around = next(iter(script.above(call)), None)
    listed = isinstance(around, ast.Call) and called(around) == "list"
    return script.replaced(around if listed and around is not None else call, f"sorted({script.source(call)})")


def keep_order(at: Place) -> Iterator[str]:
    """Give the loader on the line shuffle=False."""
    script = at.script
    for call in script.nodes(ast.Call, at.line):
        if called(call) in (*LABEL_MAKERS, "DataLoader"):
            given = next((keyword.value for keyword in call.keywords if keyword.arg == "shuffle"), None)
            edit = script.added_argument(call, "shuffle=False") if given is None else script.replaced(given, "False")
            yield script.spliced([edit])


def divide_by_batches(at: Place) -> Iterator[str]:
    """Divide by the number of batches in place of that of images: len(loader.dataset) becomes len(loader)."""
    script = at.script
    for call in script.nodes(ast.Call, at.line):
        given = call.args[0] if called(call) == "len" and call.args else None
        if isinstance(given, ast.Attribute) and given.attr == "dataset":
            yield script.spliced([script.replaced(given, script.source(given.value))])
