"""How Keras programs are fixed: compile() called again, arrays mixed before they are split, labels left alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from diagnose.fixes.place import Place, argument
from diagnose.fixes.script import Script
from diagnose.training.text import last_name

FULL_SCALE = (255, 255.0, 256, 256.0)


def compile_again(at: Place) -> Iterator[str]:
    """Repeat the last compile() above the line ahead of the next fit() below it."""
    script = at.script
    compiles = [call for call in _methods(script, "compile") if call.lineno < at.line]
    fits = [call for call in _methods(script, "fit", "fit_generator") if call.lineno > at.line]
    if not compiles or not fits:
        return
    compiled, fit = max(compiles, key=_line), script.statement(min(fits, key=_line).lineno)
    if fit is not None and _owner(script, compiled) == _owner(script, min(fits, key=_line)):
        yield script.spliced([script.before(fit, script.source(compiled))])


def mix_before_split(at: Place) -> Iterator[str]:
    """Put images and labels in one random order ahead of the fit() on the line."""
    script = at.script
    statement = script.statement(at.line)
    calls = [call for call in _methods(script, "fit") if statement is not None and call in ast.walk(statement)]
    numpy = _numpy(script)
    if statement is None or not calls or numpy is None:
        return
    x, y = argument(calls[0], 0, "x"), argument(calls[0], 1, "y")
    if isinstance(x, ast.Name) and isinstance(y, ast.Name):
        order = f"{numpy}.random.default_rng(0).permutation(len(part))"  # the same one for both
        mixed = f"{x.id}, {y.id} = ({numpy}.asarray(part)[{order}] for part in ({x.id}, {y.id}))"
        yield script.spliced([script.before(statement, mixed)])


def keep_labels(at: Place) -> Iterator[str]:
    """Take out one division by 255 on the line."""
    for node in at.script.nodes(ast.BinOp, at.line):
        if isinstance(node.op, ast.Div) and isinstance(node.right, ast.Constant) and node.right.value in FULL_SCALE:
            yield at.script.spliced([at.script.replaced(node, at.script.source(node.left))])


def outputs_as_probabilities(at: Place) -> Iterator[str]:
    """Give the layer on the line the activation that its loss expects."""
    script = at.script
    for call in script.nodes(ast.Call, at.line):
        name = last_name(call.func)
        if name not in ("Dense", "Conv2D"):
            continue
        own = argument(call, 1 if name == "Dense" else -1, "activation")
        for word in ('"softmax"', '"sigmoid"'):
            change = (
                script.replaced(own, word) if own is not None else script.added_argument(call, f"activation={word}")
            )
            yield script.spliced([change])


def _methods(script: Script, *names: str) -> list[ast.Call]:
    calls = (node for node in ast.walk(script.tree) if isinstance(node, ast.Call))
    return [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in names]


def _owner(script: Script, call: ast.Call) -> str:
    assert isinstance(call.func, ast.Attribute)
    return script.source(call.func.value)


def _line(call: ast.Call) -> int:
    return call.lineno


def _numpy(script: Script) -> str | None:
    """The name that numpy is imported by."""
    names = (alias for node in script.tree.body if isinstance(node, ast.Import) for alias in node.names)
    return next((alias.asname or alias.name for alias in names if alias.name == "numpy"), None)
