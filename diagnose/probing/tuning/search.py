"""The search: Optuna proposes recipes, short trainings judge them, and the better half trains on.

Every recipe is trained with one seed: the same images in the same order with the same draws, so that recipes are
compared in pairs. Optuna's sampler learns from all of them (TPE: Bergstra et al. 2011), and its pruner ends what is not
among the better half at a rung (ASHA: Li et al. 2020, after Jamieson and Talwalkar 2016).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import optuna
from optuna.pruners import SuccessiveHalvingPruner
from optuna.samplers import TPESampler
from optuna.trial import Trial, TrialState

from diagnose.model import TriedRecipe
from diagnose.probing.statistics import Array
from diagnose.probing.train import Trained
from diagnose.probing.tuning.size import REDUCTION
from diagnose.probing.tuning.space import Params, Space, rounded

RANDOM = 8  # recipes before the sampler learns from them, those that the search begins with among them
MOST = 400  # recipes, however much time there is

Train = Callable[[Params, int, int], Trained]  # a recipe, its number and its steps
Fits = Callable[[int], bool]  # whether there is time for a training of so many steps
Begin = Callable[[Params, int], None]  # a recipe and its steps: that training will be asked for


@dataclass(frozen=True)
class Candidate:
    """A recipe that was trained to the last rung, and its losses: one per held-out image of the search."""

    params: Params
    losses: Array

    @property
    def loss(self) -> float:
        """The mean over the images."""
        return float(self.losses.mean())


class Search:
    """Tries recipes of a space, the person's own first. Raises whatever `train` raises. width: recipes that are drawn
    and begun together, as many as run at once."""

    def __init__(
        self,
        space: Space,
        rungs: tuple[int, ...],
        seed: int,
        train: Train,
        fits: Fits,
        begin: Begin = lambda params, steps: None,
        width: int = 1,
    ) -> None:
        self._space, self._rungs, self._train, self._fits = space, rungs, train, fits
        self._begin, self._width = begin, width
        optuna.logging.set_verbosity(optuna.logging.CRITICAL)
        self._study = optuna.create_study(
            sampler=TPESampler(seed=seed, n_startup_trials=RANDOM),
            pruner=SuccessiveHalvingPruner(min_resource=1, reduction_factor=REDUCTION),
        )
        for start in (space.own, *space.starts()):
            self._study.enqueue_trial({one.name: one.within(start[one.name]) for one in space.dimensions})
        self.tried: list[TriedRecipe] = []
        self.finished: list[Candidate] = []  # the person's own first

    @property
    def best(self) -> Candidate | None:
        """The candidate of the lowest loss; None before the person's own recipe was trained to the end."""
        return min(self.finished, key=lambda one: one.loss, default=None)

    def run(self, heard: Callable[[], None]) -> None:
        """Tries recipes until there is no time for another one; `heard` is called after each."""
        while len(self.tried) < MOST and self._space.dimensions and self._fits(self._rungs[0]):
            trials = [self._study.ask() for _ in range(min(self._width, MOST - len(self.tried)))]
            own = [] if self.tried else [self._space.own]
            drawn = [*own, *(self._drawn(trial) for trial in trials[len(own) :])]
            for params in drawn:
                self._begin(params, self._rungs[0])
            for trial, params in zip(trials, drawn, strict=True):
                self._try(trial, params)
                heard()

    def _try(self, trial: Trial, params: Params) -> None:
        if not self._fits(self._rungs[0]):
            self._study.tell(trial, state=TrialState.FAIL)
            return
        try:
            done = self._climb(trial, params)
        except BaseException:
            self._study.tell(trial, state=TrialState.FAIL)
            raise
        if done is None:
            self._study.tell(trial, state=TrialState.PRUNED)
        else:
            self._study.tell(trial, done)

    def _climb(self, trial: Trial, params: Params) -> float | None:
        """The recipe's loss at the last rung; None where it did not get there."""
        first = not self.tried
        changes = ", ".join(f"{one.factor} {one.after}" for one in self._space.changes(params))
        number = len(self.tried) + 1
        for rung, steps in enumerate(self._rungs):
            if rung and not self._fits(steps):
                return None
            done = self._train(params, number, steps)
            loss = float(done.losses.mean())
            self.tried[number - 1 :] = [TriedRecipe(changes, steps, loss, done.diverged)]
            trial.report(loss, REDUCTION**rung)
            last = rung + 1 == len(self._rungs)
            if last:
                if not done.diverged or first:
                    self.finished.append(Candidate(params, done.losses))
                return loss
            if not first and (done.diverged or trial.should_prune()):
                return None
        return None

    def _drawn(self, trial: Trial) -> Params:
        """What the sampler proposes."""
        params: dict[str, float | str] = {}
        for one in self._space.dimensions:
            if one.choices:
                chosen = trial.suggest_categorical(one.name, one.choices)
                assert isinstance(chosen, float | str)
                params[one.name] = chosen
                continue
            value = rounded(trial.suggest_float(one.name, one.low, one.high, log=True))
            own = float(one.own)
            params[one.name] = one.own if value == rounded(float(one.within(own))) else value
        return params
