"""What more steps would do to a probe: whether its accuracy still rose in the second half of its steps.

Its glances are on at most GLANCED images of one seed, so that a rise has to be large to be one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from diagnose.model.intervals import Interval, newcombe
from diagnose.model.probes import ProbeRun

GLANCED = 100  # validation images that a run is looked at on while it trains
SMALL = 0.05  # a change within it on both sides doesn't count: less than a longer run or another seed brings


class Trend(StrEnum):
    """Where accuracy was going when the run ended."""

    RISING = "still rising"
    LEVEL = "level"
    FALLING = "falling"
    NOT_DECIDED = "not decided"


@dataclass(frozen=True)
class SecondHalf:
    """What the second half of the steps changed in accuracy (0..1), with its 95% interval over images.

    images: of the glance at half of the steps.
    """

    gain: float
    interval: Interval
    images: int

    @property
    def trend(self) -> Trend:
        """Rising or falling where the interval excludes zero, level where it lies within SMALL of it."""
        if self.interval.excludes_zero:
            return Trend.RISING if self.gain > 0 else Trend.FALLING
        level = self.interval.low >= -SMALL and self.interval.high <= SMALL
        return Trend.LEVEL if level else Trend.NOT_DECIDED


def second_half(run: ProbeRun, images: int) -> SecondHalf | None:
    """The change of a run with glances from half of its steps to the end; None for one without.

    images: all validation images, on which the last glance is; the others are on the first GLANCED of them. The
    interval takes the two for independent, which errs towards a wider one.
    """
    if len(run.glances) < 2:
        return None
    *before, (steps, reached) = run.glances
    _, half = min(before, key=lambda glance: abs(2 * glance[0] - steps))
    looked = min(GLANCED, images)
    return SecondHalf(reached - half, newcombe((reached, images), (half, looked)), looked)
