"""What earlier runs logged."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator

from diagnose.model import Interval, Unread
from diagnose.report.response.part import AsIs, Part, at


class LoggedCurve(Part):
    """One metric of a run. in_percent: whether the log writes it so. split_is_guessed: the log doesn't say it."""

    metric: str
    split: str = at("split", "train, val, test, or empty.")
    name: str = at("name", "As the log writes it.")
    in_percent: bool = at("percent")
    split_is_guessed: bool = at("guessed")
    points: Annotated[
        tuple[tuple[float, float], ...], BeforeValidator(lambda points: [(point.x, point.value) for point in points])
    ] = at("points", "Pairs of x and value; accuracies are 0..1, NaN is null.")


class Remark(Part):
    """A remark of the log: resume, unfreeze, rate, early stop, interrupt, crash."""

    kind: str
    at: float = at("x")
    text: str
    line: int | None


class AccuracyAhead(Part):
    """Where validation accuracy is going, with an interval of 80%. worth: whether it will be more than the best so
    far."""

    at: float
    accuracy: float
    interval: Annotated[Interval, AsIs()]
    gain: float
    worth: bool


class Logged(Part):
    """One training as its log shows it."""

    name: str
    file: str
    form: str = at("form", "Of the log, such as table or printed text.")
    unit: str
    last: float
    planned: int | None
    counts_from_zero: bool = at("zero_based", "Whether the log counts epochs from 0.")
    train_images: int | None
    val_images: int | None
    curves: tuple[LoggedCurve, ...]
    marks: tuple[Remark, ...]
    settings: dict[str, float]
    missing: tuple[int, ...] = at("missing", "Epochs without a row.")
    forecast: AccuracyAhead | None = at("ahead")
    why_no_forecast: str


class Earlier(Part):
    """What earlier runs logged (--log). x of a curve is the epoch, from 1, or the optimizer step."""

    path: str
    runs: tuple[Logged, ...]
    unread: Annotated[tuple[Unread, ...], AsIs()]
    unread_lines_not_listed: int = at("more_unread")
    notes: tuple[str, ...]
