"""Measured differences and their intervals: nothing is claimed without one."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

from diagnose.model.basics import Confidence

SEEDS_TO_SHOW = 6
LEVEL = 0.95
NORMAL = NormalDist().inv_cdf((1 + LEVEL) / 2)  # standard deviations of a normal that hold so much on both sides


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


def wilson(hits: float, images: int, z: float = NORMAL) -> Interval:
    """The interval of an accuracy over the validation images alone (Wilson, 1927); of 95%, unless z says otherwise."""
    centre = (hits + z**2 / 2) / (images + z**2)
    half = z / (images + z**2) * (hits * (images - hits) / images + z**2 / 4) ** 0.5
    return Interval(0.0 if hits == 0 else centre - half, 1.0 if hits == images else centre + half)


def newcombe(first: tuple[float, int], second: tuple[float, int]) -> Interval:
    """The 95% interval of first - second, two shares of images (0..1, images) that are taken for independent: method 10
    of Newcombe (Statistics in Medicine 17, 1998), of both Wilson intervals. Where both are of the same images it errs
    towards a wider one."""
    (one, ones), (other, others) = first, second
    of_one, of_other = wilson(one * ones, ones), wilson(other * others, others)
    down = ((one - of_one.low) ** 2 + (of_other.high - other) ** 2) ** 0.5
    up = ((of_one.high - one) ** 2 + (other - of_other.low) ** 2) ** 0.5
    return Interval(one - other - down, one - other + up)
