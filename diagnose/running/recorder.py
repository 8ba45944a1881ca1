"""Follows a training as its hooks report it: whose batch it is, whether it trains or evaluates, and when enough was
seen.

A batch belongs to training once a backward pass followed from it. What was seen is sent to the parent after every few
batches, so that a run that is ended at its time limit leaves what it saw.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import IO, Any

import numpy as np

from diagnose.model import Location
from diagnose.model.mistakes import EACH_WITH_EACH, Mistake
from diagnose.model.pixels import Pixels
from diagnose.model.run import HELD_OUT, TRAINING, Arrival, Run, Sample
from diagnose.running import place
from diagnose.running.redirect import Redirect

TRAINED_BATCHES = (8, 5, 2)  # of the first, the second and each later pass over a training loader
HELD_OUT_BATCHES = (6, 4, 1)  # likewise over a validation loader
ACCUMULATED = 40  # batches of a pass in which no optimizer steps
IN_ORDER = "in order"  # of a loader that does not shuffle
# Images of a batch: at first, then by the seconds that a step took, and in later passes.
FIRST_ITEMS, LATER_ITEMS = 4, 2
ITEMS = ((0.12, 16), (0.3, 8), (1.5, 4), (float("inf"), 2))
FEWEST = 3  # batches that a pass has at least, however slow they are
LATE = 0.35, 0.6  # of the time limit, after which a first training pass and a validation are cut to that
PROBED_ITEMS, HELD_OUT_PROBED = 16, 12  # images of a batch, and batches of the validation, where programs are compared
NO_WEIGHTS = "published weights could not be downloaded: the network kept its random ones"
ENOUGH_EPOCHS = 3  # begun, after which the run goes on only to reach what follows training
SEND_EVERY = 0.5  # seconds
AFTER_TRAINING = 0.35  # of the time limit, up to which later epochs are passed through to see what follows them


@dataclass
class Call:
    """One call of a network outside of any other. training: whether the layers that care are in training mode."""

    network: Any
    training: bool
    gradients: bool


@dataclass(eq=False)
class Batch:
    """What a loader gave at once, and what became of it. keys: addresses of its tensors."""

    feed: FeedSeen
    number: int
    keys: frozenset[int] = frozenset()
    labels: np.ndarray | None = None
    paths: tuple[str, ...] = ()
    loading: float = 0.0
    images: int = 0
    calls: list[Call] = field(default_factory=list)
    trained: bool = False
    outputs: np.ndarray | None = None
    targets: np.ndarray | None = None
    begun: float = field(default_factory=time.monotonic)


@dataclass(eq=False)
class FeedSeen:
    """A loader, or what stands for one. owner is kept so that its identity is not given to another."""

    owner: Any
    dataset: Any
    kind: str
    location: Location | None
    images: int | None = None
    batch_size: int | None = None
    drop_last: bool | None = None
    workers: int | None = None
    order: str = ""
    length: int | None = None  # batches of a whole pass
    drawn: int | None = None  # images that a pass draws, where its sampler takes a part of them
    passes: int = 0
    trained: int = 0  # batches
    evaluated: int = 0
    pixels: list[Pixels] = field(default_factory=list)
    given: list[Pixels] = field(default_factory=list)
    shapes: list[tuple[int, ...]] = field(default_factory=list)
    labels: list[tuple[int, ...]] = field(default_factory=list)
    label_kind: str = ""
    label_dtype: str = ""
    files: list[tuple[str, int]] = field(default_factory=list)
    beside: FeedSeen | None = None  # of a validation loader, the training loader that it goes with
    indices: set[int] = field(default_factory=set)
    colours: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)
    drawn_twice: bool | None = None
    tried_twice: bool = False
    first_drawn: dict[int, list[Any]] = field(
        default_factory=dict
    )  # tensors of some images in the first epoch, by index
    drawn_later: bool | None = None
    draws: bool | None = None  # random numbers, while an image is fetched for the first time
    passed_on: bool = False  # to the network, the tensors that the loader gave
    seeded_at: Location | None = None
    seconds: list[float] = field(default_factory=list)  # of each image
    samples: list[Sample] = field(default_factory=list)
    pictures: np.ndarray | None = None
    pictured: np.ndarray | None = None  # class numbers of these

    @property
    def part(self) -> str:
        """training, validation, or "" before it is known."""
        return TRAINING if self.trained else HELD_OUT if self.evaluated else ""


class Recorder:
    """One run. limit: seconds from now; sink: takes the summaries, a line of JSON each."""

    def __init__(self, command: str, limit: float, sink: IO[str] | None = None) -> None:
        self.command, self.limit = command, limit
        self._sink = sink
        self.began = time.monotonic()
        self._sent = 0.0
        self.framework = ""
        self.feeds: dict[Any, FeedSeen] = {}
        self.pending: list[Batch] = []
        self.current: Batch | None = None
        self.epochs = 0
        self.steps = 0
        self.first_answer: float | None = None
        self.items = FIRST_ITEMS
        self.fetching: FeedSeen | None = None
        self.seed: int | None = None
        self.substitutes: list[str] = []
        self.mistakes: list[Mistake] = []
        self.arrivals: list[Arrival] = []
        self.precision = ""
        self.validations = 0
        self.held_out_batches: list[Batch] = []  # of the present pass over a validation loader
        self.loss_listeners: list[Callable[[float], None]] = []
        self.held_out_begins: Callable[[], None] | None = None
        self.printed_after: Callable[[list[Batch]], None] | None = None
        self.parts: list[Callable[[], dict[str, Any]]] = []  # each gives fields of Run
        self.tails: list[Callable[[], None]] = []  # called once before the last summary
        self.output: Callable[[], str] = str
        self.lock = threading.RLock()
        self.whole_batches = self.whole_passes = False
        self.probe_steps = 0  # of training before the validation that ends the run; 0 where the run looks
        self.seed_shift = 0
        self.answers: tuple[int, ...] = ()
        self.watching = False  # whether the training is a real one, of which nothing is cut
        self.asleep = False  # whether nothing is looked at for now
        self.after_step: Callable[[], None] | None = None
        self.after_validation: Callable[[], None] | None = None
        self.planned: int | None = None  # epochs that a framework was asked for
        self.callbacks: list[Any] = []  # of Keras, the person's own
        self.asked_accumulation: tuple[int, Location | None] | None = None  # batches for a step, as asked of a library
        self.fixed: tuple[int, int] | None = None  # batches of training and validation, where a library counts them
        self.redirect: Redirect | None = None  # where files are written
        self.computing: list[float] = []
        self.loading: list[float] = []
        self.calls: Counter[tuple[str, bool]] = Counter()  # of networks, by part and mode
        self._validated_in: tuple[FeedSeen, int] | None = None  # the training loader and its pass
        self.training_feed: FeedSeen | None = None  # that was trained on last
        self.loaded: set[int] = set()  # identities of parameters that a library filled
        self.held_out_gradients = 0
        self.spread_of_outputs: list[float] = []  # between the images of a batch

    def compared_each_with_each(self, where: Location | None) -> None:
        """Answers and labels of other shapes were compared."""
        if where is not None:
            self.mistake(EACH_WITH_EACH, "", where)

    # ------------------------------------------------------------------ loaders

    def feed(self, key: Any, make: Callable[[], FeedSeen]) -> FeedSeen:
        """The loader of that key, made where it is new."""
        if key not in self.feeds:
            self.feeds[key] = make()
        return self.feeds[key]

    def batches_of(self, feed: FeedSeen) -> int:
        """How many batches of the present pass are taken. It grows once a loader turns out to train."""
        if self.watching or (self.whole_passes and feed.order == IN_ORDER and not feed.trained):
            return sys.maxsize
        if self.probe_steps:
            return HELD_OUT_PROBED if feed.evaluated and not feed.trained else self.probe_steps
        if self.fixed is not None:
            return self.fixed[1 if feed.evaluated and not feed.trained else 0]
        each = TRAINED_BATCHES if feed.trained else HELD_OUT_BATCHES if feed.evaluated else (6, 6, 6)
        count = each[min(max(feed.passes, 1), len(each)) - 1]
        if feed.trained and self.steps == 0:
            count = ACCUMULATED  # nothing stepped yet: it may gather the gradients of many batches
        late = self.seconds > LATE[0 if feed.trained else 1] * self.limit
        return min(count, FEWEST) if late else count

    def items_of(self, feed: FeedSeen) -> int | None:
        """How many images of each batch are taken; None for all."""
        if self.whole_batches or self.watching:
            return None
        if self.probe_steps:
            return PROBED_ITEMS
        return self.items if feed.passes <= 2 else LATER_ITEMS

    def pass_begins(self, feed: FeedSeen) -> None:
        """A loader is gone through from its beginning."""
        self._settle()
        feed.passes += 1
        if feed.trained:
            self._after_held_out()
            if feed.passes > 1:
                self.epochs += 1
                if not self.watching:
                    self._look_at_time()
        elif self.held_out_batches and self.held_out_batches[0].feed is not feed:
            self._after_held_out()

    def fetched(self, batch: Batch) -> None:
        """A batch has come out of a loader."""
        self.pending.append(batch)
        feed = batch.feed
        feed.seconds.append(batch.loading / max(1, batch.images))

    def begin(self, batch: Batch) -> None:
        """The batch that was fetched is used now."""
        if batch in self.pending:
            self.pending.remove(batch)
        self._turn_to(batch)

    def finish_pass(self) -> None:
        """The present batch was the last of its pass."""
        self._settle()
        self.send()

    # ------------------------------------------------------------------ networks

    def takes(self, network: Any, keys: frozenset[int]) -> Batch:
        """The batch that a network is called with. keys: addresses of the tensors that it gets.

        By identity where the program passes on what the loader gave. Otherwise (it moved or changed the tensors) the
        oldest batch that is not used up: a training batch is after its backward pass, another once the same network was
        called with it.
        """
        for number, batch in enumerate(self.pending):
            if keys & batch.keys:
                batch.feed.passed_on = True
                del self.pending[: number + 1]
                return self._turn_to(batch)
        current = self.current
        if current is not None and keys & current.keys:
            return current
        if current is not None:
            used_up = current.trained or any(call.network is network for call in current.calls)
            if not used_up or (current.feed.owner is not None and not self.pending):
                return current
        return self._turn_to(self.pending.pop(0) if self.pending else self._own_batch())

    def _own_batch(self) -> Batch:
        """A new batch of a loop without a loader, such as one that slices arrays."""
        feed = self.feed("loop", lambda: FeedSeen(None, None, "the program's own loop", place.here()))
        feed.passes = max(feed.passes, 1)
        return Batch(feed, feed.trained + feed.evaluated)

    def _turn_to(self, batch: Batch) -> Batch:
        if batch is not self.current:
            self._settle()
            self.current = batch
            batch.begun = time.monotonic()
        return batch

    def trains(self) -> None:
        """A backward pass follows from the present batch."""
        batch = self.current or self._turn_to(self._own_batch())
        if not batch.trained:
            batch.trained = True
            if not batch.feed.trained:
                self.epochs += 1
                if batch.feed.part == HELD_OUT:
                    self.held_out_batches = []
            batch.feed.trained += 1
            self.training_feed = batch.feed
            for feed in self.feeds.values():
                if feed.evaluated and feed.beside is None:  # a validation before the first step
                    feed.beside = batch.feed

    def stepped(self) -> None:
        """An optimizer has stepped."""
        self.steps += 1
        if self.first_answer is None:
            self.first_answer = time.monotonic() - self.began
        batch = self.current
        if batch is not None:
            seconds = time.monotonic() - batch.begun
            self.computing.append(seconds)
            self.loading.append(batch.loading)
            if self.steps in (2, 6) and not self.watching:  # the first step prepares itself
                each = seconds * FIRST_ITEMS / max(1, batch.images)
                self.items = next(items for most, items in ITEMS if each < most)
        self.send()
        if self.after_step is not None:
            self.after_step()

    def _settle(self) -> None:
        """The present batch is over: it trained, or it was evaluated."""
        batch, self.current = self.current, None
        if batch is None or not batch.calls:
            return
        feed = batch.feed
        if not batch.trained and feed.trained:
            return  # a training batch that was skipped, or whose backward pass the end cut off
        part = (TRAINING if self.validations == 0 else "later") if batch.trained else HELD_OUT
        inner = batch.trained and self._validated_in == (feed, feed.passes)
        for call in batch.calls:
            self.calls[part, call.training] += 1
            self.calls["inner", call.training] += inner
            self.held_out_gradients += call.gradients and not batch.trained
        if batch.outputs is not None and len(batch.outputs) > 1 and len(self.spread_of_outputs) < 40:
            self.spread_of_outputs.append(float(np.ptp(batch.outputs, axis=0).max()))
        if not batch.trained and not feed.trained:
            feed.evaluated += 1
            feed.beside = feed.beside or self.training_feed
            if self.training_feed is not None:
                self._validated_in = self.training_feed, self.training_feed.passes
            if not self.held_out_batches and self.held_out_begins is not None:
                self.held_out_begins()
            self.held_out_batches.append(batch)
        elif self.held_out_batches:
            self._after_held_out()

    def evaluated_answers(self) -> list[int]:
        """1 for each image of the validation that has just ended or still runs and that was right, else 0."""
        last = [self.current] if self.current is not None and self.current.calls and not self.current.trained else []
        return [one for batch in [*self.held_out_batches, *last] for one in answers_of(batch)]

    def _after_held_out(self) -> None:
        """A validation is over: what was printed since then is held beside it."""
        batches, self.held_out_batches = self.held_out_batches, []
        held_out = [batch for batch in batches if not batch.feed.trained]
        if held_out:
            self.validations += 1
            self.answers = tuple(answer for batch in held_out for answer in answers_of(batch))
            if self.probe_steps and self.steps >= self.probe_steps and self.answers:
                self.end("enough", "enough was seen")
            if self.printed_after is not None:
                self.printed_after(held_out)
            if self.after_validation is not None and self.steps:
                self.after_validation()

    # ------------------------------------------------------------------ the end

    def mistake(self, kind: str, detail: str = "", location: Location | None = None) -> None:
        """Notes a fault, the first of its kind."""
        if all(one.kind != kind for one in self.mistakes):
            self.mistakes.append(Mistake(kind, detail, location))

    def substitute(self, text: str) -> None:
        """Something was put in the place of what is not there."""
        if text not in self.substitutes:
            self.substitutes.append(text)

    @property
    def seconds(self) -> float:
        """Since the run began."""
        return time.monotonic() - self.began

    def _look_at_time(self) -> None:
        if self.epochs > ENOUGH_EPOCHS and self.validations >= 2 and self.seconds > AFTER_TRAINING * self.limit:
            self.end("enough", "enough was seen")

    def summary(self, ended: str = "", why: str = "", location: Location | None = None) -> Run:
        """All that was seen by now."""
        from diagnose.running.summary import summary

        return summary(self, ended, why, location)

    def send(self, run: Run | None = None) -> None:
        """Writes the summary as one line, at most every half second unless it is the last."""
        now = time.monotonic()
        if self._sink is None or (run is None and now - self._sent < SEND_EVERY):
            return
        with self.lock:
            line = json.dumps(asdict(run or self.summary("running")), default=_plain)
            self._sink.write(line + "\n")
            self._sink.flush()
            self._sent = time.monotonic()

    def end(self, ended: str, why: str, location: Location | None = None) -> None:
        """Sends the last summary and ends the process at once: nothing that the program catches can hold it."""
        with self.lock:
            if self.current is not None and any(call.gradients for call in self.current.calls):
                self.current = self.current if self.current.trained else None  # its backward pass was to come
            self._settle()
            self._after_held_out()
            for tail in self.tails:
                try:
                    tail()
                except Exception as fault:  # what follows the run is extra
                    sys.stderr.write(f"diagnose: {fault!r}\n")
            self.send(self.summary(ended, why, location))
            for stream in (sys.stdout, sys.stderr):
                with contextlib.suppress(OSError, ValueError):
                    stream.flush()
            os._exit(0)


def answers_of(batch: Batch) -> list[int]:
    """1 for each image of a batch that was right, else 0; empty where outputs or labels are unknown."""
    outputs, targets = batch.outputs, batch.targets if batch.targets is not None else batch.labels
    if outputs is None or targets is None or outputs.ndim != 2 or outputs.shape[1] < 2 or len(outputs) != len(targets):
        return []
    if targets.ndim == 2:
        targets = targets.argmax(axis=1)
    return [int(one) for one in outputs.argmax(axis=1) == targets]


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    return str(value)
