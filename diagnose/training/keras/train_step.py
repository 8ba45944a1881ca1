"""train_step() of a model of the program, which fit() calls for each batch."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.interpreter.functions import bind
from diagnose.interpreter.reader import Reader
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import Call, Function, Instance, Value, unknown
from diagnose.training.keras.minimised import applied, is_network, loss_in

COMPILED_LOSS = (".compute_loss", ".compiled_loss", ".loss", "._compute_loss")


@dataclass(frozen=True, eq=False)
class OwnStep:
    """train_step() of a model of the program, which fit() calls. batch: its argument; images: the network's input.

    labels: the loss's labels. optimizer, loss: those that it uses itself; None where compile()'s apply. certain:
    whether its loss was found. whole: whether it calls the model as a whole, not its layers one by one.
    """

    batch: Value
    images: Value
    labels: Value | None
    optimizer: Value | None
    loss: Value | None
    certain: bool
    whole: bool


def own_step(reader: Reader, model: Value) -> OwnStep | None:
    """The train_step() of the program's own model, read on a batch; None where it was not followed."""
    found = model.cls.find("train_step") if isinstance(model, Instance) else None
    if not isinstance(model, Instance) or not isinstance(found, Function):
        return None
    batch = unknown(Reason.PLACEHOLDER, "a batch", found.at)
    before = len(reader.trace)
    reader.call(bind(found, model), Call((*_states(found), batch), {}, found.at))
    events = reader.trace[before:]
    calls = [e for e in events if e.kind == "call" and e.name == "()" and is_network(e.target) and e.args]
    if not calls:
        return None
    outermost = min(calls, key=lambda e: (len(e.functions), e.index))
    target = next((e.args[0] if e.args else e.target for e in events if e.name in (".gradient", ".minimize")), None)
    target = target or next((e.target for e in events if e.name == ".backward"), None)
    loss = loss_in(target)
    compiled = next((e for e in events if e.name in COMPILED_LOSS and e.target is model), None)
    labels = loss.labels if loss is not None else None
    if compiled is not None:
        labels = (
            compiled.kwargs.get("y") or (compiled.args[0 if compiled.name != ".compute_loss" else 1 :] or (None,))[0]
        )
    return OwnStep(
        batch,
        outermost.args[0],
        labels,
        applied(events, model),
        loss.made if loss is not None and compiled is None else None,
        compiled is not None or loss is not None,
        outermost.target is model,
    )


def _states(function: Function) -> tuple[Value, ...]:
    """The parameters before the batch: the training state, with JAX."""
    count = len(function.node.args.args) - 2
    return tuple(unknown(Reason.PLACEHOLDER, "the state of the training", function.at) for _ in range(max(0, count)))
