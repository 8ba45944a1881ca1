"""The search for the change that restores the score: the arms of one network, images shared, within a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from diagnose.autopsy import orders
from diagnose.autopsy.character import are_probabilities
from diagnose.autopsy.choosing import Arm, Hits, chosen, confirmed, finalists, gain
from diagnose.autopsy.forwarding import Network
from diagnose.autopsy.inputs import Pictures
from diagnose.autopsy.variants import RUNNING, Variant
from diagnose.model import Paired, wilson
from diagnose.model.checkpoint import ORDER, Feed, Known, Restored, Tried

Outputs = NDArray[np.float32]
Numbers = NDArray[np.int64]

SCREENED = 64  # images that each change is screened on
COSTLY = 4.0  # times an image as written, from which a change is screened on half as many
FEWEST, MOST = 96, 400  # images of each half
SCREENED_CHANGES = 28  # about as many as there are, for planning
PASSES = 8  # over a half: as written, the finalists, the confirmation


@dataclass
class Search:
    """One network on labelled pictures. Images 0 to `half` choose, those up to `images` confirm."""

    network: Network
    pictures: Pictures
    labels: Numbers
    classes: tuple[str, ...]
    train: Pictures | None
    inside: tuple[str, ...]
    deadline: float
    half: int = 0
    images: int = 0
    tried: list[Tried] = field(default_factory=list)
    left_out: int = 0
    _kept: dict[Variant, Outputs] = field(default_factory=dict)

    def outputs(self, variant: Variant, first: int, last: int) -> Outputs:
        """(N, outputs) of the images in that range; what was computed before isn't again."""
        have = self._kept.get(variant)
        begin = 0 if have is None else len(have)
        if begin < last:
            if variant.feed.mode == "train" or variant.network == "batch":
                begin = 0  # a batch's statistics depend on what stands in it
            more = self.network.outputs(self.pictures, variant, begin, last, self.train).numpy()
            have = more if begin == 0 or have is None else np.concatenate([have, more])
            self._kept[variant] = have
        assert have is not None
        return have[first:last]

    def answers(self, variant: Variant, first: int, last: int) -> Numbers:
        """The output that is greatest for each image; of one output, whether it says the second class."""
        given = self.outputs(variant, first, last)
        if given.shape[1] == 1:
            middle = 0.5 if given.min() >= 0 and given.max() <= 1 else 0.0
            return (given[:, 0] > middle).astype(np.int64)
        answers: Numbers = np.nan_to_num(given, nan=-np.inf).argmax(1).astype(np.int64)
        return answers

    def hits(self, variant: Variant, order: orders.Order, first: int, last: int) -> Hits:
        """1 for each image whose answer is the output that stands for its class."""
        return orders.right(self.labels[first:last], self.answers(variant, first, last), order)

    def plan(self, written: Variant, seconds: float) -> None:
        """How many images are used, by the rate of a first batch."""
        first = min(SCREENED, len(self.pictures))
        self.outputs(written, 0, first)
        rate = self.network.rate
        each = int((rate * seconds - SCREENED_CHANGES * SCREENED) / PASSES)
        self.half = min(max(FEWEST, min(MOST, each)), len(self.pictures) // 2)
        self.images = min(len(self.pictures), 2 * self.half)

    def arms(self, base: Variant, order: orders.Order, changes: list[Variant]) -> Iterator[Arm]:
        """The changes of inputs and network, and the orders of classes, the likeliest first."""
        for number, change in enumerate(changes):
            if number == 1:
                yield from self._orders(base, order)
            yield Arm(change.kind, change.words, self._of(change, order), change.cost)

    def _of(self, change: Variant, order: orders.Order) -> Callable[[int, int], Hits]:
        return lambda first, last: self.hits(change, order, first, last)

    def _orders(self, base: Variant, usual: orders.Order) -> Iterator[Arm]:
        outputs = max(2, self.outputs(base, 0, 1).shape[1])
        seen = {usual}
        for words, order in orders.named(self.classes, outputs, self.inside):
            if order not in seen and max(order) < outputs:
                seen.add(order)
                within = "in " if words.startswith("the ") else ""
                yield Arm(ORDER, f"classes {within}{words}", self._of(base, order), 0)
        yield Arm(ORDER, "classes in another order", self._assigned(base, outputs), 0)

    def _assigned(self, base: Variant, outputs: int) -> Callable[[int, int], Hits]:
        """Hits by the order that the choosing half gives; in that half itself, each part by the order of the other."""

        def learnt(places: Numbers) -> orders.Order:
            answers = self.answers(base, 0, self.half)[places]
            matrix = orders.counted(self.labels[places], answers, len(self.classes), outputs)
            return orders.assigned(matrix)

        def hits(first: int, last: int) -> Hits:
            if first >= self.half:
                return self.hits(base, learnt(np.arange(self.half)), first, last)
            every = np.arange(self.half)
            found = np.zeros(self.half)
            for part in (0, 1):
                order = learnt(every[every % 2 != part])
                found[part::2] = self.hits(base, order, 0, self.half)[part::2]
            return found[first:last]

        return hits

    def found(
        self, base: Variant, order: orders.Order, changes: list[Variant]
    ) -> tuple[Arm, Paired, float, float] | None:
        """The change that restores the score over `base`, with its gain on the confirming half, and the accuracies
        there before and after; None where none does."""
        written = self.hits(base, order, 0, self.half)
        few = min(SCREENED, self.half)
        screened: list[tuple[Arm, float]] = []
        arms = list(self.arms(base, order, changes))
        for arm in arms:
            last = self.half if arm.cost == 0 else few if arm.cost <= COSTLY else few // 2
            if not self._in_time(last, arm.cost):
                self.left_out += 1
                continue
            try:
                hits = arm.hits(0, last)
            except Exception:  # a network that takes images of one size alone
                self.left_out += 1
                continue
            if arm.cost:
                self.pictures.forget(base.feed)
            screened.append((arm, float(hits[:few].mean() - written[: min(few, last)].mean())))
            self.tried.append(Tried(arm.kind, arm.words, float(hits.mean()), len(hits)))
        if not screened:
            return None
        worth = finalists(screened)
        best = chosen([(arm, arm.hits(0, self.half)) for arm in worth if self._in_time(self.half, arm.cost)], written)
        if best is None:
            return None
        arm, _ = best
        before, after = (hits(self.half, self.images) for hits in (self._of(base, order), arm.hits))
        found = gain(after, before, len(screened))
        accuracies = float(before.mean()), float(after.mean())
        return (arm, found, *accuracies) if confirmed(found, *accuracies) else None

    def _in_time(self, images: int, cost: float) -> bool:
        return cost == 0 or time.monotonic() + images * cost / self.network.rate < self.deadline

    def order_of(self, arm: Arm, base: Variant, usual: orders.Order) -> orders.Order:
        """The order of classes that an arm of that kind stands for."""
        outputs = max(2, self.outputs(base, 0, 1).shape[1])
        for words, order in orders.named(self.classes, outputs, self.inside):
            if arm.words.endswith(words) and max(order) < outputs:
                return order
        matrix = orders.counted(self.labels[: self.half], self.answers(base, 0, self.half), len(self.classes), outputs)
        return orders.assigned(matrix)


def restored(arm: Arm, found: Paired, before: float, after: float, tests: int, known: tuple[Known, ...]) -> Restored:
    """The finding's values."""
    place = next((one for one in known if one.part == arm.kind), None)
    images = found.images
    return Restored(
        arm.kind,
        arm.words,
        before,
        after,
        wilson(after * images, images),
        found,
        tests,
        place.location if place else None,
        place is not None,
    )


def in_order(outputs: Outputs, order: orders.Order) -> Outputs:
    """(N, classes): the columns of the classes; of one output, logits of two."""
    if outputs.shape[1] == 1:
        logits = outputs
        if outputs.min() >= 0 and outputs.max() <= 1:
            clipped = np.clip(outputs, 1e-6, 1 - 1e-6)
            logits = np.log(clipped / (1 - clipped))
        outputs = np.concatenate([np.zeros_like(logits), logits], axis=1)
    elif are_probabilities(outputs.astype(np.float64)):
        outputs = np.log(np.clip(outputs, 1e-12, None))
    lowest = np.full((len(outputs), 1), -1e9, outputs.dtype)
    wide = np.concatenate([outputs, lowest], axis=1)
    return wide[:, [place if 0 <= place < outputs.shape[1] else -1 for place in order]]


def as_written(feed: Feed) -> Variant:
    """No change."""
    return Variant("", "as written", feed, RUNNING)
