"""Which learning rate is best?"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from diagnose.catalogue import optimizers
from diagnose.model import LearningRate, usual_band
from diagnose.probing import lr_range
from diagnose.probing.bench import Arm, Bench
from diagnose.probing.cache import key_of
from diagnose.probing.questions.setting import WORTH, ProbeSetting
from diagnose.probing.rate_search import MOST, RateSearch
from diagnose.probing.train import by_frequency, train

RANGE_STEPS = 22  # of the range test, which is for the picture and for where the search begins
SEARCH_STEPS = 20  # of each run of the search
LONG_STEPS = 33  # of each run where the first of those learned nothing: four fit into the allowance
ALLOWANCE = 177  # steps of the range test and of all runs together
SEARCH_SEED = 1000  # away from the seeds that confirm, so that what was chosen by luck is found out


class Rates:
    """Which learning rate is best? First a range test, then the search on a grid of half-decades.

    Where its first run learns nothing, it begins again with longer ones. The suggestion is the minimum of the parabola
    through the best rate and its neighbours. steps: those of the range test and of all runs so far.
    """

    name = "learning rate"

    def __init__(self, setting: ProbeSetting, bench: Bench) -> None:
        self._setting, self._bench = setting, bench
        self.done = 0
        if setting.own is not None:
            self.arm = setting.own_arm(bench)
            self.configured: float | None = setting.own.learning_rate
            self._scale = self.arm.recipe.learning_rate / setting.own.learning_rate
        else:
            self.arm = Arm("reference", setting.arch, setting.weights is not None, setting.reference)
            self.configured, self._scale = None, 1.0
        self._test = lr_range.RangeTest(())
        self.steps, self._each = 0, SEARCH_STEPS
        self.search = RateSearch(self.arm.recipe.learning_rate)

    def information(self, done: int) -> float:
        """A fixed worth for each rate still to try, less without a configured one; 0 once the search has ended."""
        worth = WORTH["rate"] * (1.0 if self.configured is not None else 0.3)
        if done == 0:
            return worth
        if done > self.done:  # foreseen: the search usually ends after three or four rates
            return worth if done < 4 else 0.0
        return worth if self.search.next() is not None else 0.0

    def cost(self, done: int) -> float:
        """Seconds that round `done` takes: the range test first, then one short training per rate."""
        if done == 0:
            return 0.0 if self._range_key in self._bench.cache else self._bench.seconds(self.arm.arch, RANGE_STEPS, 0)
        place = self.search.next() if done == self.done else None
        if place is None:
            return self._bench.seconds(self.arm.arch, self._each)
        return self._bench.cost_of(self._at(place), self._seed, self._each)

    @property
    def _seed(self) -> int:
        return self._setting.job.seed + SEARCH_SEED

    @property
    def _range_key(self) -> str:
        return key_of("range", *self._bench.identity(self.arm), RANGE_STEPS)

    def _at(self, place: int) -> Arm:
        """The arm at a rate of the search."""
        rate = self.search.rate(place)
        recipe = replace(self.arm.recipe, learning_rate=rate, steps=None)
        return replace(self.arm, name=f"rate {rate / self._scale:.2g}", recipe=recipe)

    @property
    def finished(self) -> bool:
        """Whether the search has ended, with a suggestion or without."""
        return self.done > 0 and self.search.next() is None

    def run(self) -> None:
        """The range test in the first round; then a training at the rate that the search asks for next."""
        if self.done == 0:
            self._range_test()
        else:
            place = self.search.next()
            assert place is not None
            done, _ = self._bench.trained(self._at(place), self._seed, self._each)
            self.steps += self._each
            self.search.losses[place] = done.losses
            if done.diverged:
                self.search.diverged.add(place)
            if self._each < LONG_STEPS and not self.search.learned and self.search.next() is not None:
                self._begin_longer()
        self.done += 1

    def _range_test(self) -> None:
        schedule = lr_range.grid(self.arm.recipe.optimizer, RANGE_STEPS)
        stored = self._bench.cache.get(self._range_key)
        losses: list[float] = stored["losses"] if stored else []
        if stored is None:
            seed, arm, bench = self._setting.job.seed, self.arm, self._bench
            say_step = bench.announced("learning-rate test", arm.arch, "", seed, RANGE_STEPS)

            def step_done(step: int, loss: float) -> bool:
                losses.append(loss)
                return say_step(step, loss) and not lr_range.blown_up(losses)

            train(
                bench.model(arm, seed), arm.recipe, bench.images, schedule, bench.batch, seed, step_done,
                bench.machine, evaluate=False,
            )  # fmt: skip
            if losses:
                bench.cache.put(self._range_key, {"losses": losses})
        self._test = lr_range.read(schedule, losses)
        self.steps = len(losses)
        self._begin(self._test.begin or self._usual, SEARCH_STEPS)

    @property
    def _usual(self) -> float:
        """Where to begin without a range test: the rate as it is where it is usual, else the optimizer's usual one."""
        recipe = self.arm.recipe
        entry = optimizers.find(recipe.optimizer)
        low, high = usual_band(recipe.optimizer, self._bench.batch)
        return recipe.learning_rate if entry is None or low <= recipe.learning_rate <= high else entry.start

    def _begin(self, hint: float, steps: int, upwards: bool = True) -> None:
        self._each = steps
        most = min(MOST, (ALLOWANCE - self.steps) // steps)
        start = self.arm.recipe.learning_rate
        self.search = RateSearch(start, hint, nothing=self._nothing_learned, most=most, upwards=upwards)

    def _begin_longer(self) -> None:
        """Begins again with longer runs: below the rate so far and downwards where that did harm, else above it."""
        harmed, best = self.search.harmed, self.search.best
        if best is not None:
            self._begin(self.search.rate(best + (-1 if harmed else 1)), LONG_STEPS, upwards=not harmed)

    @property
    def suggested(self) -> float | None:
        """The best rate at the configured batch size, once it is bracketed and learned more than the frequencies."""
        place = self.search.optimum
        if place is None or not self.search.bracketed or not self._learns:
            return None
        return self.search.rate(place) / self._scale

    @property
    def _learns(self) -> bool:
        """Whether the best rate so far learned more than the frequencies of the labels."""
        best = self.search.best
        return best is not None and float(self.search.losses[best].mean()) < self._nothing_learned

    @cached_property
    def _nothing_learned(self) -> float:
        """The held-out loss of answering by the frequencies of the labels."""
        return float(by_frequency(self._bench.images).losses.mean())

    def answer(self) -> LearningRate | None:
        """Curve, rates tried and suggestion, all at the configured batch size; None before the range test."""
        if self.done == 0:
            return None
        band = self.search.band if self.suggested is not None else None
        return LearningRate(
            configured=self.configured,
            suggested=self.suggested,
            diverges_at=self._test.diverges_at / self._scale if self._test.diverges_at else None,
            curve=tuple((rate / self._scale, loss) for rate, loss in self._test.curve),
            steps=self._bench.steps,
            some_rate_learns=self._learns if self.finished else None,
            tried=tuple(replace(one, rate=one.rate / self._scale) for one in self.search.tried()),
            band=(self.search.rate(band[0]) / self._scale, self.search.rate(band[1]) / self._scale) if band else None,
        )
