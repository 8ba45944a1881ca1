"""What every reader of a log hands over: rows of named values, and what the log says beside them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
NO_NUMBER = r"[-+]?(?:nan|inf(?:inity)?)\b"
CLOCK = re.compile(
    r"^(?:(?:(\d+)\s*h(?:ours?)?\s*)?(\d+)\s*m(?:in)?s?\s*)?(\d+(?:\.\d+)?)\s*s(?:ec)?$|^(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)$"
)


LARGEST_PLACE = 1e15  # epochs or steps


@dataclass
class Row:
    """Values that belong together. epoch, step: as the log counts them. part: how much of the epoch was done by then,
    None for the whole. percent: the names whose value had a percent sign."""

    values: dict[str, float]
    line: int | None = None
    epoch: float | None = None
    step: float | None = None
    part: float | None = None
    percent: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """A place that isn't a number, such as of a damaged log, is none."""
        if self.epoch is not None and not abs(self.epoch) < LARGEST_PLACE:
            self.epoch = None
        if self.step is not None and not abs(self.step) < LARGEST_PLACE:
            self.step = None


@dataclass
class Noticed:
    """A remark of the log between rows: the kind of its Mark, and after how many rows it stands."""

    kind: str
    text: str
    line: int | None
    after: int


@dataclass
class Rows:
    """All that a reader found in one file or folder of one run.

    name: of the run, where the place doesn't name it. unread: (line or None, why). settings: such as "learning rate".
    """

    form: str
    rows: list[Row] = field(default_factory=list)
    name: str = ""
    planned: int | None = None
    train_images: int | None = None
    val_images: int | None = None
    noticed: list[Noticed] = field(default_factory=list)
    settings: dict[str, float] = field(default_factory=dict)
    unread: list[tuple[int | None, str]] = field(default_factory=list)


def number(text: str) -> tuple[float, bool] | None:
    """The value of a cell or word and whether it was in percent; a clock time comes as seconds; None for other text."""
    text = text.strip().strip("'\"")
    percent = text.endswith("%")
    text = text.removesuffix("%").strip()
    if re.fullmatch(rf"{NUMBER}|{NO_NUMBER}", text, re.I):
        value = float(text)
        return value, percent
    inside = re.fullmatch(
        rf"(?:tensor|np\.float\d+|\w*\.?float\d+)\(\s*({NUMBER}|{NO_NUMBER})\s*(?:,.*)?\)", text, re.I
    )
    # A list has a value for each group of parameters (timm's learning rates): the first stands for it.
    if inside or (inside := re.fullmatch(rf"\[\s*({NUMBER}|{NO_NUMBER})\s*(?:,[^\]]*)?\]", text, re.I)):
        return float(inside[1]), percent
    if clock := CLOCK.match(text):
        groups = [float(group) if group else 0.0 for group in clock.groups()]
        hours, minutes, seconds = groups[:3] if clock[3] else groups[3:]
        return 3600 * hours + 60 * minutes + seconds, False
    return None


def whole(value: float) -> bool:
    """Whether a value is a whole number."""
    return math.isfinite(value) and value == int(value)
