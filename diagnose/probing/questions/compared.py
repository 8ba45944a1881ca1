"""Is pretrained ahead of scratch, everything else equal, and how much of that is the features?"""

from __future__ import annotations

import numpy as np

from diagnose import model as model
from diagnose.model import Paired
from diagnose.probing.bench import Arm, Bench
from diagnose.probing.plan import information_of_seed
from diagnose.probing.questions.setting import WORTH, ProbeSetting


class CompareArms:
    """Is pretrained ahead of scratch, everything else equal? And how much of that is the features?"""

    name = "scratch against pretrained"

    def __init__(self, setting: ProbeSetting, bench: Bench) -> None:
        self._setting, self._bench = setting, bench
        self.done = 0
        self.arms = [Arm("scratch", setting.arch, False, setting.reference)]
        if setting.weights is not None:
            self.arms.append(Arm("pretrained", setting.arch, True, setting.reference))
        starts_pretrained = setting.own is not None and setting.own_weights != "none"
        self._worth = WORTH["confirmed" if starts_pretrained else "compared"]
        self.scale = Scale(setting, bench, self.arms)

    def information(self, done: int) -> float:
        """One more seed's worth; without pretrained weights a share of it for two rounds, then 0."""
        if len(self.arms) == 1:
            return self._worth * 0.3 if done < 2 else 0.0
        return self._worth * information_of_seed(done, self._gap() if done == self.done else None)

    def cost(self, done: int) -> float:
        """Seconds that round `done` takes: one training from scratch and one from pretrained weights."""
        return sum(self._bench.cost(arm, self._setting.job.seed + done) for arm in self.arms)

    def run(self) -> None:
        """Train from scratch and from pretrained weights once more, with the next seed."""
        for arm in self.arms:
            self._bench.run(arm, self._setting.job.seed + self.done)
        self.done += 1

    def _gap(self) -> Paired | None:
        return self._bench.gap(self.arms[1], self.arms[0]) if len(self.arms) == 2 else None

    def answer(self) -> model.Comparison | None:
        """Both mean accuracies (0..1) and their paired gap; None before two seeds, or without pretrained weights."""
        gap, weights = self._gap(), self._setting.weights
        if gap is None or weights is None:
            return None
        scratch, pretrained = self.arms
        seeds = self._bench.seeds(scratch, pretrained)
        reached = [float(np.mean(self._bench.hits(arm, seeds))) for arm in self.arms]
        return model.Comparison(
            scratch.arch, weights.name, weights.substitute, reached[0], reached[1], gap,
            self._bench.gap(pretrained, self.scale.arm),
        )  # fmt: skip


class Scale:
    """How far do random weights of the pretrained ones' scale get?"""

    name = "mean-variance initialisation"

    def __init__(self, setting: ProbeSetting, bench: Bench, compared: list[Arm]) -> None:
        self._setting, self._bench, self._compared = setting, bench, compared
        self.done = 0
        self.arm = Arm("mean-variance", setting.arch, True, setting.reference, features=False)

    def information(self, done: int) -> float:
        """One more seed's worth; 0 without pretrained weights to take the scale from."""
        answer = self._bench.gap(self._compared[-1], self.arm)
        return WORTH["scale"] * information_of_seed(done, answer) if len(self._compared) == 2 else 0.0

    def cost(self, done: int) -> float:
        """Seconds that round `done` takes: one training."""
        return self._bench.cost(self.arm, self._setting.job.seed + done)

    def run(self) -> None:
        """Train from random weights of the pretrained scale once more, with the next seed."""
        self._bench.run(self.arm, self._setting.job.seed + self.done)
        self.done += 1
