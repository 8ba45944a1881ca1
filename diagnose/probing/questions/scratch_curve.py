"""How much data is enough from scratch?"""

from __future__ import annotations

import numpy as np
import torch

from diagnose.model import LearningCurve
from diagnose.probing.bench import Arm, Bench
from diagnose.probing.data_curve import learning_curve
from diagnose.probing.plan import information_of_seed
from diagnose.probing.questions.setting import WORTH, ProbeSetting

PASSES = 3.0  # over the images, below which more of them cannot show in a short run from scratch
SCRATCH_SHARES = (0.25, 0.5, 1.0)


class ScratchCurve:
    """How much data is enough from scratch? Asked only where the short runs see the images several times."""

    name = "scratch on fewer images"

    def __init__(self, setting: ProbeSetting, bench: Bench) -> None:
        self._setting, self._bench = setting, bench
        self.done = 0
        self._arms = [Arm("scratch", setting.arch, False, setting.reference, share=share) for share in SCRATCH_SHARES]

    @property
    def _passes(self) -> float:
        return self._bench.steps * self._bench.batch / len(self._bench.images.train)

    def information(self, done: int) -> float:
        """One more seed's worth, three rounds at most; 0 where a run passes over the images fewer than PASSES times."""
        return WORTH["scratch curve"] * information_of_seed(done, None) if self._passes >= PASSES and done < 3 else 0.0

    def cost(self, done: int) -> float:
        """Seconds that round `done` takes: one training on each share of the images."""
        return sum(self._bench.cost(arm, self._setting.job.seed + done) for arm in self._arms)

    def run(self) -> None:
        """Train from scratch on each share of the images once more, with the next seed."""
        for arm in self._arms:
            self._bench.run(arm, self._setting.job.seed + self.done)
        self.done += 1

    def answer(self) -> LearningCurve | None:
        """Accuracy by images per class; only the reason where runs are too short; None before two seeds."""
        counts = torch.bincount(self._bench.images.train_labels)
        typical = float(counts[counts > 0].cpu().double().median())
        target = self._setting.job.target
        if self._passes < PASSES:
            why = f"a short run passes over the images {self._passes:.1f} times, too few to show what more would do"
            return LearningCurve("scratch", (), target=target, why=why)
        seeds = self._bench.seeds(*self._arms)
        if len(seeds) < 2:
            return None
        hits = np.stack([np.stack([self._bench.results(arm)[seed].hits for arm in self._arms]) for seed in seeds])
        return learning_curve("scratch", [share * typical for share in SCRATCH_SHARES], hits, target)
