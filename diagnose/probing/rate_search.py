"""The search for the learning rate: short trainings on a grid of half-decades around the configured rate.

Pure bookkeeping: it says which rate to try next and reads what came out, and trains nothing itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from diagnose.model import TriedRate
from diagnose.probing.statistics import Array

STEP = 10**0.5  # half a decade
LOWEST, HIGHEST = 1e-8, 30.0  # rates that nothing trains at
MOST = 9  # rates tried
NOISE = 2.0  # standard errors, over the held-out images, within which two rates are alike
HARM = 1.03  # times the loss of the label frequencies, beyond which a rate did harm; an untrained network is below
# Above the best rate the loss rises as over a cliff, which longer runs recover from: in the parabola it counts for this
# many times what it rises below the best, at most.
STEEP = 3.0


@dataclass
class RateSearch:
    """Tries half-decades until the best has a worse one on either side.

    start: the configured rate. hint: a rate to begin at, such as a range test's. nothing: the held-out loss of the
    label frequencies, infinite where it is not known. most: rates to try. upwards: whether the rate above the best is
    tried before the one below it, even where none has learned yet. losses, diverged: held-out losses, one per image,
    and whether the run diverged, by place.
    """

    start: float
    hint: float | None = None
    losses: dict[int, Array] = field(default_factory=dict)
    diverged: set[int] = field(default_factory=set)
    nothing: float = math.inf
    most: int = MOST
    upwards: bool = True

    def rate(self, place: float) -> float:
        """The rate so many half-decades above the configured one."""
        return float(self.start * STEP**place)

    @property
    def best(self) -> int | None:
        """The place of the lowest mean loss."""
        sound = {place: self._mean(place) for place in self.losses if place not in self.diverged}
        return min(sound, key=sound.__getitem__) if sound else None

    def _mean(self, place: int) -> float:
        return float(self.losses[place].mean())

    @property
    def learned(self) -> bool:
        """Whether the best rate got a lower loss than the label frequencies."""
        best = self.best
        return best is not None and self._mean(best) < self.nothing

    def next(self) -> int | None:
        """The place to try next; None once the best is bracketed, or nothing is left to try."""
        if len(self.losses) >= self.most:
            return None
        if not self.losses:
            return round(math.log(self.hint / self.start, STEP)) if self.hint else 0
        best = self.best
        if best is None:  # everything diverged so far
            return self._possible(min(self.losses) - 2)
        for place in (best + 1, best - 1) if self.upwards or self.learned else (best - 1, best + 1):
            if place not in self.losses and self._possible(place) is not None:
                return place
        return None

    @property
    def harmed(self) -> bool:
        """Whether even the best rate left the network worse than untrained."""
        best = self.best
        return best is None or self._mean(best) > HARM * self.nothing

    def _possible(self, place: int) -> int | None:
        return place if LOWEST <= self.rate(place) <= HIGHEST else None

    @property
    def bracketed(self) -> bool:
        """Whether the best lies inside what was tried: on the edge there is no verdict."""
        best = self.best
        return best is not None and best - 1 in self.losses and best + 1 in self.losses

    @property
    def optimum(self) -> float | None:
        """The place of the lowest loss by the parabola through the best and its neighbours, at most half a place from
        the best; the best itself where it is not bracketed."""
        best = self.best
        if best is None or not self.bracketed:
            return best
        low, high = (self._mean(place) - self._mean(best) for place in (best - 1, best + 1))
        high = min(high, STEEP * low)
        return best + 0.5 * (low - high) / (low + high) if low + high else best

    @property
    def band(self) -> tuple[float, float] | None:
        """The places around the best whose loss is indistinguishable from the best one's, half way to the first that
        isn't."""
        best = self.best
        if best is None:
            return None
        low = high = best
        while self._alike(low - 1, best):
            low -= 1
        while self._alike(high + 1, best):
            high += 1
        return (low - 0.5 if low - 1 in self.losses else low), (high + 0.5 if high + 1 in self.losses else high)

    def _alike(self, place: int, best: int) -> bool:
        if place not in self.losses or place in self.diverged:
            return False
        worse = self.losses[place] - self.losses[best]
        return float(worse.mean()) <= NOISE * float(worse.std(ddof=1)) / math.sqrt(len(worse))

    def tried(self) -> tuple[TriedRate, ...]:
        """Every rate with its mean loss, from the lowest."""
        return tuple(
            TriedRate(self.rate(place), self._mean(place), place in self.diverged) for place in sorted(self.losses)
        )


def lost_steps(configured: list[float], better: list[float]) -> float | None:
    """The share of the steps that the better rate does not need to reach the last loss of the worse one.

    configured, better: training losses by step. None where the better rate never gets there.
    """
    configured, better = _smooth(configured), _smooth(better)
    if not configured or not better:
        return None
    reached = next((step for step, loss in enumerate(better) if loss <= configured[-1]), None)
    return None if reached is None else 1 - (reached + 1) / len(configured)


def _smooth(losses: list[float], width: int = 5) -> list[float]:
    return [float(np.mean(losses[max(0, step - width + 1) : step + 1])) for step in range(len(losses))]
