"""Keras' learning-rate schedules, of optimizers and of callbacks: where they lead within the training."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from diagnose.model.run import GONE, RISE, SeenSchedule
from diagnose.running.recorder import FeedSeen, Recorder

if TYPE_CHECKING:
    from diagnose.running.hooks.keras_optimizers import KerasOptimizers

LOOKS = 2_000  # at most, at a schedule
ENDLESS = 1_000_000  # batches
EPOCHS = 20  # that are looked ahead where it isn't known how many are asked for


class KerasSchedules:
    """Asks the schedules of optimizers, and of the callbacks of fit, for the rates that they lead to."""

    def __init__(self, recorder: Recorder, optimizers: KerasOptimizers) -> None:
        self._recorder, self._optimizers = recorder, optimizers
        self._found: tuple[SeenSchedule, ...] = ()
        recorder.tails.append(self.look_ahead)
        recorder.parts.append(self._part)

    def look_ahead(self) -> None:
        """Of each optimizer that has a schedule, the rates over the whole training."""
        recorder = self._recorder
        epochs = recorder.planned or EPOCHS
        found = []
        feeds = [batches for feed in recorder.feeds.values() if feed.trained and (batches := _batches(feed))]
        for key, one in self._optimizers.seen.items():
            schedule = getattr(one, "_learning_rate", None)
            if not callable(schedule) or not feeds:
                continue
            steps = max(feeds) / (getattr(one, "gradient_accumulation_steps", None) or 1)
            rates = _sampled(schedule, math.ceil(steps * epochs))
            found.append(_seen(schedule, "batch", rates, steps, self._optimizers.made.get(key)))
        for callback in recorder.callbacks:
            function = getattr(callback, "schedule", None)
            if type(callback).__name__ == "LearningRateScheduler" and callable(function):
                first = next(iter(self._optimizers.first_rates.values()), 0.0)
                found.append(_seen(callback, "epoch", _by_epoch(function, epochs, first), 1.0, None))
        self._found = tuple(found)

    def _part(self) -> dict[str, Any]:
        return {"schedules": self._found} if self._found else {}


def _batches(feed: FeedSeen) -> int | None:
    """Of a whole pass, where that is known."""
    if feed.length:
        return feed.length if feed.length < ENDLESS else None
    return math.ceil(feed.images / feed.batch_size) if feed.images and feed.batch_size else None


def _seen(of: Any, per: str, rates: list[tuple[int, float]], epoch: float, where: Any) -> SeenSchedule:
    """rates: pairs of a number of steps and the rate there, rising in steps; epoch: steps of one."""
    first = next((rate for _, rate in rates if rate), 0.0) or 1.0
    climb: list[tuple[int, float]] = []
    highest, last_high, after, until = 0.0, 0, first, 0.0
    for step, rate in rates:
        if rate > (1 + RISE) * highest or not climb:
            climb.append((step, rate))
        highest = max(highest, rate)
        last_high = step if rate >= GONE * highest else last_high
        if step <= epoch:
            after, until = rate, highest
    gone = last_high / epoch if rates and rates[-1][0] >= 2 * max(1, last_high) else None
    rising = tuple(climb) if per == "epoch" else ()
    return SeenSchedule(type(of).__name__, per, after / first, until / first, where, rising, gone)


def _sampled(schedule: Callable[[int], Any], steps: int) -> list[tuple[int, float]]:
    return [(step, _number(schedule(step))) for step in range(0, steps, max(1, math.ceil(steps / LOOKS)))]


def _by_epoch(function: Callable[..., Any], epochs: int, first: float) -> list[tuple[int, float]]:
    rates, rate = [], first
    for epoch in range(epochs):
        try:
            rate = _number(function(epoch, rate))
        except TypeError:  # an older form
            rate = _number(function(epoch))
        rates.append((epoch + 1, rate))
    return rates


def _number(value: Any) -> float:
    return float(value.detach() if hasattr(value, "detach") else value)
