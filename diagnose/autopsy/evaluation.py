"""A person's program while it evaluates: which network it calls, on what, in which mode, and what it counts as right.

The program is run as it is, in this process. Of a training it goes through a batch or two without changing a weight,
and it ends once an evaluation is over and the next training begins, or at the limit.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from diagnose.running import onimport, place
from diagnose.running.files import Opened
from diagnose.running.printed import Output, Store
from diagnose.running.starting import kept_apart, start

MOST_IMAGES = 3000
MOST_VALUES = 120_000_000  # numbers that are kept, 480 MB
AGAIN = 2.0  # seconds between attempts to end a program that catches everything
TRAINED = 2  # batches of a training pass
Array = NDArray[Any]


class Enough(BaseException):
    """Ends the program: what was wanted has been seen, or time is up."""


@dataclass
class Batch:
    """One call of a network outside of any other. images: (N, channels, H, W) as it was given; outputs: (N, classes).
    labels: class numbers, where a loader gave them. files: of its images, where as many were opened. training: the
    network's mode; autocast: the type of 16 bits that it computed in, "" for none."""

    images: Array
    outputs: Array
    labels: Array | None
    files: tuple[str, ...]
    training: bool
    autocast: str = ""


@dataclass
class Evaluation:
    """What the program evaluated last, and with what. network: as it stood then, of torch or Keras. printed: what the
    program wrote. loaded: whether it read the checkpoint's file. fault: why it did not come to its end, else ""."""

    network: Any = None
    keras: bool = False
    batches: list[Batch] = field(default_factory=list)
    printed: str = ""
    fault: str = ""
    loaded: bool = False

    @property
    def images(self) -> int:
        """How many images were evaluated."""
        return sum(len(batch.images) for batch in self.batches)

    @property
    def training(self) -> bool:
        """Whether the network was in training mode."""
        return bool(self.batches) and self.batches[0].training


class Watcher:
    """Takes what the hooks on torch and Keras report."""

    def __init__(self) -> None:
        self.store, self.opened = Store(), Opened()
        self.by_network: dict[int, Evaluation] = {}
        self.last: Evaluation | None = None
        self.trained = False  # whether any batch was trained on
        self.tentative: tuple[Any, Batch, bool] | None = None
        self.labels: Array | None = None  # of the batch that a loader gave last
        self.read: set[str] = set()  # files of weights, by their real paths
        self.over = False
        self._values = 0

    def given(self, labels: Array | None) -> None:
        """A loader gives a batch."""
        self.labels = labels

    def called(self, network: Any, batch: Batch, keras: bool = False) -> None:
        """A network was called. It counts once no backward pass followed."""
        self.settle()
        self.tentative = network, batch, keras

    def backward(self) -> None:
        """A backward pass: the last call was of training."""
        self.tentative = None
        self.trained = True

    def settle(self) -> None:
        """The last call was of an evaluation."""
        if self.tentative is None:
            return
        (network, batch, keras), self.tentative = self.tentative, None
        found = self.by_network.get(id(network))
        if found is None or (self.last is not found and found.batches):  # another evaluation of it
            found = self.by_network[id(network)] = Evaluation(network, keras)
        self.last = found
        self._values += batch.images.size
        if found.images < MOST_IMAGES and self._values < MOST_VALUES:
            found.batches.append(batch)

    def training_begins(self) -> None:
        """A pass that may train begins. Raises Enough where an evaluation is over already."""
        self.settle()
        if self.last is not None and self.trained:
            raise Enough

    def seen(self, fault: str) -> Evaluation:
        """The evaluation of the most images; of several, the last."""
        self.settle()
        every = list(self.by_network.values())
        most = max((one.images for one in every), default=0)
        found = next((one for one in reversed(every) if one.images >= most / 2), Evaluation())
        found.printed, found.fault = self.store.last(), fault
        self.over = True
        return found


def watch(
    path: Path, arguments: tuple[str, ...], checkpoint: str, scratch: Path, limit: float, offline: bool
) -> Evaluation:
    """Runs the program, at most `limit` seconds, and returns what it evaluated; nothing where it evaluated nothing."""
    from diagnose.autopsy import evaluation_keras, evaluation_torch

    watcher = Watcher()
    out, err = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = Output(out, watcher.store), Output(err, watcher.store)
    kept_apart(scratch, offline)
    watcher.opened.install()
    evaluation_torch.install(watcher)
    onimport.when("keras", lambda module: evaluation_keras.install(watcher, module))
    fault = ""
    try:
        with _within(limit):
            try:
                start(path, arguments)
            except Enough:
                pass
            except SystemExit as left:
                if left.code not in (None, 0):
                    fault = f"the program ended itself: {_one_line(left.code)}"
            except BaseException as wrong:
                traceback.print_exc()
                at = place.of_fault(wrong.__traceback__)
                fault = f"{type(wrong).__name__}: {_one_line(wrong)}" + (f" ({at})" if at else "")
    except Enough:  # the alarm rang while a fault was noted
        pass
    finally:
        sys.stdout, sys.stderr = out, err
    seen = watcher.seen(fault)
    seen.loaded = os.path.realpath(checkpoint) in watcher.read
    return seen


@contextlib.contextmanager
def _within(limit: float) -> Iterator[None]:
    def ring(number: int, frame: Any) -> None:
        raise Enough

    before: Callable[..., Any] | int | None = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, limit, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _one_line(fault: object) -> str:
    text = str(fault).strip().splitlines()
    return text[0][:200] if text else "no message"
