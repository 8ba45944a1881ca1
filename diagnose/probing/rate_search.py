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


@dataclass
class RateSearch:
    """Tries half-decades until the best has a worse one on either side.

    start: the configured rate. hint: a rate to begin at, such as a range test's. judge: held-out losses, one an
    image, and whether the run diverged, by rate.
    """

    start: float
    hint: float | None = None
    losses: dict[int, Array] = field(default_factory=dict)
    diverged: set[int] = field(default_factory=set)

    def rate(self, place: int) -> float:
        """The rate so many half-decades above the configured one."""
        return self.start * STEP**place

    @property
    def best(self) -> int | None:
        """The place of the lowest mean loss."""
        sound = {place: float(losses.mean()) for place, losses in self.losses.items() if place not in self.diverged}
        return min(sound, key=sound.__getitem__) if sound else None

    def next(self) -> int | None:
        """The place to try next; None once the best is bracketed, or nothing is left to try."""
        if len(self.losses) >= MOST:
            return None
        hinted = round(math.log(self.hint / self.start, STEP)) if self.hint else 0
        if not self.losses:
            return hinted
        if self.best is None:  # everything diverged so far
            return self._possible(min(self.losses) - 2)
        for place in (self.best + 1, self.best - 1):
            if place not in self.losses and self._possible(place) is not None:
                return place
        return None

    def _possible(self, place: int) -> int | None:
        return place if LOWEST <= self.rate(place) <= HIGHEST else None

    @property
    def bracketed(self) -> bool:
        """Whether the best lies inside what was tried: on the edge there is no verdict."""
        best = self.best
        return best is not None and best - 1 in self.losses and best + 1 in self.losses

    @property
    def band(self) -> tuple[int, int] | None:
        """The lowest and the highest place around the best whose loss cannot be told from the best one's."""
        best = self.best
        if best is None:
            return None
        low = high = best
        while self._alike(low - 1, best):
            low -= 1
        while self._alike(high + 1, best):
            high += 1
        return low, high

    def _alike(self, place: int, best: int) -> bool:
        if place not in self.losses or place in self.diverged:
            return False
        worse = self.losses[place] - self.losses[best]
        return float(worse.mean()) <= NOISE * float(worse.std(ddof=1)) / math.sqrt(len(worse))

    def tried(self) -> tuple[TriedRate, ...]:
        """Every rate with its mean loss, from the lowest."""
        return tuple(
            TriedRate(self.rate(place), float(self.losses[place].mean()), place in self.diverged)
            for place in sorted(self.losses)
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
