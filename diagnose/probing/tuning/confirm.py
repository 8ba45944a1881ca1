"""The confirmation: the best recipe against the person's own, on new seeds and on held-out images the search never saw.

The luckiest of many recipes looks best. So what the search measured isn't evidence, and the number of seeds is set
before the first of them: an interval that may be looked at after each would exclude zero too often.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from diagnose.model import SEEDS_TO_CONFIRM, Paired
from diagnose.probing.bench import Arm, Bench

MOST = 8  # seeds


@dataclass(frozen=True)
class Confirmation:
    """Two arms on one bench. first: the first seed."""

    bench: Bench
    own: Arm
    best: Arm
    first: int

    def seeds(self, seconds: float) -> int:
        """Seeds for which there is time, within the fewest and the most."""
        each = sum(self.bench.seconds(arm.arch, self.bench.steps) for arm in (self.own, self.best))
        return max(SEEDS_TO_CONFIRM, min(MOST, int(seconds / max(each, 1e-9))))

    def run(self, seeds: int, heard: Callable[[], None]) -> None:
        """Trains both on so many seeds; `heard` is called after each. Raises OutOfTime."""
        wanted = range(self.first, self.first + seeds)
        for arm in (self.own, self.best):
            self.bench.begin_elsewhere(arm, wanted)
        for seed in wanted:
            self.bench.run(self.own, seed)
            self.bench.run(self.best, seed)
            heard()

    @property
    def gain(self) -> Paired | None:
        """Accuracy (0..1) of the best recipe minus that of the person's own; None before two seeds."""
        return self.bench.gap(self.best, self.own)

    @property
    def reached(self) -> tuple[float, float] | None:
        """Mean accuracies of the person's recipe and of the best one; None before both ran."""
        seeds = self.bench.seeds(self.own, self.best)
        if not seeds:
            return None
        own, best = (float(np.mean(self.bench.hits(arm, seeds))) for arm in (self.own, self.best))
        return own, best
