"""Measured differences and their intervals: nothing is claimed without one."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.model.basics import Confidence

SEEDS_TO_SHOW = 6


@dataclass(frozen=True)
class Interval:
    """A confidence interval: of 95% where nothing else is said."""

    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether the whole interval lies on one side of zero."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Paired:
    """The mean of `first - second` over the same seeds and images, with its interval and two-sided p value."""

    difference: float
    interval: Interval
    seeds: int
    images: int
    p: float | None = None

    @property
    def confidence(self) -> Confidence:
        """Fewer than six paired seeds can only indicate: a sign-flip test on five cannot go below p = .06."""
        return Confidence.SHOWN if self.seeds >= SEEDS_TO_SHOW else Confidence.INDICATED
