"""How programs are fixed whose states or layers are not what they seem: a resume completed, a checkpoint unpacked, the
mode text on, an activation put between layers."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from diagnose.fixes.script import Script
from diagnose.training.text import last_name

if TYPE_CHECKING:
    from diagnose.fixes.place import Place

LAYERS = ("Linear", "LazyLinear", "Conv2d", "Dense", "Conv2D")
MODAL = ("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_dropout", "batch_norm")


def restore_optimizer(at: Place) -> Iterator[str]:
    """Load the optimizer's state behind the network's, under the key that the program saves it by."""
    script = at.script
    for call in script.nodes(ast.Call, at.line):
        state = call.args[0] if last_name(call.func) == "load_state_dict" and call.args else None
        statement = script.statement(at.line)
        if not isinstance(state, ast.Subscript) or statement is None:
            continue
        for key, owner in _saved_states(script):
            if "opt" in f"{key}{owner}".lower() and _is_there(script, statement, owner):
                code = f"{owner}.load_state_dict({script.source(state.value)}[{key!r}])"
                yield script.spliced([script.after(statement, code)])


def unpack_weights(at: Place) -> Iterator[str]:
    """Take the network's state out of the checkpoint that is loaded, by the key that the program saves it under."""
    script = at.script
    for call in script.nodes(ast.Call, at.line):
        if last_name(call.func) == "load_state_dict" and call.args and isinstance(call.func, ast.Attribute):
            own = script.source(call.func.value)
            for key, owner in _saved_states(script):
                if owner in (own, f"{own}.module"):
                    yield script.spliced([script.behind(call.args[0], f"[{key!r}]")])


def pass_training(at: Place) -> Iterator[str]:
    """Pass a function the mode of the network that calls it."""
    script = at.script
    for call in script.nodes(ast.Call, at.line):
        if last_name(call.func) in MODAL:
            given = next((one for one in call.keywords if one.arg == "training"), None)
            text = "training=self.training"
            yield script.spliced([script.added_argument(call, text) if given is None else script.replaced(given, text)])


def activate_between(at: Place) -> Iterator[str]:
    """Put a ReLU ahead of a layer: as an element of its list, a statement of its own, or around what it is given."""
    script = at.script
    calls = script.nodes(ast.Call, at.line)
    made = [call for call in calls if last_name(call.func) in LAYERS]
    for call in made:
        around = next(script.above(call), None)
        relu = f"{script.source(call.func).removesuffix(last_name(call.func))}ReLU()"
        statement = script.statement(at.line)
        if isinstance(around, ast.List) or (isinstance(around, ast.Call) and last_name(around.func) == "Sequential"):
            yield script.spliced([script.replaced(call, f"{relu}, {script.source(call)}")])
        elif isinstance(around, ast.Call) and around.func is call and around.args:
            yield script.spliced([script.replaced(around.args[0], f"{relu}({script.source(around.args[0])})")])
        elif isinstance(around, ast.Call) and isinstance(statement, ast.Expr) and statement.value is around:
            added = script.source(around).replace(script.source(call), relu)
            yield script.spliced([script.before(statement, added)])
    for call in calls if not made else ():
        own = isinstance(call.func, ast.Attribute) and script.source(call.func.value) == "self"
        if own and len(call.args) == 1:
            yield script.spliced([script.replaced(call.args[0], f"torch.relu({script.source(call.args[0])})")])


def _saved_states(script: Script) -> Iterator[tuple[str, str]]:
    """(Key, whose state) of the tables that the program makes of states."""
    for table in ast.walk(script.tree):
        for key, value in zip(table.keys, table.values, strict=True) if isinstance(table, ast.Dict) else ():
            if (
                isinstance(key, ast.Constant)
                and isinstance(value, ast.Call)
                and isinstance(value.func, ast.Attribute)
                and value.func.attr == "state_dict"
            ):
                yield str(key.value), script.source(value.func.value)


def _is_there(script: Script, statement: ast.stmt, owner: str) -> bool:
    """Whether an object is at hand where a statement stands: given above it in the same function, or to it."""
    above = list(script.above(statement))
    function = next((one for one in above if isinstance(one, ast.FunctionDef)), None)
    root = owner.partition(".")[0]
    if function is not None and root in [one.arg for one in (*function.args.args, *function.args.kwonlyargs)]:
        return True
    scope = function if function is not None else script.tree
    return any(
        isinstance(node, ast.Assign)
        and node.lineno < statement.lineno
        and any(script.source(target) == owner for target in node.targets)
        for node in ast.walk(scope)
    )
