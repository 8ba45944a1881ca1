"""What will the long run take, and what does it wait for?"""

from __future__ import annotations

from dataclasses import replace

import torch

from diagnose.events import ProbeStarted
from diagnose.model import Forecast
from diagnose.probing.bench import Bench
from diagnose.probing.cache import key_of
from diagnose.probing.forecast import forecast, loading_seconds, memory_bytes, step_seconds
from diagnose.probing.job import Failed
from diagnose.probing.questions.configured import Configured
from diagnose.probing.questions.setting import WORTH, ProbeSetting
from diagnose.probing.recipe import Recipe
from diagnose.probing.statistics import crossed

FORECAST_SHARE = 0.08  # of the time that is left


class ForecastQuestion:
    """What will the long run take, and what does it wait for?"""

    name = "forecast of the long run"

    def __init__(self, setting: ProbeSetting, bench: Bench, configured: Configured) -> None:
        self._setting, self._bench, self._configured = setting, bench, configured
        self.done = 0
        self._told: Forecast | None = None
        self._batch = 1

    def information(self, done: int) -> float:
        """A fixed worth for the one round; 0 after it, where the full training run is unknown, or before the
        configuration was trained: even to time another architecture takes a while."""
        waits = self._setting.own is not None and not self._configured.done
        return WORTH["forecast"] if done == 0 and self._setting.job.long_run is not None and not waits else 0.0

    def cost(self, done: int) -> float:
        """Seconds to time a few of the full training run's steps; it also picks the batch size they use."""
        run = self._setting.job.long_run
        assert run is not None
        if self._key in self._bench.cache:
            return 0.5
        image = self._bench.speeds.of(self._setting.stock).train * (run.input_size / self._bench.images.size) ** 2
        left = max(0.0, self._bench.left)
        self._batch = int(max(2, min(run.batch_size, FORECAST_SHARE * left / (4 * image))))
        return 4 * self._batch * image + 1.0

    @property
    def _key(self) -> str:
        job, run, device = self._setting.job, self._setting.job.long_run, self._bench.device.type
        assert run is not None
        own = self._setting.own or Recipe()
        told = [self._setting.stock, own.optimizer, own.augmentations, run.input_size, run.batch_size, device]
        return key_of("forecast", job.fingerprint, *told, torch.get_num_threads())

    def run(self) -> None:
        """Time steps and loading as in the full training run. Where they do not run here, emit Failed."""
        self.done += 1
        run, own, bench = self._setting.job.long_run, self._setting.own or Recipe(), self._bench
        assert run is not None
        arch, classes = self._setting.stock, len(self._setting.job.classes)
        stored = bench.cache.get(self._key)
        if stored is None:
            bench.emit(ProbeStarted("forecast", self._setting.job.seed, arch, "", 1))
            try:
                compute = step_seconds(
                    arch, own, classes, run, self._batch, bench.device, bench.machine.deadline, bench.machine.clock
                )
            except RuntimeError as fault:  # the long run's images may not fit into memory here
                why = f"the long run's batches could not be timed ({str(fault).splitlines()[0]})"
                bench.emit(Failed(why, "forecast"))
                return
            loading = loading_seconds([path for path, _ in self._setting.job.train], own, run.input_size)
            stored = {"compute": compute, "loading": loading}
            bench.cache.put(self._key, stored)
        memory = memory_bytes(arch, own, classes, run)
        self._told = forecast(run, stored["compute"], stored["loading"], bench.device.type, memory)

    def told(self) -> Forecast | None:
        """The forecast with what the runs of the configuration say of its accuracy."""
        if self._told is None:
            return None
        target = self._setting.job.target
        runs = [done.hits for done in self._configured.results()]
        reached = crossed(runs)
        if reached is None:
            return replace(self._told, target=target, accuracy_why="the configuration was not trained twice")
        low, high = max(0.0, reached.interval.low), min(1.0, reached.interval.high)
        if self._told.steps <= self._bench.steps:
            return replace(self._told, target=target, accuracy_low=low, accuracy_high=high)
        why = f"no upper end is told from {self._bench.steps} of its {self._told.steps:,} steps"
        return replace(self._told, target=target, accuracy_low=low, accuracy_why=why)
