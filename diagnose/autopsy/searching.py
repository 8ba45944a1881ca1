"""The search for the change that restores the score: the arms of one network, images shared, within a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from diagnose.autopsy import orders
from diagnose.autopsy.character import are_probabilities
from diagnose.autopsy.choosing import ABSORBING, LEAST_GAIN, Arm, Hits, chosen, confirmed, finalists, gain, restores
from diagnose.autopsy.forwarding import Network
from diagnose.autopsy.inputs import Pictures
from diagnose.autopsy.variants import BATCH, ESTIMATED, RUNNING, Variant
from diagnose.model import Paired, wilson
from diagnose.model.checkpoint import ORDER, Feed, Known, Restored, Tried

Outputs = NDArray[np.float32]
Numbers = NDArray[np.int64]

FEWEST, FEW = 16, 64  # images that each change is screened on
LEAST, MOST = 40, 400  # images of each half
WIDER = 4  # times the images of a half, that confirm what too few did not
WARMING, PACING = 8, 32  # images that show how fast the network is, the first of them not counted
CHANGES, PASSES = 24, 6  # about as many as there are, and passes over a half, for planning
DEAREST = 1.0  # seconds that a change of the size may take to be screened, where it takes more than others do
AGAIN = 3  # changes that all images of the choosing half see
LOOKS = 2  # at the confirming images, which the gain is corrected for as well
CLEAR = 0.5  # of the errors: a change that removes so many ends the search


@dataclass(frozen=True)
class Found:
    """The change that restores the score. gain: over all images, corrected for the number of changes; before, after:
    the accuracies on the half that confirms it."""

    arm: Arm
    gain: Paired
    before: float
    after: float

    @property
    def clear(self) -> bool:
        """Whether no other kind of change is worth a try."""
        return self.arm.kind not in ABSORBING and self.after - self.before >= CLEAR * (1 - self.before)


@dataclass
class Search:
    """One network on labelled pictures. Images 0 to `half` choose, those up to `images` confirm. few: of the first,
    those that each change is screened on. seen: of the variant and the order that a program was seen to evaluate, its
    own hits. trained: labels of the training images."""

    network: Network
    pictures: Pictures
    labels: Numbers
    classes: tuple[str, ...]
    train: Pictures | None
    inside: tuple[str, ...]
    deadline: float
    few: int = 0
    half: int = 0
    images: int = 0
    tried: list[Tried] = field(default_factory=list)
    left_out: int = 0
    seen: tuple[Variant, orders.Order, Hits] | None = None
    trained: Numbers | None = None
    _screened: list[tuple[Arm, float]] = field(default_factory=list)
    _kept: dict[Variant, Outputs] = field(default_factory=dict)
    _trained: dict[Variant, Numbers] = field(default_factory=dict)

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
        """What the network answers to each image of that range."""
        return orders.answers_of(self.outputs(variant, first, last))

    def hits(self, variant: Variant, order: orders.Order, first: int, last: int) -> Hits:
        """1 for each image whose answer is the output that stands for its class."""
        if self.seen is not None and self.seen[:2] == (variant, order):
            return self.seen[2][first:last]
        return orders.right(self.labels[first:last], self.answers(variant, first, last), order)

    def plan(self, written: Variant, seconds: float) -> None:
        """How many images are used, by the pace of the first ones: half of the seconds is for screening."""
        first = min(PACING, len(self.pictures))
        warm = min(WARMING, first // 2)
        self.outputs(written, 0, warm)
        begin = time.perf_counter()
        self.outputs(written, warm, first)
        images = seconds / 2 * (first - warm) / (time.perf_counter() - begin)
        self.half = min(max(LEAST, min(MOST, int(images / PASSES))), len(self.pictures) // 2)
        self.few = min(max(FEWEST, min(FEW, int(images / CHANGES))), self.half)
        self.images = min(len(self.pictures), 2 * self.half)

    def arms(self, base: Variant, order: orders.Order, changes: list[Variant]) -> Iterator[Arm]:
        """The changes of inputs and network, and the orders of classes, the likeliest first."""
        for number, change in enumerate(changes):
            if number == 1:
                yield from self._orders(base, order)
            batch = replace(change, network=BATCH)
            screening = self._of(batch, order) if change.network == ESTIMATED else None
            on_train = self._on_train(change, order)
            yield Arm(change.kind, change.words, self._of(change, order), change.cost, change.rare, on_train, screening)

    def _of(self, change: Variant, order: orders.Order) -> Callable[[int, int], Hits]:
        return lambda first, last: self.hits(change, order, first, last)

    def _on_train(self, change: Variant, order: orders.Order) -> Callable[[], Hits] | None:
        """Hits on the training images; none where there are none."""
        pictures, labels = self.train, self.trained
        if pictures is None or labels is None:
            return None

        def hits() -> Hits:
            if change not in self._trained:
                given = self.network.outputs(pictures, change, 0, len(labels), pictures).numpy()
                self._trained[change] = orders.answers_of(given)
            return orders.right(labels, self._trained[change], order)

        return hits

    def _orders(self, base: Variant, usual: orders.Order) -> Iterator[Arm]:
        outputs = max(2, self.outputs(base, 0, 1).shape[1])
        seen = {usual}
        for words, order in orders.every(self.classes, outputs, self.inside):
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
            if first < self.half < last:
                return np.concatenate([hits(first, self.half), hits(self.half, last)])
            if first >= self.half:
                return self.hits(base, learnt(np.arange(self.half)), first, last)
            every = np.arange(self.half)
            found = np.zeros(self.half)
            for part in (0, 1):
                order = learnt(every[every % 2 != part])
                found[part::2] = self.hits(base, order, 0, self.half)[part::2]
            return found[first:last]

        return hits

    def found(self, base: Variant, order: orders.Order, changes: list[Variant]) -> Found | None:
        """The change that restores the score over `base`; None where none does.

        Successive halving (Karnin, Koren and Somekh 2013): every change sees few images, the best of them more. Changes
        that rarely explain a score wait for the others, and aren't tried where one of those is clearly ahead.
        """
        if not restores(float(self.hits(base, order, 0, self.half).mean()), 1.0):
            return None
        arms = list(self.arms(base, order, changes))
        found = None
        for rare in (False, True):
            self._screen([arm for arm in arms if arm.rare is rare], base, order)
            found = self._best(base, order, len(arms))
            if found is not None and found.clear:
                break
        return found

    def best_of(self, arms: list[Arm], base: Variant, order: orders.Order) -> Found | None:
        """Of these changes alone the one that restores the score over `base`; None where none does."""
        if not arms:
            return None
        self._screen(arms, base, order)
        found = self._best(base, order, len(arms))
        self._screened.clear()
        self.tried.clear()
        return found

    def _screen(self, arms: list[Arm], base: Variant, order: orders.Order) -> None:
        for arm in arms:
            last = self.half if arm.cost == 0 else min(self.few, max(FEWEST, round(self.few / max(1.0, arm.cost))))
            dear = last * arm.cost > max(4 * self.few, DEAREST * self.network.rate)
            if dear or not self._in_time(last, arm.cost):
                self.left_out += not dear
                continue
            try:
                hits = (arm.screening or arm.hits)(0, last)
            except Exception:  # a network that takes images of one size alone
                self.left_out += 1
                continue
            few = min(last, self.few)
            self._screened.append((arm, float((hits - self.hits(base, order, 0, last))[:few].mean())))
            self.tried.append(Tried(arm.kind, arm.words, float(hits.mean()), len(hits)))

    def _best(self, base: Variant, order: orders.Order, tests: int) -> Found | None:
        """The best of what was screened, on more images, as the other half confirms it."""
        more = min(self.half, 2 * self.few)
        worth = [(arm, arm.hits(0, more)) for arm in finalists(self._screened) if self._in_time(more, arm.cost)]
        plain = self.hits(base, order, 0, more)
        left = finalists([(arm, float((hits - plain).mean())) for arm, hits in worth], AGAIN, LEAST_GAIN / 2)
        written = self.hits(base, order, 0, self.half)
        best = chosen([(arm, arm.hits(0, self.half)) for arm in left if self._in_time(self.half, arm.cost)], written)
        if best is None:
            return None
        arm, _ = best
        for last in dict.fromkeys((self.images, min(len(self.pictures), (1 + WIDER) * self.half))):
            if not self._in_time(last - self.half, arm.cost):
                break
            before, after = (hits(0, last) for hits in (self._of(base, order), arm.hits))
            other = slice(self.half, None)
            means = float(before[other].mean()), float(after[other].mean())
            found, alone = (
                Found(arm, gain(after, before, LOOKS * tests), *means),
                gain(after[other], before[other], LOOKS),
            )
            if confirmed(found.gain, *means, arm.kind) and confirmed(alone, *means, arm.kind):
                return found
        return self._also_on_train(arm, base, order, tests)

    def _also_on_train(self, arm: Arm, base: Variant, order: orders.Order, tests: int) -> Found | None:
        """The change, where the held-out images alone are too few to confirm it and the training images show the same:
        an input that the weights were not trained on costs them as much there, and a sound one nothing."""
        plain = self._on_train(base, order)
        few = self.trained is None or plain is None or arm.on_train is None
        if few or not self._in_time(self.images + 2 * len(self.train or ()), arm.cost):
            return None
        assert plain is not None
        assert arm.on_train is not None
        before, after = self.hits(base, order, 0, self.images), arm.hits(0, self.images)
        before_there, after_there = plain(), arm.on_train()
        if not restores(float(before_there.mean()), float(after_there.mean()), arm.kind):
            return None
        means = float(before[self.half :].mean()), float(after[self.half :].mean())

        def with_train(first: int) -> tuple[Hits, Hits]:
            return np.concatenate([after[first:], after_there]), np.concatenate([before[first:], before_there])

        found = Found(arm, gain(*with_train(0), LOOKS * tests), *means)
        alone = gain(*with_train(self.half), LOOKS)
        return found if confirmed(found.gain, *means, arm.kind) and confirmed(alone, *means, arm.kind) else None

    def _in_time(self, images: int, cost: float) -> bool:
        return cost == 0 or time.monotonic() + images * cost / self.network.rate < self.deadline

    def order_of(self, arm: Arm, base: Variant, usual: orders.Order) -> orders.Order:
        """The order of classes that an arm of that kind stands for."""
        outputs = max(2, self.outputs(base, 0, 1).shape[1])
        for words, order in orders.every(self.classes, outputs, self.inside):
            if arm.words.endswith(words) and max(order) < outputs:
                return order
        matrix = orders.counted(self.labels[: self.half], self.answers(base, 0, self.half), len(self.classes), outputs)
        return orders.assigned(matrix)


def restored(found: Found, tests: int, known: tuple[Known, ...], confirming: int) -> Restored:
    """The finding's values. tests: changes that it was corrected for; confirming: images that did not choose."""
    place = next((one for one in known if one.part == found.arm.kind), None)
    images = max(1, confirming)
    return Restored(
        found.arm.kind,
        found.arm.words,
        found.before,
        found.after,
        wilson(found.after * images, images),
        found.gain,
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
