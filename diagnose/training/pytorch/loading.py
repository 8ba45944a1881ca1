"""Loads of weights whose names can't match: a checkpoint that was not unpacked, or DataParallel's prefix.

The file's content is inferred from what the program saves, and what it reads from the checkpoint.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Event, Instance, Table, Thing, Value, plain
from diagnose.libraries import networks
from diagnose.libraries.networks import is_network
from diagnose.model import Location, NamesMatchNothing
from diagnose.training.fields import ancestors
from diagnose.training.pytorch.network import CHECKPOINT_READERS, loads
from diagnose.training.text import Block, blocks, key_of, last_name

NESTED = ("state_dict", "model_state_dict", "model", "net", "model_state", "weights", "network", "state_dict_ema",
          "model_ema", "params", "state", "net_state_dict", "teacher", "student", "encoder")  # fmt: skip
BESIDE = ("epoch", "optimizer", "optimizer_state_dict", "best_acc", "best_acc1", "best_prec1")
WRAPPING = ("module", "model", "net", "network", "backbone", "encoder", "encoder_q", "encoder_k", "base_encoder",
            "student", "teacher", "_orig_mod", "base_model", "momentum_encoder", "online_network")  # fmt: skip
WRAPPERS = ("DataParallel", "DistributedDataParallel", "DDP")


def unmatched(reader: Reader, before: int) -> Iterator[NamesMatchNothing]:
    """The loads among the first `before` events that silently load nothing."""
    if not (reader.trace.calls(".load_state_dict", before=before)):
        return
    text = blocks(reader)
    for event in loads(reader, before):
        strict = event.arg(1, "strict")
        state = event.args[0] if event.args else event.kwargs.get("state_dict")
        if (
            plain(strict) is False
            and isinstance(state, Thing)
            and _as_loaded(state)
            and not _is_other_case(reader, event)
        ):
            if key := _key_beside(reader, state):
                yield NamesMatchNothing(event.at, "nested", key[0], filtered=False, certain=key[1])
            elif (certain := _prefixed(reader, text, event, state)) is not None:
                yield NamesMatchNothing(event.at, "prefix", "module.", filtered=False, certain=certain)
        elif plain(strict) is False and isinstance(state, Table) and (prefix := _kept_prefix(reader, text, event)):
            yield NamesMatchNothing(event.at, "kept", prefix, filtered=True, certain=True)
    yield from _filtered(text)


def _as_loaded(state: Thing) -> bool:
    """Whether a state is the unchanged result of torch.load()."""
    return state.short in CHECKPOINT_READERS and state.name.startswith("torch.")


def _is_other_case(reader: Reader, load: Event) -> bool:
    """Whether a load is one side of a condition whose other side also loads, from another form of the file."""
    sides = {(guard.number, not guard.side) for guard in load.guards}
    return any(
        (guard.number, guard.side) in sides
        for other in reader.trace.calls(".load_state_dict")
        for guard in other.guards
    )


# ---------------------------------------------------------------------- nested


def _key_beside(reader: Reader, state: Thing) -> tuple[str, bool] | None:
    """(The key of the weights, whether that is certain) in a checkpoint that holds more; None where the program
    does not show that it does."""
    keys = {
        str(plain(one.args[0]))
        for event in reader.trace
        for part in (*event.args, *event.kwargs.values(), event.result, *(loop.over for loop in event.loops))
        for one in ancestors(part, 12)
        if isinstance(one, Thing) and one.name in ("[]", ".get", ".pop") and one.base is state and one.args
    }
    path = plain(state.args[0]) if state.args else None
    saved = _saved_tables(reader)
    same = [key for key, where in saved if path is not None and plain(where) == path]
    if same:
        return same[0], True
    if any(
        key.lower() in ("epoch", "optimizer", "best_acc", "best_acc1", "optimizer_state_dict", *NESTED) for key in keys
    ):
        return next((key for key, _ in saved), "state_dict"), bool(saved)
    if saved and path is None and not _saves_bare(reader):
        return saved[0][0], False
    return None


def _saved_tables(reader: Reader) -> list[tuple[str, Value | None]]:
    """(The key of a network's state, the path) of each table that the program saves."""
    found: list[tuple[str, Value | None]] = []
    for event in reader.trace.calls("torch.save"):
        table = event.args[0] if event.args else None
        for key, value in table.pairs.items() if isinstance(table, Table) else ():
            if isinstance(value, Thing) and value.name == ".state_dict" and is_network(value.base):
                found.append((str(key), event.args[1] if len(event.args) > 1 else None))
    return found


def _saves_bare(reader: Reader) -> bool:
    """Whether the program also saves a bare state, or an unknown value."""
    return any(not isinstance(event.args[0], Table) for event in reader.trace.calls("torch.save") if event.args)


# ---------------------------------------------------------------------- DataParallel's prefix


def _prefixed(reader: Reader, text: list[Block], load: Event, state: Thing) -> bool | None:
    """Whether a state saved with DataParallel is loaded without it: True where certain, False where the network is only
    conditionally wrapped, None where the program does not show it."""
    path = plain(state.args[0]) if state.args else None
    wraps = [e for e in reader.trace.calls() if e.short in WRAPPERS and e.args and e.args[0] is load.target]
    if path is None or any(e.index < load.index for e in wraps) or _stripped(text):
        return None
    for event in reader.trace.calls("torch.save"):
        saved = event.args[0] if event.args else None
        wrapped = [e for e in reader.trace.calls() if e.short in WRAPPERS and e.index < event.index]
        if (
            isinstance(saved, Thing)
            and saved.name == ".state_dict"
            and len(event.args) > 1
            and plain(event.args[1]) == path
            and (around := [e for e in wrapped if e.args and e.args[0] is saved.base])
            and not _names_module(text, event.at)
        ):
            return not any(e.guards for e in around)
    return None


def _stripped(text: list[Block]) -> bool:
    """Whether the program removes the prefix somewhere, or uses the inner network."""
    return any(
        (isinstance(node, ast.Constant) and node.value == "module.")
        or (isinstance(node, ast.Name | ast.Attribute) and last_name(node) == "consume_prefix_in_state_dict_if_present")
        for block in text
        for node in block.nodes
    )


def _names_module(text: list[Block], at: Location) -> bool:
    """Whether the code at a place refers to the network within a wrapper: model.module. Any name in the block may
    refer to it, so the whole block counts."""
    for block in text:
        if (block.file, block.cell) == (at.file, at.cell) and any(
            getattr(node, "lineno", None) == at.line for node in block.nodes
        ):
            return any(node.attr == "module" for node in block.every(ast.Attribute))
    return True


# ---------------------------------------------------------------------- names removed by a filter


def _filtered(text: list[Block]) -> Iterator[NamesMatchNothing]:
    """{k: v for k, v in checkpoint.items() if k in model_state} over a checkpoint that holds its state under a key."""
    for block in text:
        for kept in block.every(ast.DictComp):
            loop = kept.generators[0]
            over = loop.iter
            if not (isinstance(over, ast.Call) and last_name(over.func) == "items" and loop.ifs):
                continue
            table = over.func.value if isinstance(over.func, ast.Attribute) else None
            if not isinstance(table, ast.Name) or not _keeps_by_name(kept):
                continue
            given = block.given(table.id, kept.lineno)
            if not (isinstance(given, ast.Call) and ast.unparse(given.func) == "torch.load"):
                continue
            keys = [found[1] for node in block.nodes if (found := key_of(node)) and ast.unparse(found[0]) == table.id]
            unpacked = any(key in NESTED for key in keys)
            if keys and not unpacked and any(key in BESIDE for key in keys):
                yield NamesMatchNothing(block.at(kept), "nested", "state_dict", filtered=True, certain=True)


def _keeps_by_name(kept: ast.DictComp) -> bool:
    """Whether a comprehension keeps the entries whose names are in another table, unchanged."""
    key = ast.unparse(_key(kept))
    tests = [one for test in kept.generators[0].ifs for one in ast.walk(test) if isinstance(one, ast.Compare)]
    return _keeps_keys(kept) and any(isinstance(one.ops[0], ast.In) and ast.unparse(one.left) == key for one in tests)


def _kept_prefix(reader: Reader, text: list[Block], load: Event) -> str | None:
    """The prefix that a name filter requires but doesn't remove, where no name in the network has it."""
    at = load.args[0].at if load.args else load.at
    for block in text:
        for kept in block.every(ast.DictComp):
            if block.at(kept) != at or not _keeps_keys(kept):
                continue
            tests = [part for test in kept.generators[0].ifs for part in _all_of(test)]
            starts = [one for one in tests if isinstance(one, ast.Call) and last_name(one.func) == "startswith"]
            prefix = _text_of(reader, starts[0].args[0]) if len(starts) == 1 else None
            if prefix and not _has_part(load.target, prefix.partition(".")[0]):
                return prefix
    return None


def _all_of(test: ast.expr) -> list[ast.expr]:
    """The conditions that must all hold."""
    return list(test.values) if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]


def _keeps_keys(kept: ast.DictComp) -> bool:
    return ast.unparse(kept.key) == ast.unparse(_key(kept))


def _key(kept: ast.DictComp) -> ast.expr:
    """The key expression of a comprehension over a table."""
    name = kept.generators[0].target
    return name.elts[0] if isinstance(name, ast.Tuple) and name.elts else name


def _text_of(reader: Reader, node: ast.expr) -> str | None:
    """A string literal, or the string in a module-level name with a single value in the program."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if not isinstance(node, ast.Name):
        return None
    values = {plain(module.names[node.id]) for module in reader.modules.values() if node.id in module.names}
    text = values.pop() if len(values) == 1 else None
    return text if isinstance(text, str) else None


def _has_part(network: Value | None, name: str) -> bool:
    """Whether a network may have a part with a name; a library network has none with the usual wrappers' names."""
    if isinstance(network, Instance):
        whole = {"Module", "LightningModule"} >= {*network.cls.foreign()} and not network.cls.find("__getattr__")
        return not whole or name in network.attrs
    return not (isinstance(network, Thing) and networks.architecture(network) and name in WRAPPING)
