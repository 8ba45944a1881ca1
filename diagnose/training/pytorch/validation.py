"""Where a program evaluates its networks on images it does not train on, and where it might."""

from __future__ import annotations

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Event, Loop, Thing, Value
from diagnose.libraries.networks import is_network
from diagnose.libraries.wrappers import is_no_grad
from diagnose.training.fields import ancestors
from diagnose.training.pytorch.sessions import Session, batch_loops, is_loader, is_loss, source

MADE_UP = ("torch.randn", "torch.rand", "torch.zeros", "torch.ones", "torch.empty", "torch.full", "torch.randint",
           "torch.randn_like", "torch.zeros_like", "numpy.random.randn", "numpy.zeros", "numpy.ones")  # fmt: skip
MEASURES = (".validate", ".evaluate", ".evaluate_generator", ".test", ".predict", ".score", ".valid")


def validation_forwards(reader: Reader, sessions: list[Session]) -> list[list[Event]]:
    """For each session, the calls of its network on a batch of a separate loop, in order.

    Where several sessions train one network, a call belongs to the last that began before it, or whose epochs
    contain it.
    """
    training = [loop for session in sessions for loop in session.batch_loops]
    found: list[list[Event]] = [[] for _ in sessions]
    for event in reader.trace:
        if event.name != "()" or event.kind != "call" or event.target is None:
            continue
        owners = [n for n, session in enumerate(sessions) if session.model is event.target]
        if not owners or not _validates(event, training, sessions):
            continue
        within = [n for n in owners if sessions[n].epoch_loop is not None and sessions[n].epoch_loop in event.loops]
        begun = [n for n in owners if sessions[n].backward.index < event.index]
        found[(within or begun or owners[:1])[-1]].append(event)
    return found


def _validates(event: Event, training: list[Loop], sessions: list[Session]) -> bool:
    inner = batch_loops(event)[-1:]
    if inner and inner[0] in training:
        return False
    own_loop = bool(inner) and inner[0] not in [session.epoch_loop for session in sessions]
    if any(loop in training for loop in event.loops):
        reads = own_loop and is_loader(source(inner[0].over))
        return reads or (own_loop and any(is_no_grad(context) for context in event.contexts))
    tried = any(session.forward is not None and session.forward.at == event.at for session in sessions)
    return own_loop or (_from_loader(event) and not tried)


def _from_loader(event: Event) -> bool:
    """Whether the network gets a batch directly from a loader: next(iter(loader))."""
    return any(is_loader(one) for one in ancestors(event.args[0] if event.args else None, 200))


def may_validate(reader: Reader, sessions: list[Session]) -> bool:
    """Whether anything in the program may be a validation, followed or not.

    Examples are another call of a network, or a loop over another loader.
    """
    training = [loop for session in sessions for loop in session.batch_loops]
    loaders = [id(session.loader) for session in sessions]
    inside_losses = {id(one) for session in sessions for one in ancestors(session.loss)}
    first = min(session.backward.index for session in sessions)
    trained = {id(event.target) for event in reader.trace.calls("()") if any(loop in training for loop in event.loops)}
    for event in reader.trace:
        if event.kind == "call" and event.name in MEASURES:
            return True
        loops = [loop for loop in batch_loops(event) if loop not in training]
        if any(is_loader(source(loop.over)) and id(source(loop.over)) not in loaders for loop in loops):
            return True
        calls_network = (
            event.kind == "call"
            and event.name == "()"
            and (id(event.target) in trained or _may_be_network(event.target))
        )
        later = event.index > first or bool(loops)
        apart = not is_loss(event.target) and id(event.result) not in inside_losses
        if calls_network and later and apart and _other_images(event, loaders):
            return True
    return False


def _other_images(event: Event, loaders: list[int]) -> bool:
    """Whether a network is called on something other than its training batches or random numbers for a dry run."""
    given = list(ancestors(event.args[0] if event.args else None, 400))
    made_up = [one for one in given if isinstance(one, Thing) and one.name in MADE_UP]
    return not any(id(one) in loaders for one in given) and len(made_up) == 0


def _may_be_network(value: Value | None) -> bool:
    """Whether a value may be a network, a copy of one, or a library's wrapper of one."""
    if is_network(value):
        return True
    return isinstance(value, Thing) and any(is_network(one) for one in ancestors(value, 30))
