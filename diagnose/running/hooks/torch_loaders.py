"""torch's DataLoader: each pass is cut to a few batches of a few images, and what comes out is written down.

The program's own order, collate function, sampler and transforms are at work; only fewer batches of fewer images are
asked for, in the main process. A loader that goes through its images in order is asked for batches spread over the
whole, so that a validation set that is sorted by class shows all of them.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch.utils import data

from diagnose.model.mistakes import SEEDED_AGAIN, STALE_WORKERS, WORKERS_ALIKE
from diagnose.running import files, place
from diagnose.running.files import Opened
from diagnose.running.overlap import length
from diagnose.running.recorder import IN_ORDER, Batch, FeedSeen, Recorder

MOST_SPREAD = 200_000  # indices that are laid out to choose batches from
TWICE = 4  # times that one image is fetched again to see whether it changes
PARTLY = 0.95  # share of a dataset that a sampler takes at most where it takes a part
LATER = 6  # images of the first epoch that are fetched again in the second
SLOW_IMAGE = 0.4  # seconds, above which it isn't
WORKER_SEEDS = (11, 12)  # that a worker is begun with, as in two epochs
GENERATORS = ("torch", "random", "NumPy")  # in the order of _random_state
COLOURS = 24  # images whose files are held beside them


class Chosen:
    """Stands for a loader's batch sampler: yields some of its batches, cut to some of their indices."""

    def __init__(self, sampler: Any, recorder: Recorder, feed: FeedSeen, spread: bool) -> None:
        self._sampler, self._recorder, self._feed, self._spread = sampler, recorder, feed, spread
        self.indices: list[Any] = []

    def __len__(self) -> int:
        return len(self._sampler)

    def __iter__(self) -> Iterator[Any]:
        whole: Any = self._sampler
        if self._spread:
            laid = list(itertools.islice(iter(self._sampler), MOST_SPREAD))
            count = max(self._recorder.batches_of(self._feed), 1)
            chosen: Any = np.unique(np.linspace(0, len(laid) - 1, min(count, len(laid))).round().astype(int))
            whole = [laid[number] for number in chosen] if laid else []
        for given in whole:
            items = self._recorder.items_of(self._feed)
            if isinstance(given, list) and items is not None and len(given) > items:
                every = len(given) / items if self._spread else 1.0
                given = [given[int(number * every)] for number in range(items)]
            self.indices = given if isinstance(given, list) else [given]
            yield given


class Loaders:
    """Watches every DataLoader of the program."""

    def __init__(self, recorder: Recorder, opened: Opened) -> None:
        self._recorder, self._opened = recorder, opened
        self._begins: set[int] = set()  # identities of functions that begin a worker
        # Random states before its last pass, and after its last batch, by loader.
        self._starts: dict[int, tuple[int, ...]] = {}
        self._after: dict[int, tuple[int, ...]] = {}
        self._left: dict[int, dict[str, Any]] = {}  # numbers that a dataset held after its last batch, by loader

    def install(self) -> None:
        """Replaces the making of a DataLoader and its iteration by ones that report."""
        made, iterated = data.DataLoader.__init__, data.DataLoader.__iter__
        watch = self

        def init(loader: Any, *args: Any, **kwargs: Any) -> None:
            if loader.__dict__.get("_seen_at") is None:
                object.__setattr__(loader, "_seen_at", place.here())
            made(loader, *args, **kwargs)

        def iterate(loader: Any) -> Iterator[Any]:
            return watch._pass(loader, iterated)

        data.DataLoader.__init__ = init  # type: ignore[method-assign, assignment]
        data.DataLoader.__iter__ = iterate  # type: ignore[method-assign, assignment]

    def _pass(self, loader: Any, iterated: Any) -> Iterator[Any]:
        if self._recorder.watching:
            yield from self._watched_pass(loader, iterated)
            return
        feed = self._begun(loader)
        self._changed_behind_workers(loader)
        self._begins_alike(loader, feed)
        with _shortened(loader, self._recorder, feed) as chosen:
            inner = iterated(loader)
        taken = 0
        while True:
            self._opened.taken()
            begin = time.monotonic()
            self._recorder.fetching = feed
            try:
                given = next(inner)
            except StopIteration:
                break
            finally:
                self._recorder.fetching = None
            self._report(loader, feed, given, chosen.indices if chosen is not None else [], time.monotonic() - begin)
            self._left[id(loader)], self._after[id(loader)] = _numbers(loader.dataset), _fingerprint()
            taken += 1
            yield given
            if taken >= self._recorder.batches_of(feed):
                break
        self._recorder.send()

    def _changed_behind_workers(self, loader: Any) -> None:
        """Whether the program has changed the dataset since the last pass, of which persistent workers hold copies."""
        before = self._left.get(id(loader))
        if before is None or not loader.num_workers or not getattr(loader, "persistent_workers", False):
            return
        now = _numbers(loader.dataset)
        changed = [name for name, value in before.items() if now.get(name) != value]
        if changed:
            detail = f"{changed[0]} was {before[changed[0]]} and is {now.get(changed[0])}"
            self._recorder.mistake(STALE_WORKERS, detail, loader.__dict__.get("_seen_at"))

    def _begins_alike(self, loader: Any, feed: FeedSeen) -> None:
        """Whether the random numbers are set back to the same before each pass of training: it shuffles and augments as
        the one before did."""
        now, before, after = _fingerprint(), self._starts.get(id(loader)), self._after.get(id(loader))
        self._starts[id(loader)] = now
        drawn = after is not None and any(one != other for one, other in zip(now, after, strict=True))
        if before is not None and drawn and now == before and feed.trained and feed.order != IN_ORDER:
            self._recorder.mistake(SEEDED_AGAIN, "", loader.__dict__.get("_seen_at"))

    def _begun(self, loader: Any) -> FeedSeen:
        """What is known of a loader, of which a pass begins."""
        key = (id(loader.dataset), _order(loader), loader.batch_size, _drawn_from(loader))
        feed = self._recorder.feed(key, lambda: _feed(loader))
        self._recorder.pass_begins(feed)
        self._look_at_workers(loader)
        return feed

    def _look_at_workers(self, loader: Any) -> None:
        """Whether the function that begins a worker gives each the same random numbers, whatever torch drew for it."""
        begin = getattr(loader, "worker_init_fn", None)
        if begin is None or not loader.num_workers or id(begin) in self._begins:
            return
        self._begins.add(id(begin))
        states, seed_of_program = [], self._recorder.seed
        with _random_state_kept():
            for base in WORKER_SEEDS:
                for seed in (torch.manual_seed, random.seed, np.random.seed):
                    seed(base)
                try:
                    begin(0)
                except Exception:  # it asks for what a worker alone has
                    return
                finally:
                    self._recorder.seed = seed_of_program
                states.append(_random_state())
        alike = [name for name, one, other in zip(GENERATORS, *states, strict=False) if np.array_equal(one, other)]
        if alike:
            where = place.of_function(begin) or loader.__dict__.get("_seen_at")
            self._recorder.mistake(WORKERS_ALIKE, ", ".join(alike), where)

    def _watched_pass(self, loader: Any, iterated: Any) -> Iterator[Any]:
        """A pass of a real training: nothing is cut, and the loader's own processes fetch."""
        feed = self._begun(loader)
        inner = iterated(loader)
        while True:
            begin = time.monotonic()
            try:
                given = next(inner)
            except StopIteration:
                break
            if not self._recorder.asleep or not feed.trained:
                self._report(loader, feed, given, [], time.monotonic() - begin)
            yield given

    def _report(self, loader: Any, feed: FeedSeen, given: Any, indices: list[Any], seconds: float) -> None:
        tensors = list(tensors_in(given))
        images = len(indices) or (len(tensors[0]) if tensors and tensors[0].ndim else 1)
        paths = self._opened.taken()
        batch = Batch(feed, len(feed.seconds), frozenset(map(address, tensors)), loading=seconds, images=images)
        batch.labels = labels_in(tensors, images)
        if len(paths) == images:
            batch.paths = tuple(paths)
        feed.indices |= {index for index in indices if isinstance(index, int)}
        self._recorder.fetched(batch)
        if not self._recorder.watching and seconds / images < SLOW_IMAGE:
            self._again(feed, loader.dataset, [index for index in indices if isinstance(index, int)])

    def _again(self, feed: FeedSeen, dataset: Any, indices: list[int]) -> None:
        """Fetches one image several times, and some of the first epoch in the second."""
        first, later = not feed.tried_twice and bool(indices), feed.passes > 1 and bool(feed.first_drawn)
        if not first and not later:
            return
        with _random_state_kept():
            if first:
                feed.tried_twice = True
                feed.draws = _draws(dataset, feed.indices | set(indices))
                times = [_drawn(dataset, indices[0]) for _ in range(1 + TWICE)]
                feed.drawn_twice = all(_alike(times[0], one) for one in times) if all(times) else None
                feed.first_drawn = {index: _drawn(dataset, index) for index in indices[:LATER]}
            else:
                pairs = [(before, _drawn(dataset, index)) for index, before in feed.first_drawn.items()]
                if all(before and again for before, again in pairs):
                    feed.drawn_later = all(_alike(before, again) for before, again in pairs)
                feed.first_drawn = {}
        self._opened.taken()


def _numbers(dataset: Any) -> dict[str, Any]:
    """The attributes of a dataset that are numbers, those of one that it wraps too."""
    found: dict[str, Any] = {}
    while dataset is not None:
        held = getattr(dataset, "__dict__", {})
        found |= {name: value for name, value in held.items() if isinstance(value, int | float | str)}
        dataset = held.get("dataset")
    return found


@contextmanager
def _random_state_kept() -> Iterator[None]:
    states = torch.get_rng_state(), random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        torch.set_rng_state(states[0])
        random.setstate(states[1])
        np.random.set_state(states[2])


def _draws(dataset: Any, known: set[int]) -> bool | None:
    """Whether an image that was not fetched before takes random numbers; None where all were fetched."""
    fresh = next((index for index in range(min(length(dataset) or 0, len(known) + 1)) if index not in known), None)
    if fresh is None:
        return None
    before = _random_state()
    if not _drawn(dataset, fresh):
        return None
    after = _random_state()
    same = all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))
    return not same


def _random_state() -> tuple[Any, ...]:
    _, keys, *rest = np.random.get_state()
    return torch.get_rng_state().numpy(), random.getstate()[1], keys, tuple(rest)


def _fingerprint() -> tuple[int, ...]:
    """Of the random states of torch, of Python and of NumPy."""
    torch_state, python_state, keys, rest = _random_state()
    return hash(torch_state.tobytes()), hash(python_state), hash((keys.tobytes(), rest))


def _drawn(dataset: Any, index: int) -> list[torch.Tensor]:
    """One item's tensors; none where the person's dataset objects to being asked again."""
    try:
        return [tensor.clone() for tensor in tensors_in(dataset[index])]
    except Exception:
        return []


def _alike(one: list[torch.Tensor], other: list[torch.Tensor]) -> bool:
    return len(one) == len(other) and all(
        first.shape == again.shape and bool(torch.equal(first, again)) for first, again in zip(one, other, strict=True)
    )


@contextmanager
def in_this_process(loader: Any) -> Iterator[None]:
    """An iterator of the loader that is made within fetches here, without workers."""
    own, alone = loader.__dict__, {"num_workers": 0, "timeout": 0, "persistent_workers": False, "prefetch_factor": None}
    before = {name: own.get(name) for name in alone}
    own.update(alone)
    try:
        yield
    finally:
        own.update(before)


@contextmanager
def _shortened(loader: Any, recorder: Recorder, feed: FeedSeen) -> Iterator[Chosen | None]:
    """While an iterator of the loader is made: one process, and a sampler that chooses."""
    own = loader.__dict__
    key = "batch_sampler" if loader.batch_sampler is not None else "sampler"
    sampler, chosen = own.get(key), None
    if sampler is not None:
        in_order = _order(loader) == IN_ORDER and not isinstance(loader.dataset, data.IterableDataset)
        chosen = own[key] = Chosen(sampler, recorder, feed, in_order)
    try:
        with in_this_process(loader):
            yield chosen
    finally:
        if sampler is not None:
            own[key] = sampler


def _order(loader: Any) -> str:
    """shuffled or in order, by the sampler at the bottom: libraries put their own batch samplers around it."""
    sampler = loader.batch_sampler if loader.batch_sampler is not None else getattr(loader, "sampler", None)
    for _ in range(4):
        sampler = getattr(sampler, "batch_sampler", None) or getattr(sampler, "sampler", None) or sampler
    if isinstance(sampler, data.SequentialSampler):
        return IN_ORDER
    return "shuffled" if isinstance(sampler, data.RandomSampler) else ""


def _drawn_from(loader: Any) -> Any:
    """By what two loaders of one dataset differ that draw by samplers of their own, though they be made again."""
    sampler = loader.batch_sampler if loader.batch_sampler is not None else getattr(loader, "sampler", None)
    sampler = getattr(sampler, "sampler", None) or sampler
    indices = getattr(sampler, "indices", None)
    try:
        return (len(indices), sum(map(int, indices))) if indices is not None else type(sampler).__name__
    except (TypeError, ValueError):
        return type(sampler).__name__


def _feed(loader: Any) -> FeedSeen:
    dataset = loader.dataset
    size = loader.batch_size or getattr(loader.batch_sampler, "batch_size", None)
    return FeedSeen(
        loader,
        dataset,
        type(dataset).__name__,
        loader.__dict__.get("_seen_at"),
        images=length(dataset),
        drawn=_part_drawn(loader, dataset),
        batch_size=size,
        drop_last=bool(loader.drop_last),
        workers=loader.num_workers,
        order=_order(loader),
        length=length(loader),
    )


def _part_drawn(loader: Any, dataset: Any) -> int | None:
    """How many images a sampler takes of a dataset, where that isn't all; None else, and where it is unknown."""
    images, drawn = length(dataset), length(getattr(loader, "sampler", None))
    return drawn if images and drawn and drawn < PARTLY * images else None


def tensors_in(given: Any, depth: int = 4) -> Iterator[torch.Tensor]:
    """The tensors of a batch or of a call's arguments, in lists, tuples, dicts and objects like them."""
    if isinstance(given, torch.Tensor):
        yield given
    elif isinstance(given, np.ndarray) and given.dtype != object:
        yield torch.from_numpy(given) if given.flags.writeable else torch.from_numpy(given.copy())
    elif (depth and isinstance(given, dict)) or (hasattr(given, "items") and callable(given.items)):
        for value in given.values():
            yield from tensors_in(value, depth - 1)
    elif depth and isinstance(given, list | tuple):
        for value in given:
            yield from tensors_in(value, depth - 1)


def address(tensor: torch.Tensor) -> int:
    """Where its values lie; its identity where it has none."""
    try:
        return int(tensor.data_ptr()) or id(tensor)
    except RuntimeError:
        return id(tensor)


def labels_in(tensors: list[torch.Tensor], images: int) -> np.ndarray | None:
    """The labels of a batch: a tensor of one whole number per image, or of few values per image, else None."""
    for tensor in reversed(tensors):
        if tensor.ndim == 1 and len(tensor) == images and not tensor.is_floating_point():
            return tensor.detach().cpu().numpy()
    for tensor in reversed(tensors):
        if tensor.ndim == 2 and len(tensor) == images and tensor.shape[1] <= 2000:
            return tensor.detach().float().cpu().numpy()
    return None


def note_files(batch: Batch, labels: np.ndarray, images: np.ndarray | None) -> None:
    """Holds files beside labels and, for colours, beside the images as the network gets them."""
    feed = batch.feed
    if len(batch.paths) != len(labels):
        return
    feed.files += list(zip(batch.paths, map(int, labels), strict=True))
    if images is None or images.ndim != 4 or images.shape[1] != 3 or len(images) != len(labels):
        return
    for path, image in zip(batch.paths, images, strict=True):
        if len(feed.colours) < COLOURS and (file := files.colours(path)) is not None:
            feed.colours.append((file, image.mean(axis=(1, 2))))
