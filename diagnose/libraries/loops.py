"""The training loops that libraries run, as if the program had written them: shared by their overlays.

What a library does to a network in its loop is a "managed" event: it doesn't appear in the program, so no check
asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from diagnose.interpreter import expressions
from diagnose.interpreter.values import Call, Const, Function, Instance, Items, Loop, Ref, Table, Thing, Value
from diagnose.model import Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader


def hook(reader: Reader, owner: Value | None, name: str, *args: Value, at: Location) -> Value | None:
    """owner.name(*args) where the program's class defines it, with as many arguments as it takes; else None."""
    found = owner.cls.find(name) if isinstance(owner, Instance) else None
    if not isinstance(found, Function) or owner is None:
        return None
    takes_all = found.node.args.vararg is not None
    most = len(args) if takes_all else len(found.node.args.args) - 1
    return reader.method(owner, name, Call(tuple(args[:most]), {}, at))


@contextmanager
def epochs(reader: Reader, library: str, count: Value, at: Location) -> Iterator[None]:
    """Read the body of the with statement as within a library's loop over epochs."""
    over = Thing(at, name="managed.epochs", args=(count,), attrs={"library": library})
    with reader.loop(Loop(over, count.at)):
        yield


@contextmanager
def batches(reader: Reader, loader: Value, at: Location) -> Iterator[Value]:
    """Read the body of the with statement as within a loop over a loader; yields the batch."""
    with reader.loop(Loop(loader, at)):
        yield expressions.element(reader, loader, at)


@contextmanager
def evaluation(reader: Reader, model: Value, at: Location) -> Iterator[None]:
    """Read the body of the with statement as the library's evaluation: in evaluation mode and without gradients."""
    reader.event("managed", ".eval", model, Call((), {}, at), model)
    reader.contexts.append(Ref(at, "torch.no_grad"))
    yield
    reader.contexts.pop()


def train_mode(reader: Reader, model: Value, at: Location) -> None:
    """Put the network into training mode, as the library does."""
    reader.event("managed", ".train", model, Call((), {}, at), model)


def backward(reader: Reader, loss: Value, configured: Value) -> None:
    """Compute the gradients of a loss and step the optimizers, as the library does; see `configuration`."""
    reader.event("managed", ".backward", loss, Call((configured,), {}, loss.at), loss)


def configuration(at: Location, optimizer: Value, schedules: Value | None, every_batch: bool = False) -> Value:
    """An optimizer and its schedules, stepped once per batch or once per epoch, as `backward` expects them."""
    if schedules is None:
        return optimizer
    interval = Const(at, "step" if every_batch else "epoch")
    return Items(at, (Table(at, {"scheduler": schedules, "interval": interval}), optimizer), "tuple")


def inputs_and_labels(batch: Value, at: Location) -> tuple[Value, Value]:
    """The two parts of a batch that is a pair."""
    if isinstance(batch, Items) and len(batch.items) >= 2:
        return batch.items[0], batch.items[1]
    return tuple(Thing(at, name="[]", base=batch, args=(Const(at, n),)) for n in (0, 1))  # type: ignore[return-value]
