"""Weight averages that nothing uses: a library's, the program's own class, or a copy of the network."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Event, Instance, Items, Table, Thing, Value
from diagnose.libraries.networks import is_network
from diagnose.model import AverageUnused
from diagnose.training.pytorch.sessions import Session
from diagnose.training.text import Block, blocks, last_name
from diagnose.training.unfollowed import within

AVERAGES = ("AveragedModel", "ModelEma", "ModelEmaV2", "ModelEmaV3", "ExponentialMovingAverage", "EMA")
OWN = ("ema", "modelema", "exponentialmovingaverage", "modelemav2", "modelemav3", "weightema", "emamodel", "emahelper",
       "averagedmodel")  # fmt: skip
AVERAGED = re.compile(r"ema|avg|averag|swa|shadow")
UPDATES = ("update", "to", "cuda", "register", "requires_grad")
KEEPING = ("__init__", "register", "_update", "step", "__call__", "register_shadow", "reset", "init")


def unused_averages(reader: Reader, session: Session) -> Iterator[AverageUnused]:
    """Averages of the network's weights that the loop updates, and that nothing evaluates, saves or copies back."""
    if session.managed:
        return
    for event in reader.trace:
        made = event.result
        if event.kind == "make" and isinstance(made, Instance) and _averages(made.cls.name):
            name = made.cls.name
        elif event.kind == "call" and isinstance(made, Thing) and made.short in AVERAGES and made.name[:1].isalpha():
            name = made.short
        elif event.name == "copy.deepcopy" and event.args and is_network(event.args[0]):
            names = [one for one in _names(blocks(reader), event) if AVERAGED.search(one.lower())]
            if names and _copy_kept_up(reader, session, made) and not _copy_used(reader, session, made, event):
                yield AverageUnused(event.at, name=names[0])
            continue
        else:
            continue
        if _kept_up(reader, session, made) and not (_used(reader, made, event) or _read_by_name(reader, event)):
            yield AverageUnused(event.at, name=name)


def _averages(name: str) -> bool:
    return name.lower() in OWN


def _kept_up(reader: Reader, session: Session, average: Value) -> bool:
    """Whether the loop over batches or epochs updates an average."""
    loops = [loop for loop in (session.batch_loop, session.epoch_loop) if loop is not None]
    inside = [e for e in reader.trace if any(loop in e.loops for loop in loops)]
    return any(
        (e.target is average and e.short.startswith("update"))
        or any(f.bound is average and f.name.lstrip("_").startswith(("update", "step")) for f in e.functions)
        for e in inside
    )


def _used(reader: Reader, average: Value, making: Event) -> bool:
    """Whether anything other than its updates uses an average, as far as was read."""
    attributes = average.attrs.values() if isinstance(average, Instance) else ()
    parts = {id(one) for one in attributes if isinstance(one, Table | Items)}
    for event in reader.trace:
        if event is making:
            continue
        own = [function.name for function in event.functions if function.bound is average]
        if any(name not in KEEPING and not name.lstrip("_").startswith(UPDATES) for name in own):
            return True
        if event.target is average and not own and not event.short.startswith(UPDATES):
            return True
        if own or event.target is average:
            continue
        given = (*event.args, *event.kwargs.values(), *event.contexts, *((event.target,) if event.target else ()))
        if any(id(one) in parts or _from(one, average) for value in given for one in within((value,))):
            return True
    return False


def _read_by_name(reader: Reader, making: Event) -> bool:
    """Whether an attribute of an average is read outside its updates: its network may be a copy of the trained one,
    which the reader does not distinguish."""
    text = blocks(reader)
    names = _names(text, making)
    return any(
        last_name(node.value) in names and not node.attr.startswith(UPDATES)
        for block in text
        for node in block.every(ast.Attribute)
    )


def _names(text: list[Block], making: Event) -> list[str]:
    """The names that an average is assigned to where it is made."""
    assigned = ((block, node) for block in text for node in block.every(ast.Assign))
    return [last_name(one) for block, node in assigned if block.at(node.value) == making.at for one in node.targets]


def _copy_kept_up(reader: Reader, session: Session, copy: Value) -> bool:
    """Whether the training loop iterates over the parameters of a copy of the network."""
    reads = reader.trace.calls(".parameters", ".named_parameters", ".state_dict", of=copy)
    return any(session.batch_loop in event.loops for event in reads)


def _copy_used(reader: Reader, session: Session, copy: Value, making: Event) -> bool:
    """Whether a copy is called, saved, loaded from or passed to an unfollowed call."""
    for event in reader.trace:
        if event is making or event.kind == "set":
            continue
        if event.target is copy and event.name in ("()", ".state_dict", ".forward", ".predict"):
            if event.name != ".state_dict" or session.batch_loop not in event.loops:
                return True
        elif event.name in ("torch.save", ".load_state_dict", ".copy_") or event.name[:1] != ".":
            given = (*event.args, *event.kwargs.values())
            direct = event.name in ("builtins.zip", "builtins.print", "copy.deepcopy")
            if not direct and any(_from(one, copy) for one in within(given) if event.target is not copy):
                return event.target is None or not _from(event.target, copy)
    return False


def _from(value: Value, average: Value) -> bool:
    """Whether a value is an average, or an attribute or method's result of one."""
    for _ in range(8):
        if value is average:
            return True
        if not isinstance(value, Thing) or value.base is None:
            return False
        value = value.base
    return False
