"""Reduces a chain of arithmetic on images to a scaling, a mean and a standard deviation, where it is a usual one."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from diagnose.model import RAW_LIMIT, SYMMETRIC_STEP, UNIT_STEP, Location
from diagnose.training.pytorch.steps import Numbers, Pipeline

SMALLEST = 1e-3  # an epsilon added to a standard deviation against division by zero
NOTHING: Numbers = (0.0,) * 3
UNITY: Numbers = (1.0,) * 3


@dataclass(frozen=True)
class Operation:
    """One arithmetic step. sign: one of + - * /. numbers: per channel, None where known at run time only. single: one
    number for all channels."""

    sign: str
    numbers: Numbers | None
    single: bool
    at: Location


@dataclass
class Fold:
    """The operations so far as (pixels - mean) / std, in units of the pixels before the first of them.

    None: computed at run time. by_channel: whether any of them has per-channel numbers.
    """

    mean: Numbers | None = NOTHING
    std: Numbers | None = UNITY
    mean_at: Location | None = None
    std_at: Location | None = None
    by_channel: bool = False

    @property
    def untouched(self) -> bool:
        """Whether the operations so far change nothing."""
        return close(self.mean, NOTHING) and close(self.std, UNITY)

    def add(self, step: Operation) -> None:
        """Add one operation."""
        self.by_channel = self.by_channel or not step.single
        if step.sign in "+-":
            self._shift(step.numbers, 1 if step.sign == "-" else -1, step.at)
        else:
            self._stretch(step.numbers, step.sign, step.at)

    def _shift(self, by: Numbers | None, way: int, at: Location) -> None:
        self.mean_at = at
        if self.mean is None or self.std is None or by is None or len(by) != len(self.mean):
            self.mean = by if self.untouched and way > 0 else None
        else:
            self.mean = tuple(m + way * s * n for m, s, n in zip(self.mean, self.std, by, strict=True))

    def _stretch(self, by: Numbers | None, sign: str, at: Location) -> None:
        self.std_at = at
        if self.std is None or by is None or len(by) != len(self.std) or not all(by):
            self.std = by if self.std == UNITY and sign == "/" and by and all(by) else None
        else:
            self.std = tuple(s * n if sign == "/" else s / n for s, n in zip(self.std, by, strict=True))

    def settle(self, way: Pipeline) -> None:
        """Write the resulting scaling, mean and std into the pipeline."""
        at = self.mean_at or self.std_at
        if at is None or self.untouched:
            return
        if self.by_channel or self.mean is None or self.std is None:
            self._statistics(way)
            return
        mean, std = self.mean[0], self.std[0]
        if 126 <= mean <= 129 and 126 <= std <= 129:
            way.scale(SYMMETRIC_STEP, "scale_to_symmetric", self.std_at or at)
        elif mean == 0 and 254 <= std <= 256:
            way.scale(UNIT_STEP, "divide_by_255", self.std_at or at)
        elif (0 < mean < 1 and 0 < std <= 1) or (mean > RAW_LIMIT and std > RAW_LIMIT):
            self._statistics(way)
        else:
            way.doubt(f"the arithmetic on the images (line {at.line}) comes to no usual scaling")

    def _statistics(self, way: Pipeline) -> None:
        if self.mean_at is not None and not close(self.mean, NOTHING):
            way.subtract(_rounded(self.mean), self.mean_at)
        if self.std_at is not None and not close(self.std, UNITY):
            way.divide(_rounded(self.std), self.std_at)


def _rounded(numbers: Numbers | None) -> Numbers | None:
    """Numbers as originally written, without floating-point error."""
    return tuple(round(number, 12) for number in numbers) if numbers is not None else None


def close(one: Numbers | None, other: Numbers) -> bool:
    """Whether numbers are equal to within rounding."""
    return (
        one is not None
        and len(one) == len(other)
        and all(math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9) for a, b in zip(one, other, strict=True))
    )


def is_unit(step: Operation) -> bool:
    """Whether an operation scales 0..255 to 0..1."""
    if step.numbers is None or not step.single or step.sign not in "*/":
        return False
    number = step.numbers[0]
    return 254 <= (number if step.sign == "/" else 1 / number if number else 0) <= 256


def combined(channels: dict[int, list[Operation]]) -> list[Operation] | None:
    """Operations on each of the three channels as operations on all of them; None where they differ in kind."""
    if sorted(channels) != [0, 1, 2]:
        return None
    rows = [channels[number] for number in range(3)]
    if len({tuple(step.sign for step in row) for row in rows}) != 1:
        return None
    return [
        Operation(
            steps[0].sign,
            tuple(step.numbers[0] for step in steps if step.numbers)
            if all(step.numbers and step.single for step in steps)
            else None,
            False,
            steps[0].at,
        )
        for steps in zip(*rows, strict=True)
    ]


def fold(steps: Iterable[Operation], way: Pipeline) -> None:
    """Add the combined effect of operations, in order, to `way`."""
    so_far = Fold()
    for step in steps:
        tiny = step.numbers is not None and step.single and abs(step.numbers[0]) < SMALLEST
        if step.sign in "+-" and (tiny or (step.sign == "+" and step.numbers is None)):
            continue  # against division by zero, or noise, which keeps the scale
        if is_unit(step) and so_far.untouched:
            way.scale(UNIT_STEP, "divide_by_255", step.at)
        elif step.sign != "*" or step.numbers is not None:  # masks and mixing ratios of images aren't scalings
            so_far.add(step)
    so_far.settle(way)
