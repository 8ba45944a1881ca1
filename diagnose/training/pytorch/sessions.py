"""Finds where a program trains and validates: the loops, and the objects in them."""

from __future__ import annotations

from dataclasses import dataclass, field

from diagnose.catalogue import losses, optimizers
from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Either, Event, Instance, Items, Loop, Table, Thing, Value
from diagnose.libraries.networks import children, is_network, parameters
from diagnose.libraries.wrappers import is_no_grad
from diagnose.training.fields import ancestors

ANY_OPTIMIZER = "torch.optim.Optimizer"  # an optimizer of unknown type
OPTIMIZERS = optimizers.CLASSES | set(optimizers.FACTORIES) | {"Optimizer"}
LOADERS = ("DataLoader", "MultiEpochsDataLoader", "InfiniteDataLoader", "FastDataLoader", "Loader")
LOOKED_THROUGH = ("builtins.enumerate", "builtins.zip", "itertools.islice", "itertools.cycle", "builtins.iter", "item",
                  "builtins.reversed")  # fmt: skip


@dataclass
class Session:
    """One place where the program trains."""

    backward: Event
    loss: Value
    batch_loop: Loop | None
    epoch_loop: Loop | None
    optimizers: list[Value] = field(default_factory=list)
    steps: list[Event] = field(default_factory=list)
    model: Value | None = None
    forward: Event | None = None
    managed: bool = False
    alternatives: list[Value] = field(default_factory=list)  # other networks that the same call may use
    other_losses: list[Value] = field(default_factory=list)  # other losses that the same backward() may be called on
    repeats: list[Loop] = field(default_factory=list)  # the same loop, read again: in a function called for each fold

    @property
    def batch_loops(self) -> list[Loop]:
        """Every reading of the training loop."""
        return [loop for loop in (self.batch_loop, *self.repeats) if loop is not None]

    @property
    def library(self) -> str | None:
        """The library whose loop trains; None where the program has its own loop."""
        if not self.managed or self._epochs is None:
            return None
        return str(self._epochs.attrs.get("library", "a library"))

    @property
    def moved_by_lightning(self) -> bool:
        """Whether Lightning provides the batches, and so moves them, even with manual optimisation."""
        return self._epochs is not None and self._epochs.attrs.get("library") == "Lightning"

    @property
    def _epochs(self) -> Thing | None:
        """What the loop over epochs iterates over, where known."""
        over = self.epoch_loop.over if self.epoch_loop is not None else None
        return over if isinstance(over, Thing) else None

    @property
    def loader(self) -> Value | None:
        """What the loop over batches iterates over, without enumerate and the like; None without such a loop."""
        return source(self.batch_loop.over) if self.batch_loop else None


def is_loader(value: Value | None) -> bool:
    """Whether a value is a DataLoader of a library."""
    return isinstance(value, Thing) and value.short in LOADERS


def is_optimizer(value: Value | None) -> bool:
    """Whether a value is an optimizer: a library's, or of a class of the program derived from one."""
    if isinstance(value, Instance):
        return "Optimizer" in value.cls.foreign()
    return isinstance(value, Thing) and not value.name.startswith(".") and value.short in OPTIMIZERS


def source(value: Value | None) -> Value | None:
    """What a loop iterates over, without enumerate, zip and the like."""
    while isinstance(value, Thing):
        if value.name in LOOKED_THROUGH:
            value = value.args[0] if value.args else value.base
        elif value.name == "compare" and value.args:
            break
        else:
            break
    if isinstance(value, Either):
        return source(value.options[0])
    return value


def batch_loops(event: Event) -> list[Loop]:
    """The event's loops that were read once for all their items, outermost first."""
    return [loop for loop in event.loops if not loop.unrolled]


def find_sessions(reader: Reader) -> list[Session]:
    """Every place that trains, in the program's order; several backward() calls in one loop are one session."""
    found: list[Session] = []
    for event in reader.trace:
        loss = loss_of(event)
        if loss is None:
            continue
        loops = _without_accumulation(reader, event, batch_loops(event))
        inner = loops[-1] if loops else None
        same = next((session for session in found if inner is not None and inner in session.batch_loops), None)
        if same is not None:
            if event.at == same.backward.at:
                same.other_losses.append(loss)
            continue
        outer = _epoch_loop(loops)
        if outer is inner and inner is not None and not passes_batches(inner):
            outer = inner  # one loop that does both, such as full-batch training
        session = Session(event, loss, inner, outer, managed=event.kind == "managed")
        _take_part(reader, session)
        earlier = next((one for one in found if _same_training(one, session)), None)
        if earlier is not None and inner is not None and earlier.batch_loop is None:
            found[found.index(earlier)] = session  # the same lines ran on one batch as a trial before
        elif earlier is not None and inner is not None:
            earlier.repeats.append(inner)
        else:
            found.append(session)
    if not reader.pasted and not _moves_parameters(reader, found):
        return []
    found = [session for session in found if session.batch_loop is not None] or found
    return [session for session in found if session.managed or session.steps] or found


def _moves_parameters(reader: Reader, sessions: list[Session]) -> bool:
    """Whether anything may step the parameters; backward() alone may be for a saliency map or an attack."""
    if any(session.managed or session.optimizers for session in sessions):
        return True
    calls = reader.trace.calls()
    return any(
        event.short in ("step", "parameters", "named_parameters", "trainable_variables") or is_optimizer(event.result)
        for event in calls
    )


def _same_training(one: Session, other: Session) -> bool:
    """Whether the same lines train the same network: a loop that was unrolled, or called again."""
    return one.backward.at == other.backward.at and one.model is other.model and one.optimizers == other.optimizers


def _without_accumulation(reader: Reader, backward: Event, loops: list[Loop]) -> list[Loop]:
    """The loops without an innermost one over the batches of one step, which the step follows."""
    if len(loops) < 2 or passes_batches(loops[-1]):
        return loops
    steps = [
        event for event in reader.trace.calls(".step") if loops[-2] in event.loops and optimizers_in(stepped(event))
    ]
    outside = steps and not any(loops[-1] in event.loops for event in steps)
    return loops[:-1] if outside and any(event.index > backward.index for event in steps) else loops


def stepped(event: Event) -> Value | None:
    """What a call of step() steps: its object, or the optimizer passed to it."""
    return event.args[0] if event.args and is_optimizer(event.args[0]) else event.target


def _epoch_loop(loops: list[Loop]) -> Loop | None:
    """The innermost counting loop around the batches."""
    for loop in reversed(loops[:-1]):
        return loop
    return loops[-1] if loops and not passes_batches(loops[-1]) else None


def passes_batches(loop: Loop) -> bool:
    """Whether a loop iterates over data, as opposed to counting."""
    over = source(loop.over)
    return not (isinstance(over, Thing) and over.name in ("builtins.range", "compare", "managed.epochs"))


def loss_of(event: Event) -> Value | None:
    """The loss that backward is called on; None for another event."""
    if event.kind not in ("call", "managed"):
        return None
    if event.name == "()" and isinstance(event.target, Thing) and event.target.short.startswith("NativeScaler"):
        return event.args[0] if event.args else None
    if event.name not in (".backward", ".manual_backward"):
        return None
    if event.args and event.kind == "call":
        return event.args[0]  # accelerator.backward(loss)
    target = event.target
    if isinstance(target, Thing) and target.short in ("scale", "scale_loss") and target.args:
        return target.args[0]
    return target


def _take_part(reader: Reader, session: Session) -> None:
    loop = session.batch_loop
    inside = [e for e in reader.trace if loop is not None and loop in e.loops] if loop else list(reader.trace)
    if session.managed:
        session.optimizers = optimizers_in(session.backward.args[0] if session.backward.args else None)
    for event in inside:
        if event.name == ".step" and event.kind == "call":
            for one in optimizers_in(stepped(event)):
                session.steps.append(event)
                if one not in session.optimizers:
                    session.optimizers.append(one)
        elif event.name == "()" and isinstance(event.target, Thing) and event.target.short.startswith("NativeScaler"):
            for one in optimizers_in(event.args[1] if len(event.args) > 1 else None):
                session.steps.append(event)
                session.optimizers.append(one)
    if not session.optimizers:
        session.optimizers = [one for e in reader.trace.calls(".step") for one in optimizers_in(e.target)][:1]
    session.forward = outermost_forward(inside, session.loss, session.optimizers)
    session.model = session.forward.target if session.forward else None
    first = session.forward
    if first is not None:
        same_call = [e for e in inside if e.name == "()" and e.at == first.at and e.args == first.args]
        session.alternatives = [
            e.target
            for e in same_call
            if e.target is not None
            and e.target is not first.target
            and not _is_part(e.target, first.target)
            and len(e.functions) == len(first.functions)
            and is_network(e.target)
            and not is_loss(e.target)
        ]


def _is_part(one: Value, whole: Value | None, depth: int = 0) -> bool:
    """Whether a module is one of another's, at any depth."""
    parts = children(None, whole) or [] if whole is not None and depth < 6 else []
    return any(part is one or _is_part(one, part, depth + 1) for _, part in parts)


def optimizers_in(value: Value | None) -> list[Value]:
    """The optimizers in a value, such as a list or what configure_optimizers() returns."""
    if is_optimizer(value) and value is not None:
        return [value]
    if isinstance(value, Thing) and value.name == ".optimizer" and is_optimizer(value.base):
        return optimizers_in(value.base)  # wrapped by a library such as Accelerate
    if isinstance(value, Items | Either):
        parts = value.items if isinstance(value, Items) else value.options
        return [one for part in parts for one in optimizers_in(part)]
    if isinstance(value, Table):
        return [one for part in value.pairs.values() for one in optimizers_in(part)]
    return []


def outermost_forward(events: list[Event], loss: Value | None, optimizers: list[Value] | None = None) -> Event | None:
    """The call of the whole network among the events: the outermost that the loss was computed from.

    Of several networks, such as a teacher and a student, the one that the optimizers hold, else one called with
    gradients enabled. None where there is none.
    """
    part_of_loss = {id(one) for one in ancestors(loss)} if loss is not None else None
    calls = [
        e
        for e in events
        if e.name == "()"
        and e.kind == "call"
        and is_network(e.target)
        and e.result is not loss
        and not is_loss(e.target)
    ]
    related = [e for e in calls if part_of_loss is None or id(e.result) in part_of_loss or _shares(e, part_of_loss)]
    pool = related or calls
    with_gradients = [e for e in pool if not any(is_no_grad(context) for context in e.contexts)] or pool
    trained = [e for e in with_gradients if e.target is not None and _held(e.target, optimizers or [])]
    pool = trained or with_gradients
    return min(pool, key=lambda e: (len(e.functions), e.index), default=None)


def _held(network: Value, optimizers: list[Value]) -> bool:
    """Whether one of the optimizers was created with parameters of the network."""
    own = {id(parameter) for _, parameter in parameters(network)}
    return any(id(one) in own for optimizer in optimizers for one in ancestors(optimizer, 600))


def _shares(event: Event, wanted: set[int]) -> bool:
    result = event.result
    parts = result.items if isinstance(result, Items) else result.options if isinstance(result, Either) else ()
    return any(id(part) in wanted for part in parts)


def is_loss(value: Value | None) -> bool:
    """Whether a module is a criterion, as opposed to a network."""
    if isinstance(value, Thing):
        return value.short.endswith("Loss") or (value.short[:1].isupper() and value.short in losses.TORCH)
    if isinstance(value, Instance):
        label = value.cls.name.lower()
        return any(word in label for word in ("loss", "criterion", "crossentropy", "cross_entropy", "smoothing"))
    return False


def networks_of(session: Session) -> list[Value]:
    """The network of a session, and the object whose method calls it."""
    holder = session.forward.functions[-1].bound if session.forward and session.forward.functions else None
    return [one for one in (session.model, *session.alternatives, holder) if one is not None]
