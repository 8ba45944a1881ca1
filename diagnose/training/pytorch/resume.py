"""Where a program resumes its training, and what it restores from the checkpoint.

The resuming branch is usually disabled, so it is searched for in the source; the values read identify the objects.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from diagnose.catalogue.schedules import FORMS
from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Either, Instance, Thing, Value, plain
from diagnose.libraries.networks import is_network
from diagnose.model import ResumeIncomplete, Scheduler
from diagnose.training.pytorch.sessions import Session, is_optimizer
from diagnose.training.text import Block, Named, blocks, key_of, last_name

# Words in names by the role of such an object; the first match counts.
ROLES = {
    "optimizer": re.compile(r"optim|(^|\.)opt(_|$|\d)"),
    "schedule": re.compile(r"sched|warmup|(^|\.)lrs?$"),
    "scaler": re.compile(r"scaler|(^|\.)amp$"),
    "average": re.compile(r"ema|swa|averag"),
    "loss": re.compile(r"criterion|loss"),
    "network": re.compile(r"model|net|backbone|encoder|classif|module|student|cnn|vgg|vit|state_dict|weights|^self$"),
}
RESUMES = re.compile(r"resum|continue_?(train|from)|(^|[^a-z])continue_run|restart")
TESTS = re.compile(r"eval|test|infer|predict|finetun|fine_tun|pretrain")
COUNTERS = re.compile(r"epoch|^(global_)?step$|^iter(ation)?s?$")
CHECKPOINT = re.compile(r"ck?pt|check|state|snap|resum|saved|loaded")
SHOWING = ("print", "info", "debug", "format", "warning", "write", "append", "tqdm", "log")
RESTORING = ("load_state", "resume_checkpoint", "load_checkpoint", "restore_checkpoint", "restore", "auto_resume",
             "auto_load_model")  # fmt: skip


@dataclass(frozen=True)
class Load:
    """One call of load_state_dict(). role: one of ROLES, "" where unknown; state: the checkpoint's name."""

    block: Block
    node: ast.Call
    owner: str
    role: str
    state: str


def incomplete_resumes(reader: Reader, session: Session, schedulers: list[Scheduler]) -> Iterator[ResumeIncomplete]:
    """The resumes of a program that saves its training, each with what it doesn't restore."""
    if session.managed or not session.optimizers:
        return
    text = blocks(reader)
    every = [load for block in text for load in _loads(reader, block)]
    loads = [load for load in every if _acts(load, text)]
    idle = {node for load in every if load not in loads for node in ast.walk(load.node)}
    if not loads or any(load.role == "" for load in loads) or not _saves(text):
        return
    roles = {load.role for load in loads}
    if _restores_otherwise(text):
        return
    for load in loads:
        if load.role != "network" or _after_training(reader, session, load):
            continue
        beside = {one.role for one in loads if one.block is load.block and one.state == load.state}
        counted, named = _counts_on(load, text), _is_named(load, text)
        if not (counted or named or "optimizer" in beside):
            continue
        missing = []
        if "optimizer" not in roles and _has_state(session) and not _reads_key(text, ROLES["optimizer"], idle):
            missing.append("optimizer")
        if "schedule" not in roles and _schedule_restarts(text, schedulers) and (counted or named):
            missing.append("schedule")
        if "scaler" not in roles and _scales(reader) and not _reads_key(text, ROLES["scaler"], idle):
            missing.append("scaler")
        if not counted and _starts_at_zero(session) and not _reads_key(text, COUNTERS) and _saves_key(text, COUNTERS):
            missing.append("epoch")
        if missing:
            saved = tuple(name for name in missing if _saves_key(text, ROLES.get(name, COUNTERS)))
            only_named = not counted and "optimizer" not in beside
            yield ResumeIncomplete(load.block.at(load.node), tuple(missing), saved, only_named)
            return


def _loads(reader: Reader, block: Block) -> Iterator[Load]:
    for call in block.calls("load_state_dict"):
        if not isinstance(call.func, ast.Attribute):
            continue
        owner = ast.unparse(call.func.value)
        state = call.args[0] if call.args else next((one.value for one in call.keywords), None)
        found = key_of(state) if state is not None else None
        key = found[1] if found is not None else ""
        table = ast.unparse(found[0]) if found is not None else ast.unparse(state) if state is not None else ""
        role = _role(reader, block, call) or named_role(owner) or named_role(key)
        yield Load(block, call, owner, role, table)


def _role(reader: Reader, block: Block, call: ast.Call) -> str:
    """The role of the object whose state is loaded, from the values read."""
    place = block.at(call)
    for event in reader.trace.calls(".load_state_dict"):
        if event.at == place:
            return _role_of(event.target)
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    if isinstance(block.node, ast.Module) and isinstance(owner, ast.Name):
        module = next((one for one in reader.modules.values() if one.at.file == block.file), None)
        found = module.names.get(owner.id) if module is not None else None
        return _role_of(found) if isinstance(found, Value) else ""
    return ""


def _role_of(value: Value | None) -> str:
    if isinstance(value, Either):
        return _role_of(value.options[0])
    if is_optimizer(value):
        return "optimizer"
    if isinstance(value, Thing) and value.short in FORMS:
        return "schedule"
    if isinstance(value, Thing) and "Scaler" in value.short:
        return "scaler"
    if isinstance(value, Instance) and "sched" in value.cls.name.lower():
        return "schedule"
    return "network" if is_network(value) else ""


def named_role(name: str) -> str:
    """The role (one of ROLES) that an object's name implies; "" where it implies none."""
    lower = name.lower()
    return next((role for role, words in ROLES.items() if words.search(lower)), "")


def _acts(load: Load, text: list[Block]) -> bool:
    """Whether a load ever runs: False where its object is an optional argument that no call passes."""
    function, root = load.block.node, load.owner.partition(".")[0].partition("[")[0]
    if not isinstance(function, Named):
        return True
    arguments = [*function.args.posonlyargs, *function.args.args]
    names = [one.arg for one in arguments]
    optional = dict(zip(names[::-1], function.args.defaults[::-1], strict=False))
    optional |= {one.arg: d for one, d in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True) if d}
    default = optional.get(root)
    if not (isinstance(default, ast.Constant) and default.value is None):
        return True
    place = names.index(root) - (names[:1] == ["self"]) if root in names else len(names)
    calls = [call for block in text for call in block.calls(function.name)]
    return not calls or any(_gives(call, root, place) for call in calls)


def _gives(call: ast.Call, name: str, place: int) -> bool:
    starred = any(isinstance(one, ast.Starred) for one in call.args) or any(one.arg is None for one in call.keywords)
    return starred or len(call.args) > place or any(one.arg == name for one in call.keywords)


def _after_training(reader: Reader, session: Session, load: Load) -> bool:
    place = load.block.at(load.node)
    return any(e.at == place and e.index > session.backward.index for e in reader.trace.calls(".load_state_dict"))


def _saves(text: list[Block]) -> bool:
    return any("save" in last_name(call.func) for block in text for call in block.every(ast.Call))


def _restores_otherwise(text: list[Block]) -> bool:
    """Whether a function that the program does not define may restore all of its state."""
    own = {block.name for block in text}
    return any(
        last_name(call.func) in RESTORING and last_name(call.func) not in own
        for block in text
        for call in block.every(ast.Call)
    )


# ---------------------------------------------------------------------- evidence of resuming


def _counts_on(load: Load, text: list[Block]) -> bool:
    """Whether the checkpoint's epoch is stored, and a loop starts from a number that isn't constant."""
    kept = any(
        found is not None
        and COUNTERS.search(found[1].lower())
        and ast.unparse(found[0]) == load.state
        and _is_kept(load.block, node)
        for node in load.block.nodes
        if (found := key_of(node)) is not None
    )
    return kept and any(_starts_later(node) for block in text for node in block.nodes)


def _is_kept(block: Block, node: ast.AST) -> bool:
    """Whether an expression is assigned or returned, rather than shown or compared."""
    for one in block.above(node):
        if isinstance(one, ast.JoinedStr | ast.Compare) or (
            isinstance(one, ast.Call) and last_name(one.func) in SHOWING
        ):
            return False
        if isinstance(one, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Return | ast.NamedExpr):
            return True
    return False


def _starts_later(node: ast.AST) -> bool:
    """Whether a node is a loop over range(start, ...) with a variable start, or a while loop."""
    if isinstance(node, ast.While):
        return True
    over = node.iter if isinstance(node, ast.For) else None
    ranges = [one for one in ast.walk(over) if isinstance(one, ast.Call)] if over is not None else []
    return any(
        last_name(one.func) in ("range", "trange", "count")
        and len(one.args) >= (1 if last_name(one.func) == "count" else 2)
        and not isinstance(one.args[0], ast.Constant)
        for one in ranges
    )


def _is_named(load: Load, text: list[Block]) -> bool:
    """Whether the name of the branch, the path or the surrounding function shows that the load resumes."""
    block = load.block
    said = [*_around(block, load.node), block.name]
    given = block.given(load.state, load.node.lineno) if load.state.isidentifier() else None
    said += [ast.unparse(given)] if given is not None else [load.state]
    for other in text if block.name else ():
        for call in other.calls(block.name):
            said += [*_around(other, call), ast.unparse(call)]
    words = " ".join(said).lower()
    return bool(RESUMES.search(words)) and not TESTS.search(words)


def _around(block: Block, node: ast.AST) -> Iterator[str]:
    return (ast.unparse(one.test) for one in block.above(node) if isinstance(one, ast.If | ast.IfExp))


# ---------------------------------------------------------------------- state to restore


def _has_state(session: Session) -> bool:
    """Whether the optimizer has state: SGD without momentum has none."""
    return not all(
        isinstance(one, Thing) and one.short == "SGD" and plain(one.arg(2, "momentum"), 0) in (0, 0.0)
        for one in session.optimizers
    )


def _schedule_restarts(text: list[Block], schedulers: list[Scheduler]) -> bool:
    """Whether a schedule counts from zero after a resume: nothing sets its count or steps it forward."""
    if not any(one.stepped in ("epoch", "batch") and one.name != "plateau" for one in schedulers):
        return False
    if _reads_key(text, ROLES["schedule"]):
        return False
    for block in text:
        if any(one.arg == "last_epoch" for one in block.every(ast.keyword)):
            return False
        if any(one.attr == "last_epoch" and isinstance(one.ctx, ast.Store) for one in block.every(ast.Attribute)):
            return False
        for call in block.calls("step"):
            owner = ast.unparse(call.func.value).lower() if isinstance(call.func, ast.Attribute) else ""
            loops = [one for one in block.above(call) if isinstance(one, ast.For)]
            forward = loops and any("start" in ast.unparse(one.iter) for one in loops[:1]) and len(loops[0].body) == 1
            if ROLES["schedule"].search(owner) and (call.args or call.keywords or forward):
                return False
    return True


def _scales(reader: Reader) -> bool:
    return any(
        isinstance(e.result, Thing)
        and e.result.short == "GradScaler"
        and plain(e.result.kwargs.get("enabled"), True) is not False
        for e in reader.trace.calls()
        if e.short == "GradScaler"
    )


def _starts_at_zero(session: Session) -> bool:
    over = session.epoch_loop.over if session.epoch_loop is not None else None
    if not isinstance(over, Thing) or over.name != "builtins.range":
        return False
    return len(over.args) == 1 or plain(over.args[0]) in (0, 1)


def _reads_key(text: list[Block], words: re.Pattern[str], but: Collection[ast.AST] = ()) -> bool:
    """Whether something is read from a checkpoint by a key with these words, ignoring some nodes."""
    return any(
        node not in but
        and words.search(found[1].lower()) is not None
        and CHECKPOINT.search(ast.unparse(found[0]).lower()) is not None
        for block in text
        for node in block.nodes
        if (found := key_of(node)) is not None and isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
    )


def _saves_key(text: list[Block], words: re.Pattern[str]) -> bool:
    """Whether a table with such a key, or one item of it, is made next to something that is saved."""
    for block in text:
        keys = [key.value for one in block.every(ast.Dict) for key in one.keys if isinstance(key, ast.Constant)]
        keys += [one.arg for call in block.calls("dict") for one in call.keywords]
        keys += [
            found[1]
            for one in block.every(ast.Subscript)
            if isinstance(one.ctx, ast.Store) and (found := key_of(one)) is not None
        ]
        states = any(True for _ in block.calls("state_dict"))
        if states and any(isinstance(key, str) and words.search(key.lower()) for key in keys):
            return True
    return False
