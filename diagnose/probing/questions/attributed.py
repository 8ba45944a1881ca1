"""How much of the gap to the best known set-up, or to another one, does each factor explain?"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np

from diagnose.model import BEST_KNOWN, SEEDS_TO_SHOW, Attribution
from diagnose.probing.architectures import canonical, known
from diagnose.probing.attribution import Beyond, Setup, arms, attribution, best_known, differing
from diagnose.probing.bench import Arm, Bench
from diagnose.probing.plan import information_of_seed
from diagnose.probing.questions.compared import CompareArms
from diagnose.probing.questions.features import FeatureQuestions
from diagnose.probing.questions.rates import Rates
from diagnose.probing.questions.setting import WORTH, ProbeSetting
from diagnose.probing.statistics import paired


class AttributionQuestion:
    """How much of the gap between the configuration and the best known one, or another, does each factor explain?"""

    name = "which factor explains what"

    def __init__(
        self,
        setting: ProbeSetting,
        bench: Bench,
        rates: Rates,
        compared: CompareArms | None = None,
        features: FeatureQuestions | None = None,
    ) -> None:
        """compared, features: what else may turn out to be the best known."""
        self._setting, self._bench, self._rates = setting, bench, rates
        self._compared, self._features = compared, features
        self.done = 0
        self._both: bool | None = None

    @property
    def _towards(self) -> str:
        return BEST_KNOWN if self._setting.job.goal is None else "the other"

    @cached_property
    def own(self) -> Setup | None:
        """The configuration as it can be trained here; None where there is none to train."""
        own = self._setting.own
        setting = self._setting
        return Setup(setting.fitted(own, self._bench), setting.own_weights, setting.arch) if own else None

    def _goal(self, own: Setup) -> tuple[Setup, tuple[str, ...]]:
        job, weights = self._setting.job, self._setting.weights
        if job.goal is not None:
            name = "none" if job.goal.weights == "none" or weights is None else weights.name
            theirs = self._setting.fitted(job.goal.recipe, self._bench)
            if 1 not in (theirs.outputs, own.recipe.outputs):  # as many as the data has classes, on both sides
                theirs = replace(theirs, outputs=own.recipe.outputs)
            goal = Setup(theirs, name, self._their_arch)
            return goal, tuple(
                factor for factor in differing(own, goal) if set(factor.split(" and ")) & set(job.goal.factors)
            )
        goal = best_known(own, weights.name if weights else None, self._rates.suggested)
        return goal, differing(own, goal)

    @property
    def _their_arch(self) -> str:
        """The other's architecture where both start from random weights; else every arm runs on one."""
        goal = self._setting.job.goal
        theirs = goal.arch if goal is not None and self._setting.weights is None else None
        return canonical(theirs) if theirs is not None and known(theirs) else self._setting.arch

    def _arms(self, both: bool) -> dict[str, Arm]:
        if self.own is None:
            return {}
        goal, factors = self._goal(self.own)
        names = {"configured": "configured", "goal": self._towards}
        wanted = arms(self.own, goal, factors, both) if factors else {}
        return {key: self._setting.arm(names.get(key, key), setup, self._bench) for key, setup in wanted.items()}

    @property
    def both(self) -> bool:
        """Whether every factor is changed first and last; decided once, by what three rounds would cost."""
        if self._both is not None:
            return self._both
        return 3 * self._cost(0, True) <= self._bench.left

    @property
    def differs(self) -> bool:
        """Whether the configuration differs by a factor from what it is compared with."""
        return self.own is not None and bool(self._goal(self.own)[1])

    def information(self, done: int) -> float:
        """0 where no factor differs or the rate to compare with is still unknown; else one more seed's worth."""
        if not self.differs:
            return 0.0
        if self._setting.job.goal is None and not self._rates.finished and done == self.done:
            return 0.0  # the rate to compare with is not known yet
        answer = self.answer() if done == self.done >= 2 else None
        return WORTH["attributed"] * information_of_seed(done, answer.parts[0].gain if answer else None)

    def _cost(self, done: int, both: bool) -> float:
        seed = self._setting.job.seed + done
        return sum(self._bench.cost(arm, seed, arm.halfway) for arm in set(self._arms(both).values()))

    def cost(self, done: int) -> float:
        """Seconds that round `done` takes: one training of every variant."""
        return self._cost(done, self.both)

    def run(self) -> None:
        """Train every variant once more, with the next seed."""
        self._both = self.both
        first = self._setting.job.seed
        wanted = dict.fromkeys(self._arms(self._both).values())  # of two factors, one first is the other last
        for arm in wanted:
            seeds = range(first + self.done, first + max(self.done + 1, SEEDS_TO_SHOW))
            self._bench.begin_elsewhere(arm, seeds, halfway=arm.halfway)
        for arm in wanted:
            self._bench.run(arm, first + self.done, halfway=arm.halfway)
        self.done += 1

    @property
    def ends(self) -> list[Arm]:
        """The arm that the way leads to; none where nothing differs."""
        return [arm for key, arm in self._arms(False).items() if key == "goal"]

    def answer(self) -> Attribution | None:
        """The gap by factor, in accuracy (0..1); None before two seeds have run, or where there is no gap."""
        if self.own is None:
            return None
        both = bool(self._both)
        wanted = self._arms(both)
        goal, factors = self._goal(self.own)
        if not factors:  # the repaired set-up is the person's own
            wanted = dict.fromkeys(("configured", "goal"), self._setting.own_arm(self._bench))
        seeds = self._bench.seeds(*wanted.values())
        if len(seeds) < 2:
            return None
        beyond = None
        if self._setting.job.goal is None:
            seeds, beyond = self._beyond(seeds, wanted["goal"])
        if not factors and beyond is None:
            return None
        hits = {key: self._bench.hits(arm, seeds) for key, arm in wanted.items()}
        return attribution(self.own, goal, factors, hits, both, self._setting.arch, self._towards, beyond)

    def _beyond(self, seeds: list[int], goal: Arm) -> tuple[list[int], Beyond | None]:
        """The best of the reference recipe and frozen features that is shown to be better than the repaired set-up on
        the same images, and the seeds of the comparison: of these, those that it ran."""
        found: list[tuple[list[int], Beyond]] = []
        reference = self._compared.arms[-1] if self._compared else None
        if reference is not None:
            common = [seed for seed in seeds if seed in self._bench.results(reference)]
            found.append((common, Beyond("yours", "the reference recipe", self._bench.hits(reference, common))))
        images = len(self._bench.images.val)
        if self._features is not None and len(self._features.hits) >= images:
            same = [self._features.hits[:images]] * len(seeds)
            found.append((seeds, Beyond("training the network", "a linear probe on frozen features", same)))
        better = [
            (used, one)
            for used, one in found
            if (gain := paired(one.hits, self._bench.hits(goal, used))) is not None and gain.interval.low > 0
        ]
        return max(better, key=lambda one: float(np.mean(one[1].hits))) if better else (seeds, None)
