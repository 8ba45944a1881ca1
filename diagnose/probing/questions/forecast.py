"""How long will the full training run take, what does it wait for, and does it fit into the card's memory?"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import torch

from diagnose.events import ProbeStarted
from diagnose.model import Card, Fit, Forecast
from diagnose.probing.bench import Bench
from diagnose.probing.cache import key_of
from diagnose.probing.card import card_of, memory_of
from diagnose.probing.forecast import forecast, loading_seconds, step_seconds
from diagnose.probing.job import Failed
from diagnose.probing.questions.configured import Configured
from diagnose.probing.questions.setting import WORTH, ProbeSetting
from diagnose.probing.recipe import Recipe
from diagnose.probing.statistics import crossed

FORECAST_SHARE = 0.08  # of the time that is left
WALK = 1.0  # seconds to follow a step's memory in one form, ResNet50's on one core
CHANGES = 8  # forms that are followed more where a card is known


class ForecastQuestion:
    """How long will the full training run take, and what does it wait for?"""

    name = "forecast of the full training run"

    def __init__(self, setting: ProbeSetting, bench: Bench, configured: Configured) -> None:
        self._setting, self._bench, self._configured = setting, bench, configured
        self.done = 0
        self._forecast: Forecast | None = None
        self._batch = 1

    def information(self, done: int) -> float:
        """A fixed worth for the one round; 0 after it, where the full training run is unknown, or before the
        configuration was trained: even to time another architecture takes a while."""
        waits = self._setting.own is not None and not self._configured.done
        return WORTH["forecast"] if done == 0 and self._setting.job.full_run is not None and not waits else 0.0

    def cost(self, done: int) -> float:
        """Seconds to time a few of the full training run's steps; it also picks the batch size they use."""
        run = self._setting.job.full_run
        assert run is not None
        if self._key in self._bench.cache:
            return 0.5
        image = self._bench.speeds.of(self._setting.stock).train * (run.input_size / self._bench.images.size) ** 2
        left = max(0.0, self._bench.left)
        self._batch = int(max(2, min(run.batch_size, FORECAST_SHARE * left / (4 * image))))
        walks = 1 + (CHANGES if card_of(self._bench.device, run) else 0)
        return 4 * self._batch * image + 1.0 + WALK * walks

    @property
    def _key(self) -> str:
        job, run, device = self._setting.job, self._setting.job.full_run, self._bench.device.type
        assert run is not None
        own = self._setting.own or Recipe()
        parts = [self._setting.stock, own.optimizer, own.augmentations, run.input_size, run.batch_size, device]
        parts += [own.outputs, own.frozen, own.momentum, run.gpu_memory]
        return key_of("forecast", "memory", job.fingerprint, *parts, torch.get_num_threads())

    def run(self) -> None:
        """Time steps and loading as in the full training run. Where they do not run here, emit Failed."""
        self.done += 1
        run, own, bench = self._setting.job.full_run, self._setting.own or Recipe(), self._bench
        assert run is not None
        arch, classes = self._setting.stock, len(self._setting.job.classes)
        stored = bench.cache.get(self._key)
        if stored is None:
            bench.emit(ProbeStarted("forecast", self._setting.job.seed, arch, "", 1))
            try:
                compute = step_seconds(
                    arch, own, classes, run, self._batch, bench.device, bench.machine.deadline, bench.machine.clock
                )
            except (AssertionError, RuntimeError) as fault:  # its images may not fit into the memory or the network
                why = f"the full training run's batches could not be timed ({_first_line(fault)})"
                bench.emit(Failed(why, "forecast"))
                return
            paths = [path for path, _ in self._setting.job.train]
            loading, resized = loading_seconds(paths, own, run.input_size)
            card = card_of(bench.device, run)
            memory, card = memory_of(arch, own, classes, run, card, lambda: bench.machine.left < 0)
            stored = {
                "compute": compute,
                "loading": loading,
                "resized": resized,
                "memory": memory,
                "card": asdict(card) if card else None,
            }
            bench.cache.put(self._key, stored)
        self._forecast = forecast(
            run,
            stored["compute"],
            stored["loading"],
            bench.device.type,
            stored["resized"],
            [(precision, taken) for precision, taken in stored["memory"]],
            _card(stored["card"]),
        )

    def answer(self) -> Forecast | None:
        """The forecast with what the runs of the configuration say of its accuracy."""
        if self._forecast is None:
            return None
        target = self._setting.job.target
        runs = [done.hits for done in self._configured.results()]
        reached = crossed(runs)
        if reached is None:
            return replace(self._forecast, target=target, accuracy_why="the configuration was not trained twice")
        low, high = max(0.0, reached.interval.low), min(1.0, reached.interval.high)
        if self._forecast.steps <= self._bench.steps:
            return replace(self._forecast, target=target, accuracy_low=low, accuracy_high=high)
        why = f"no upper end is given from {self._bench.steps} of its {self._forecast.steps:,} steps"
        return replace(self._forecast, target=target, accuracy_low=low, accuracy_why=why)


def _first_line(fault: Exception) -> str:
    return str(fault).partition("\n")[0]


def _card(stored: dict[str, Any] | None) -> Card | None:
    """The card as the cache keeps it."""
    if stored is None:
        return None
    return Card(**{**stored, "changes": tuple(Fit(**change) for change in stored["changes"])})
