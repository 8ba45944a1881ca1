"""What earlier training runs logged: their curves, and what the log says beside them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from diagnose.model.intervals import Interval

LOSS, ACCURACY, TOP5, RATE, SECONDS = "loss", "accuracy", "top-5 accuracy", "learning rate", "seconds"
TRAIN, VAL, TEST = "train", "val", "test"
EPOCH, STEP = "epoch", "step"


@dataclass(frozen=True)
class Point:
    """One value of a curve. x: the epoch, from 1 (fractions within one), or the optimizer step. line: of the log."""

    x: float
    value: float
    line: int | None = None


@dataclass(frozen=True)
class Curve:
    """One metric of a run, by x; values may be NaN.

    split: train, val or test; "" where a metric has none. name: as the log writes it. Accuracies are shares (0..1);
    percent: whether the log writes them in percent. inverted: made of an error rate. guessed: the log doesn't say which
    split it is of.
    """

    metric: str
    split: str
    name: str
    points: tuple[Point, ...]
    percent: bool = False
    inverted: bool = False
    guessed: bool = False

    @property
    def values(self) -> tuple[float, ...]:
        """The values alone."""
        return tuple(point.value for point in self.points)

    @property
    def finite(self) -> tuple[Point, ...]:
        """The points whose value is a number."""
        return tuple(point for point in self.points if math.isfinite(point.value))


@dataclass(frozen=True)
class Mark:
    """Something that the log says of the run. kind: resume, unfreeze, rate, early stop, interrupt or crash."""

    kind: str
    x: float
    text: str
    line: int | None = None


@dataclass(frozen=True)
class Ahead:
    """Where a curve of validation accuracy is going.

    at: the epoch or step that is forecast. interval: of 80%. gain: over the best value so far. worth: whether the
    interval lies above the best value so far by more than noise.
    """

    at: float
    accuracy: float
    interval: Interval
    gain: float
    worth: bool


@dataclass(frozen=True)
class LoggedRun:
    """One training as its log shows it.

    unit: what x counts, epoch or step. zero_based: whether the log counts epochs from 0; here they count from 1.
    planned: epochs that the log announces. train_images, val_images: where the log names them. settings: what the log
    says of the configuration, such as the learning rate.
    """

    name: str
    file: str
    form: str
    curves: tuple[Curve, ...]
    unit: str = EPOCH
    zero_based: bool = False
    planned: int | None = None
    train_images: int | None = None
    val_images: int | None = None
    marks: tuple[Mark, ...] = ()
    settings: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    missing: tuple[int, ...] = ()  # epochs between the first and the last without a row
    ahead: Ahead | None = None
    why_no_forecast: str = ""

    def curve(self, metric: str, split: str = "") -> Curve | None:
        """The curve of a metric and split; None where the log has none."""
        return next((one for one in self.curves if (one.metric, one.split) == (metric, split)), None)

    def train(self, metric: str) -> Curve | None:
        """The training curve of a metric."""
        return self.curve(metric, TRAIN)

    def held(self, metric: str) -> Curve | None:
        """The curve of a metric on images that aren't trained on: of the validation, else of the test set; and of that
        where the log has a single value of the validation."""
        val, test = self.curve(metric, VAL), self.curve(metric, TEST)
        return test if val is None or (test is not None and len(val.points) == 1 < len(test.points)) else val

    @property
    def last(self) -> float:
        """The last epoch or step with a value; 0 without one."""
        return max((curve.points[-1].x for curve in self.curves if curve.points), default=0.0)

    def at(self, x: float) -> str:
        """The place in words, such as "epoch 12"."""
        return f"{self.unit} {x:,.0f}" if x == round(x) else f"{self.unit} {x:,.2f}"


@dataclass(frozen=True)
class Unread:
    """What a reader made nothing of. line: None where it is the whole file."""

    file: str
    why: str
    line: int | None = None


@dataclass(frozen=True)
class History:
    """Every run that was found at `path`. unread: what was not parsed; more_unread: how many more lines weren't."""

    path: str
    runs: tuple[LoggedRun, ...]
    unread: tuple[Unread, ...] = ()
    more_unread: int = 0
    notes: tuple[str, ...] = ()

    @property
    def main(self) -> LoggedRun | None:
        """The run with the most values, of equal ones the last; None where none was read."""
        return max(reversed(self.runs), key=lambda run: sum(len(curve.points) for curve in run.curves), default=None)
