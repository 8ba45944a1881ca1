"""How loops are fixed that accumulate gradients, train in float16 or in several processes: see
`diagnose.fixes.rewrites`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from diagnose.fixes.place import Place
from diagnose.fixes.script import Script


def divide_loss(at: Place) -> Iterator[str]:
    """Divide what backward() is called on by the number of batches that the step behind it waits for."""
    script = at.script
    count = _waited_for(script, at.line)
    for call in script.nodes(ast.Call, at.line) if count else ():
        if not isinstance(call.func, ast.Attribute) or call.func.attr != "backward":
            continue
        owner = call.func.value
        scaled = isinstance(owner, ast.Call) and isinstance(owner.func, ast.Attribute) and owner.func.attr == "scale"
        if isinstance(owner, ast.Call) and scaled and owner.args:
            yield script.spliced([script.replaced(owner.args[0], f"{script.source(owner.args[0])} / {count}")])
        elif isinstance(owner, ast.Name | ast.Attribute):
            yield script.spliced([script.replaced(owner, f"({script.source(owner)} / {count})")])


def clear_after_step(at: Place) -> Iterator[str]:
    """Move the statement on the line behind the step that waits for several batches."""
    script = at.script
    statement = script.statement(at.line)
    if statement is None or not script.alone(statement):
        return
    for step in _stepping(script, statement):
        yield script.spliced([script.deleted(statement), script.after(step, script.source(statement))])


def unscale_before(at: Place) -> Iterator[str]:
    """Put scaler.unscale_(optimizer) ahead of the statement on the line."""
    script = at.script
    statement = script.statement(at.line)
    for scaler, optimizer in _scaler_steps(script):
        if statement is not None:
            yield script.spliced([script.before(statement, f"{scaler}.unscale_({optimizer})")])


def update_scaler(at: Place) -> Iterator[str]:
    """Put scaler.update() behind the step on the line."""
    script = at.script
    statement = script.statement(at.line)
    for call in script.nodes(ast.Call, at.line):
        if statement is not None and isinstance(call.func, ast.Attribute) and call.func.attr == "step":
            yield script.spliced([script.after(statement, f"{script.source(call.func.value)}.update()")])


def step_by_scaler(at: Place) -> Iterator[str]:
    """Replace optimizer.step() by the scaler's step, and update the scaler behind it where nothing does."""
    script = at.script
    statement = script.statement(at.line)
    scalers = [
        script.source(call.func.value.func.value)
        for call in ast.walk(script.tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "backward"
        and isinstance(call.func.value, ast.Call)
        and isinstance(call.func.value.func, ast.Attribute)
        and call.func.value.func.attr == "scale"
    ]
    for call in script.nodes(ast.Call, at.line):
        plain = isinstance(call.func, ast.Attribute) and call.func.attr == "step" and not call.args
        if statement is None or not plain or not isinstance(call.func, ast.Attribute):
            continue
        for scaler in dict.fromkeys(scalers):
            changed = script.replaced(call, f"{scaler}.step({script.source(call.func.value)})")
            updated = f"{scaler}.update()" in script.text
            yield script.spliced([changed] if updated else [changed, script.after(statement, f"{scaler}.update()")])


def set_epoch(at: Place) -> Iterator[str]:
    """Put loader.sampler.set_epoch(epoch) first into the loop over epochs on the line."""
    script = at.script
    loop = script.statement(at.line)
    if not isinstance(loop, ast.For) or not isinstance(loop.target, ast.Name):
        return
    for inner in ast.walk(loop):
        if isinstance(inner, ast.For) and inner is not loop:
            over = inner.iter
            while isinstance(over, ast.Call) and over.args:
                over = over.args[0]
            if isinstance(over, ast.Name | ast.Attribute):
                line = f"{script.source(over)}.sampler.set_epoch({loop.target.id})"
                yield script.spliced([script.before(loop.body[0], line)])


def _scaler_steps(script: Script) -> Iterator[tuple[str, str]]:
    """(scaler, optimizer) of each scaler.step(optimizer), as the program writes them."""
    for call in ast.walk(script.tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "step":
            owner = script.source(call.func.value)
            if len(call.args) == 1 and "scaler" in owner.lower():
                yield owner, script.source(call.args[0])


def _waited_for(script: Script, line: int) -> str:
    """The N of the first `if batch % N` behind the line, as the program writes it; "" where there is none."""
    for node in ast.walk(script.tree):
        if isinstance(node, ast.If) and node.lineno >= line:
            for part in ast.walk(node.test):
                if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Mod):
                    return script.source(part.right)
    return ""


def _stepping(script: Script, statement: ast.stmt) -> Iterator[ast.stmt]:
    """Statements that step an optimizer within a condition of the same loop."""
    around = next((one for one in script.above(statement) if isinstance(one, ast.For | ast.While)), None)
    for node in ast.walk(around) if around is not None else ():
        for inner in node.body if isinstance(node, ast.If) else ():
            calls = inner.value if isinstance(inner, ast.Expr) else None
            if isinstance(calls, ast.Call) and isinstance(calls.func, ast.Attribute) and calls.func.attr == "step":
                yield inner
