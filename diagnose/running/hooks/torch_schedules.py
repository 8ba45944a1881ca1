"""torch's learning-rate schedules: how often they are stepped, and where they lead within a whole epoch."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

from torch.optim import lr_scheduler

from diagnose.model.mistakes import WRONG_WAY
from diagnose.model.run import GONE, HELD_OUT, RISE, SeenSchedule
from diagnose.running import place
from diagnose.running.direction import is_accuracy
from diagnose.running.recorder import Recorder

MOST_AHEAD = 20_000  # steps that a schedule is asked for ahead
MOST_STEPS = {"epoch": 5_000, "batch": MOST_AHEAD}  # likewise, to find its peak, by how often it is stepped
ON_METRIC = ("ReduceLROnPlateau",)


class Schedules:
    """Watches every schedule made by the program."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self.made: dict[int, tuple[Any, Any]] = {}
        self.counts: dict[int, list[tuple[int, int]]] = {}  # (optimizer steps so far, epoch) at each step of it
        self._ahead: dict[int, tuple[float, float]] = {}
        self._highest: dict[int, float] = {}  # rates that steps were made with
        self._stepped_on: dict[int, int] = {}  # steps that were made after the run
        self._climbs: dict[int, tuple[tuple[int, float], ...]] = {}
        self._gone: dict[int, float] = {}
        self._depth = 0
        recorder.parts.append(self._part)
        recorder.tails.append(self.look_ahead)

    def install(self) -> None:
        """Hooks into the schedules' making and stepping."""
        bases = {lr_scheduler.LRScheduler, *_subclasses(lr_scheduler.LRScheduler)}
        made, watch = lr_scheduler.LRScheduler.__init__, self

        def init(schedule: Any, *args: Any, **kwargs: Any) -> None:
            watch.made.setdefault(id(schedule), (schedule, place.here()))
            made(schedule, *args, **kwargs)

        lr_scheduler.LRScheduler.__init__ = init  # type: ignore[method-assign]
        for base in bases:
            if "step" in base.__dict__:
                base.step = self._watched(base.step)  # type: ignore[method-assign]

    def _watched(self, original: Any) -> Any:
        def step(schedule: Any, *args: Any, **kwargs: Any) -> Any:
            outermost = self._depth == 0
            self._depth += 1
            if outermost and self._recorder.steps and hasattr(schedule, "optimizer"):
                rate = float(schedule.optimizer.param_groups[0]["lr"])
                self._highest[id(schedule)] = max(rate, self._highest.get(id(schedule), 0.0))
            if outermost and type(schedule).__name__ in ON_METRIC:
                self._note_direction(schedule, args[0] if args else kwargs.get("metrics"))
            try:
                return original(schedule, *args, **kwargs)
            finally:
                self._depth -= 1
                if outermost and self._recorder.steps:
                    self.made.setdefault(id(schedule), (schedule, None))
                    self.counts.setdefault(id(schedule), []).append((self._recorder.steps, self._recorder.epochs))

        return step

    def _note_direction(self, schedule: Any, metric: Any) -> None:
        """Whether it waits for an accuracy to fall."""
        try:
            value = float(metric)
        except (TypeError, ValueError):
            return
        answers, feeds = self._recorder.evaluated_answers(), self._recorder.feeds.values()
        images = next((feed.images for feed in feeds if feed.evaluated or feed.part == HELD_OUT), None)
        if getattr(schedule, "mode", "") == "min" and is_accuracy(value, answers, images):
            self._recorder.mistake(WRONG_WAY, f"{type(schedule).__name__} waits for the accuracy to fall", place.here())

    def per(self, key: int) -> str:
        """batch, epoch or never: a schedule that was stepped three times within an epoch is stepped per batch."""
        counts, recorder = self.counts.get(key, []), self._recorder
        if not counts:
            return "never" if recorder.epochs > 1 else ""
        within = [count for count in counts if count[1] == counts[0][1]]
        return "batch" if len(within) >= 3 else "epoch"

    def look_ahead(self) -> None:
        """Steps each schedule on to the end of one whole epoch, now that the run is over, to see where it leads.

        Not under Lightning, where a program is given the number of the batches that are left of its epoch, and may have
        made the schedule of it.
        """
        if self._recorder.fixed is not None:
            return
        each = {key: self.per(key) for key in self.made}
        self._look_to_the_end_of_an_epoch()
        for key, (schedule, _) in list(self.made.items()):
            known = hasattr(schedule, "optimizer") and type(schedule).__name__ not in ON_METRIC
            if known and (most := MOST_STEPS.get(each[key])):
                stepped = len(self.counts[key]) + self._stepped_on.get(key, 0)
                self._climbs[key], last = self._climb(schedule, stepped, self._highest.get(key, 0.0), most)
                epoch = self._steps_of_an_epoch(key) if each[key] == "batch" else 1.0
                if last is not None and epoch:
                    self._gone[key] = last / epoch

    def _steps_of_an_epoch(self, key: int) -> float | None:
        """Of a schedule that is stepped per batch; None where the epoch's length is unknown."""
        feeds = [feed for feed in self._recorder.feeds.values() if feed.trained and feed.length]
        if not feeds:
            return None
        longest = max(feeds, key=lambda feed: feed.length or 0)
        return (longest.length or 0) / max(1.0, longest.trained / len(self.counts[key]))  # where they accumulate

    def _look_to_the_end_of_an_epoch(self) -> None:
        for key, (schedule, _) in list(self.made.items()):
            group = schedule.optimizer.param_groups[0] if hasattr(schedule, "optimizer") else None
            if group is None or self.per(key) != "batch" or type(schedule).__name__ in ON_METRIC:
                continue
            left = round(self._steps_of_an_epoch(key) or 0) - len(self.counts[key])
            if left <= 0:  # unknown, or the run itself went through a whole epoch
                continue
            first = float(group.get("initial_lr", group["lr"])) or 1.0
            highest = float(group["lr"])
            for rate in _ahead(schedule, min(left, MOST_AHEAD)):
                highest = max(highest, rate)
                self._stepped_on[key] = self._stepped_on.get(key, 0) + 1
            self._ahead[key] = (float(group["lr"]) / first, highest / first)

    def _climb(
        self, schedule: Any, stepped: int, highest: float, most: int
    ) -> tuple[tuple[tuple[int, float], ...], int | None]:
        """Each number of steps at which the rate is higher than ever before, of those that matter, with the rate; and
        the number of steps after which it stays below GONE of the highest for as long again, None where it doesn't."""
        highest = max(highest, float(schedule.optimizer.param_groups[0]["lr"]))
        climb, peak_at, last_high, count = [(stepped, highest)], stepped, stepped, stepped
        for count, rate in enumerate(_ahead(schedule, most - 1), stepped + 1):
            if rate > highest:
                highest, peak_at = rate, count
                if rate > (1 + RISE) * climb[-1][1]:
                    climb.append((count, rate))
            if rate >= GONE * highest:
                last_high = count
        if highest > climb[-1][1]:
            climb.append((peak_at, highest))
        return tuple(climb), last_high if count >= 2 * last_high else None

    def _part(self) -> dict[str, Any]:
        found = []
        children = {id(one) for schedule, _ in self.made.values() for one in getattr(schedule, "_schedulers", ())}
        for key, (schedule, where) in self.made.items():
            if key in children:
                continue
            after, highest = self._ahead.get(key, (None, None))
            climb = self._climbs.get(key, ())
            gone = self._gone.get(key)
            found.append(SeenSchedule(type(schedule).__name__, self.per(key), after, highest, where, climb, gone))
        return {"schedules": tuple(found)}


def _ahead(schedule: Any, steps: int) -> Iterator[float]:
    """The learning rate after each further step, until the schedule raises, as one does at its end."""
    group = schedule.optimizer.param_groups[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(steps):
            try:
                schedule.step()
            except Exception:
                return
            yield float(group["lr"])


def _subclasses(kind: type) -> set[type]:
    below: set[type] = set(kind.__subclasses__())
    return below.union(*(_subclasses(one) for one in below)) if below else below
