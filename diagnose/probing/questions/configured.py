"""How does the configuration do as it stands, and at the suggested rate?"""

from __future__ import annotations

import statistics
from dataclasses import replace

from diagnose.model import LearningRate, Paired, usual_band
from diagnose.probing.bench import Arm, Bench
from diagnose.probing.plan import information_of_seed
from diagnose.probing.questions.rates import Rates
from diagnose.probing.questions.setting import DIFFERENT, WORTH, ProbeSetting
from diagnose.probing.rate_search import lost_steps
from diagnose.probing.statistics import paired, wilson
from diagnose.probing.train import Trained


class Configured:
    """How does the configuration do as it stands, and at the suggested rate?"""

    name = "the configuration"

    def __init__(self, setting: ProbeSetting, bench: Bench, rates: Rates) -> None:
        self._setting, self._bench, self._rates = setting, bench, rates
        self.done = 0

    def _arms(self) -> list[Arm]:
        if self._setting.own is None:
            return []
        own = self._setting.own_arm(self._bench)
        suggested = self._suggested()
        return [own] if suggested is None else [own, suggested]

    def _suggested(self) -> Arm | None:
        """The configuration at the suggested rate, where its own is not usual, and the other is not the same."""
        rate, own = self._rates.suggested, self._setting.own
        if rate is None or own is None or 1 / DIFFERENT < rate / own.learning_rate < DIFFERENT:
            return None
        low, high = usual_band(own.optimizer, own.batch_size)
        if low <= own.learning_rate <= high:
            return None  # no short probe may report it, so there is nothing to confirm
        return self._setting.own_arm(self._bench, "suggested", rate)

    def information(self, done: int) -> float:
        """One more seed's worth, less from round 2 on where no other rate is suggested; 0 without a recipe to train."""
        arms = self._arms()
        if not arms:
            return 0.0
        answer = self._bench.gap(arms[0], arms[1], of="losses") if len(arms) == 2 and done == self.done else None
        worth = information_of_seed(done, answer)
        return WORTH["configured"] * (worth if len(arms) == 2 or done < 2 else 0.3 * worth)

    def cost(self, done: int) -> float:
        """Seconds that round `done` takes, with the suggested rate's training where there is one."""
        seed = self._setting.job.seed + done
        return sum(self._bench.cost(arm, seed, halfway=arm.halfway) for arm in self._arms())

    def run(self) -> None:
        """Train the configuration once more, and at the suggested rate as often, where there is one."""
        rounds = range(self.done + 1)  # the suggestion may have come after the first rounds
        for arm in self._arms():
            for number in rounds:
                self._bench.run(arm, self._setting.job.seed + number, halfway=arm.halfway)
        self.done += 1

    def results(self) -> list[Trained]:
        """The runs of the configuration as it stands."""
        arms = self._arms()
        return list(self._bench.results(arms[0]).values()) if arms else []

    def overfit(self) -> Paired | None:
        """The held-out loss at the end minus that at half way."""
        whole = [done for done in self.results() if len(done.halfway) and not done.void]
        return paired([done.losses for done in whole], [done.halfway for done in whole])

    def answer(self) -> LearningRate | None:
        """The learning-rate search with the confirming runs added; None before the search has begun."""
        rate = self._rates.answer()
        arms = self._arms()
        if rate is None or len(arms) < 2:
            return rate
        configured, suggested = (self._bench.results(arm) for arm in arms)
        prior = self._bench.prior()
        learned = [wilson(int(done.hits.sum()), len(done.hits)).low > prior for done in suggested.values()]
        lost = [
            lost_steps(*([loss for _, loss in arm[seed].curve] for arm in (configured, suggested)))
            for seed in self._bench.seeds(*arms)
        ]
        sound = not any(done.diverged for done in configured.values())
        known = [share for share in lost if share is not None]
        return replace(
            rate,
            confirmed=self._bench.gap(arms[0], arms[1], of="losses"),
            configured_diverged=bool(configured) and all(done.diverged for done in configured.values()),
            suggested_learns=bool(learned) and all(learned),
            lost_steps=max(0.0, statistics.fmean(known)) if known and len(known) == len(lost) and sound else None,
        )
