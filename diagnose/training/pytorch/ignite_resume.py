"""Where an Ignite program resumes: what load_objects() restores, compared with what its Checkpoint handler saves."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.model import ResumeIncomplete
from diagnose.training.pytorch.resume import RESUMES, named_role
from diagnose.training.text import Block, blocks

NEEDED = ("optimizer", "schedule", "scaler", "epoch")
ENGINES = ("trainer", "engine")  # keys of the engine, which counts the epochs


def incomplete_objects(reader: Reader) -> Iterator[ResumeIncomplete]:
    """Each load_objects() for resuming whose objects lack some that were saved; both are written as dicts."""
    if "ignite" not in reader.libraries:
        return
    text = blocks(reader)
    saved = [roles for block in text for call in block.calls("Checkpoint") if (roles := _roles(block, call, "to_save"))]
    whole = max(saved, key=len, default=set())
    for block in text:
        for call in block.calls("load_objects"):
            loaded = _roles(block, call, "to_load")
            missing = [name for name in NEEDED if name in whole - (loaded or set())]
            if loaded and "network" in loaded and missing and _resumes(block, call):
                yield ResumeIncomplete(block.at(call), tuple(missing), saved=tuple(missing), named=True)


def _roles(block: Block, call: ast.Call, name: str) -> set[str] | None:
    """The roles of a dict's objects, by their keys; None where the dict isn't a literal."""
    given: ast.expr | None = next((one.value for one in call.keywords if one.arg == name), None)
    if given is None and call.args:
        given = call.args[0]
    if isinstance(given, ast.Name):
        given = block.given(given.id, call.lineno)
    if not isinstance(given, ast.Dict):
        return None
    keys = [one.value for one in given.keys if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    if len(keys) < len(given.keys):
        return None
    return {"epoch" if key.lower() in ENGINES else named_role(key) for key in keys}


def _resumes(block: Block, call: ast.Call) -> bool:
    """Whether a condition around a call, or the loaded value, is named for resuming."""
    tests = [above.test for above in block.above(call) if isinstance(above, ast.If)]
    words = " ".join(ast.unparse(node) for node in (*tests, call)).lower()
    return RESUMES.search(words) is not None
