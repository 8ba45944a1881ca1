"""A session that searches for a better recipe, in place of the questions: search, simplify, confirm, in its time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import nn

from diagnose.events import ProbesPlanned, Tuned, Working
from diagnose.model import SEEDS_TO_CONFIRM, Tuning
from diagnose.probing.attribution import Setup
from diagnose.probing.bench import Arm, Bench
from diagnose.probing.clock import OutOfTime
from diagnose.probing.cluster import Cluster
from diagnose.probing.job import Failed
from diagnose.probing.questions.setting import ProbeSetting
from diagnose.probing.recipe import Recipe
from diagnose.probing.session import MORE_TIME, ProbeSession
from diagnose.probing.statistics import Array
from diagnose.probing.train import Trained
from diagnose.probing.tuning import size
from diagnose.probing.tuning.confirm import Confirmation
from diagnose.probing.tuning.dimensions import MUCH_LONGER, Around
from diagnose.probing.tuning.search import Search
from diagnose.probing.tuning.simplify import simplified
from diagnose.probing.tuning.space import Params, Space
from diagnose.probing.weights import Head, build, head_of

SEARCH_SEED, NEW_SEEDS = 2000, 3000  # away from each other, and from those of the other sessions
PART = "tuning"


class TuneSession(ProbeSession):
    """Runs a Job whose `tune` is set. Emits Tuned after each recipe and after each new seed, so that a session cut
    short leaves what is known; Failed where nothing can be tuned."""

    def _run(self, setting: ProbeSetting) -> None:
        if setting.own is None:
            self.emit(Failed("the configuration's own recipe can't be trained here, so nothing was tuned", PART))
            return
        self._begin, self._setting, self._known = self.machine.clock(), setting, Tuning((), 0.0, 0, setting.arch)
        try:
            self._prepare(setting, setting.own)
            if self._search_bench.steps:
                self._announce_plan()
                self._tune()
        except OutOfTime:
            pass
        if not self._known.steps:
            why = f"a budget of {self.job.seconds:.0f} s is too short to tune anything here"
            self.emit(Failed(f"{why}; give a --budget of {MORE_TIME * self.job.seconds:.0f}s or more", PART))
            return
        self._report()

    def _prepare(self, setting: ProbeSetting, own: Recipe) -> None:
        """The two benches, of one length, and the space. Raises OutOfTime."""
        pictures, speeds, train, val = self._sized(setting, self._pictures(self._first_side))
        images = pictures.first(train, min(pictures.most[1], 2 * val))
        half = (len(images.val) + 1) // 2  # stratified, so that either half holds every class

        def bench(part: slice, name: str) -> Bench:
            return Bench(
                replace(images, val=images.val[part], val_labels=images.val_labels[part]), len(self.job.classes),
                setting.weights, speeds.batch, f"{self.job.fingerprint}:{name}", self.cache, self.emit, self.machine,
                speeds,
            )  # fmt: skip

        self._search_bench, self._confirm_bench = bench(slice(half), "search"), bench(slice(half, None), "confirm")
        steps = size.length(self.machine.left, self._seconds, own.steps)
        self._search_bench.steps = self._confirm_bench.steps = steps
        if self.job.ray:
            self._search_bench.cluster, self._confirm_bench.cluster = Cluster(self.job.ray), Cluster(self.job.ray)
        self._time = self.machine.left
        full = self.job.full_run.steps if self.job.full_run else None
        tune = self.job.tune
        assert tune is not None
        self._space = Space(
            Around(
                own=own,
                classes=self.job.classes,
                framework=tune.framework,
                pretrained=setting.own_weights != "none",
                dropout=_takes_dropout(setting.arch),
                short=full is None or full > MUCH_LONGER * steps,
                fixed=dict(tune.fixed),
            )
        )
        self._known = replace(self._known, full_steps=full, left_out=tuple(self._space.left_out))

    def _seconds(self, steps: int) -> float:
        """What a training takes. Before the first, evaluation was timed on few images: it is no slower than half of a
        step's time per image, for it is a forward pass of one forward and two backward ones."""
        bench, arch = self._search_bench, self._setting.arch
        speed = bench.speeds.of(arch)
        speed.evaluate = min(speed.evaluate, speed.train / 2)
        return bench.seconds(arch, steps)

    @property
    def _reserve(self) -> float:
        """Seconds that the search leaves, by the pace of the last trainings."""
        return size.reserve(self._time, self._search_bench.steps, self._seconds)

    def _announce_plan(self) -> None:
        """What will run: as many recipes as there is time for, if half of them advance from each rung."""
        steps, left = self._search_bench.steps, self.machine.left
        self._expected = max(1, int((left - self._reserve) / size.of_recipe(steps, self._seconds)))
        self.emit(ProbesPlanned((f"about {self._expected} recipes", "the best against yours on new seeds"), left))

    # ------------------------------------------------------------------ search, simplify, confirm

    def _tune(self) -> None:
        """Raises OutOfTime."""
        steps = self._search_bench.steps
        self._known = replace(self._known, steps=steps)
        search = Search(
            self._space, size.rungs(steps), self.job.seed, self._train_numbered,
            lambda steps: self._seconds(steps) <= self.machine.left - self._reserve, self._begun_elsewhere,
            self._search_bench.cluster.places(self.device.type) if self._search_bench.cluster else 1,
        )  # fmt: skip

        def heard() -> None:
            best = search.best  # as it is, in case that time ends here
            changes = self._space.changes(best.params) if best else ()
            self._known = replace(self._known, tried=tuple(search.tried), changes=changes)
            self._report()

        search.run(heard)
        best = search.best
        if best is None or not self._space.changed(best.params):
            return
        self._best(simplified(self._space, best, self._losses))

    def _best(self, params: Params) -> None:
        """Confirms a recipe. Raises OutOfTime."""
        self._known = replace(self._known, changes=self._space.changes(params))
        bench, left = self._confirm_bench, size.USED * self.machine.left
        bench.steps = size.confirmed(bench.steps, left, self._seconds)
        self._known = replace(self._known, steps=bench.steps)
        confirmation = Confirmation(
            bench, self._arm("yours", self._space.own, bench), self._arm("best", params, bench),
            self.job.seed + NEW_SEEDS,
        )  # fmt: skip
        planned = confirmation.seeds(left)
        self._known = replace(self._known, planned=planned)
        self._report()

        def heard() -> None:
            start, reached = confirmation.reached or (None, None)
            self._known = replace(self._known, gain=confirmation.gain, start=start, reached=reached)
            self._report()

        confirmation.run(planned, heard)

    def _arm(self, name: str, params: Params, bench: Bench) -> Arm:
        setup = Setup(self._space.recipe(params), self._setting.own_weights)
        return self._setting.arm(name, setup, bench)

    def _train_numbered(self, params: Params, number: int, steps: int) -> Trained:
        """One training of the search."""
        self.emit(Working(f"recipe {number}", number, max(number, self._expected)))
        return self._trained("yours" if number == 1 else f"recipe {number}", params, steps)

    def _begun_elsewhere(self, params: Params, steps: int) -> None:
        bench = self._search_bench
        bench.begin_elsewhere(self._arm("recipe", params, bench), [self.job.seed + SEARCH_SEED], steps=steps)

    def _trained(self, name: str, params: Params, steps: int) -> Trained:
        bench = self._search_bench
        done, _ = bench.trained(self._arm(name, params, bench), self.job.seed + SEARCH_SEED, steps)
        return done

    def _losses(self, params: Params) -> Array | None:
        """Of a recipe that takes changes back; None where the confirmation needs the time, or where it diverged."""
        steps = self._search_bench.steps
        spare = self.machine.left - size.confirmation(SEEDS_TO_CONFIRM, steps, self._seconds) / size.USED
        if self._seconds(steps) > spare:
            return None
        done = self._trained("simpler", params, steps)
        return None if done.diverged else np.asarray(done.losses)

    def _report(self) -> None:
        seconds = self.machine.clock() - self._begin
        self._known = replace(self._known, seconds=seconds, notes=tuple(self.notes))
        self.emit(Tuned(self._known))


def _takes_dropout(arch: str) -> bool:
    """Whether the network's head is a linear layer, ahead of which there may be dropout."""
    with torch.device("meta"):
        model = build(arch, 2, None, 0)
    return isinstance(model.get_submodule(head_of(model)), nn.Linear | Head)
