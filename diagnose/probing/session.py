"""One set of probes, from a Job to the Probes that it measured, reported step by step as events.

What can be asked is in questions/. Here it is put in order: a first answer from a few images, then as much as the
measured speed and the time that is left allow, the most telling per second first.
"""

from __future__ import annotations

import gc
import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import torch

from diagnose.events import ProbesMeasured, ProbesPlanned
from diagnose.model import SEEDS_TO_SHOW, InputError
from diagnose.probing import scale
from diagnose.probing.answers import Answers
from diagnose.probing.bench import Arm, Bench
from diagnose.probing.budgeted import LARGEST_SIDE, SMALLEST_SIDE, Budgeted
from diagnose.probing.cache import Cache, key_of
from diagnose.probing.clock import Clock, OutOfTime
from diagnose.probing.cluster import Cluster
from diagnose.probing.device import is_full
from diagnose.probing.job import Failed, Job
from diagnose.probing.pictures import Pictures
from diagnose.probing.plan import Question, choose, foresee
from diagnose.probing.prepare import Preparation
from diagnose.probing.questions.features import FeatureQuestions
from diagnose.probing.questions.setting import ProbeSetting
from diagnose.probing.speed import Speeds
from diagnose.probing.threads import Threads
from diagnose.probing.train import BN_IMAGES

SMALLEST_BATCH = 4  # a smaller one says little of training with batch norm
CAREFUL = 0.6  # of the usual share, where two configurations are compared
REPEATED_SHARE = 0.8  # of the time that is left, which runs as large as an earlier session's may take
MUCH_LONGER = 2.0  # times the steps of an earlier session, beyond which new runs are worth more than its results;
# the same budget leaves more or less time from one start to the next, and may well reach the next length
HEARD = 0.2  # seconds by which more time that was given has been heard of
MORE_TIME = 4  # times the budget, that is advised where it was too short to learn anything


class ProbeSession(Budgeted):
    """Runs a Job on a device. `emit` takes every event; results so far are emitted after each run, so that
    a session cut short still leaves whole evidence behind."""

    def __init__(
        self,
        job: Job,
        device: torch.device,
        emit: Callable[[Any], None],
        clock: Clock = time.monotonic,
        threads: Threads | None = None,
    ) -> None:
        super().__init__(replace(job, fingerprint=job.fingerprint or _of_paths(job)), device, emit, clock, threads)
        self.cache = Cache(Path(job.cache) if job.cache else None)
        self.notes = list(job.notes)
        self._largest_batch = self._batch = scale.BATCHES[-1]
        self._planned_until = self.machine.deadline

    # ------------------------------------------------------------------ the sequence

    def run(self) -> None:
        """Everything that fits, the most telling per second first. Where the device's memory does not hold a batch, all
        is done with half of it, so that arms stay comparable."""
        setting = Preparation(self.job, self._first_side, self._say, self.emit, lambda: self.machine.left).setting()
        while True:
            try:
                return self._run(setting)
            except RuntimeError as fault:
                if not is_full(fault):
                    raise
                self._largest_batch = min(self._largest_batch, self._batch) // 2
                if self._largest_batch < SMALLEST_BATCH:
                    self.emit(Failed(f"out of memory: {str(fault).splitlines()[0]}"))
                    return None
            self._say(f"the device ran out of memory; the probes went on with batches of {self._largest_batch}")
            gc.collect()  # what the failed run still holds in circles
            if self.device.type == "cuda":
                torch.cuda.empty_cache()

    def _run(self, setting: ProbeSetting) -> None:
        pictures = self._pictures(self._first_side)
        features = self._features(setting, pictures)
        answers = Answers(setting, features, self.machine, self.notes, self.device)
        try:
            if self.job.goal is None and features.information(0):
                features.run()
                self._measured(answers)
            bench, sized = self._bench(setting, pictures)
            if sized is not pictures:
                features = self._features(setting, sized)
            answers.ask(bench, features)
            bench.steps = self._length(answers)
        except OutOfTime:
            return self._too_short(answers)
        if not bench.steps:
            return self._too_short(answers)
        if self.job.ray:
            self._begin_elsewhere(self.job.ray, answers)
        if self.job.goal is None:
            self._pilot(answers)
        return self._all_that_fits(answers)

    def _all_that_fits(self, answers: Answers) -> None:
        self._announce(foresee(answers.questions, self.machine.left))
        while (probe := self._next(answers)) is not None:
            try:
                probe.run()
            except OutOfTime:
                time.sleep(HEARD)
                if self.machine.left <= 0:  # else more time was given while it ran, or the machine became slower
                    break
            if self._planned_until != self.machine.deadline:
                self._announce(foresee(answers.questions, self.machine.left))
            self._measured(answers)
        answers.end()
        self._measured(answers)

    def _next(self, answers: Answers) -> Question | None:
        """What tells most per second, of what comes before everything else while there is some; None where nothing
        fits."""
        return choose(answers.first, self.machine.left) or choose(answers.questions, self.machine.left)

    def _pilot(self, answers: Answers) -> None:
        """Trains the reference first, longer where it learned no more than the frequencies of the classes, and shorter
        where the machine became too slow for the length that was chosen."""
        bench, arm, seed = answers.bench, answers.reference, self.job.seed
        if not self._fits(answers, bench.steps, 1, scale.Arms.PAIR, 1.0):
            return  # one arm alone was all that fits
        while True:
            try:
                bench.run(arm, seed)
                self._measured(answers)
                if bench.beats_majority(arm):
                    return
                steps = scale.longer(
                    bench.steps, lambda steps: self._fits(answers, steps, 2, scale.Arms.PAIR, REPEATED_SHARE)
                )
                if not steps:
                    break
                bench.forget()
                bench.steps = steps
            except OutOfTime:
                if bench.recall():  # what the shorter run measured is all that there is
                    break
                steps = self._length(answers) if self.machine.left > 0 else 0
                if not 0 < steps < bench.steps:
                    break
                bench.steps = steps
        pace = bench.speeds.pace(arm.arch)
        at = f"at {pace:.0f} images per second " if pace else ""
        came = "no better than the majority-class baseline after" if bench.results(arm) else "not through with"
        self._say(
            f"this machine is too slow for what trainings show: {at}{arm.arch} ({arm.name}) was {came} {bench.steps} "
            f"steps; a --budget of about {MORE_TIME * self.job.seconds / 60:.0f} min allows trainings {MORE_TIME} "
            "times as long"
        )

    def _begin_elsewhere(self, address: str, answers: Answers) -> None:
        """The main arms of every seed, at once on a cluster."""
        bench = answers.bench
        bench.cluster = Cluster(address)
        seeds = range(self.job.seed, self.job.seed + SEEDS_TO_SHOW)
        for arm in answers.arms():
            bench.begin_elsewhere(arm, seeds, halfway=arm.halfway)

    def _measured(self, answers: Answers) -> None:
        self.emit(ProbesMeasured(answers.measured()))

    def _announce(self, planned: list[tuple[str, int, float]]) -> None:
        self._planned_until = self.machine.deadline
        self.emit(
            ProbesPlanned(
                tuple(f"{name}{f' × {rounds}' if rounds > 1 else ''}" for name, rounds, _ in planned),
                sum(seconds for _, _, seconds in planned),
            )
        )

    def _too_short(self, answers: Answers) -> None:
        """No training fits: what frozen features said stays, and the rest is a part that failed."""
        why = f"a budget of {self.job.seconds:.0f} s is too short for any training here"
        advice = f"give a --budget of {MORE_TIME * self.job.seconds:.0f}s or more"
        if answers.answered.frozen is None:
            self.emit(Failed(f"{why}; {advice}"))
            return
        self._say(f"{why}, so only frozen features were measured; {advice}")
        while answers.features.information(answers.features.done) and (
            answers.features.cost(answers.features.done) < self.machine.left
        ):
            try:
                answers.features.run()
            except OutOfTime:
                break
            self._measured(answers)
        answers.end()
        self._measured(answers)

    # ------------------------------------------------------------------ what it works on

    @cached_property
    def _largest_side(self) -> int:
        """px that the configuration trains at, or the weights were trained at."""
        own = self.job.configured
        return own.input_size if own is not None and own.input_size else LARGEST_SIDE

    @property
    def _first_side(self) -> int:
        """Of the first answer: a CPU sees small images, of which most set-ups stay; a GPU its own size."""
        small = scale.SIDES[0] if self.device.type == "cpu" else self._largest_side
        return max(min(small, self._largest_side), SMALLEST_SIDE)

    def _pictures(self, side: int) -> Pictures:
        return Pictures(self.job.train, self.job.val, side, self.device, self.machine, self._working)

    def _features(self, setting: ProbeSetting, pictures: Pictures) -> FeatureQuestions:
        return FeatureQuestions(setting, pictures, self.cache, self.machine, self.emit)

    def _bench(self, setting: ProbeSetting, pictures: Pictures) -> tuple[Bench, Pictures]:
        """The bench at the size, batch and number of images that this machine has time for, and the pictures of that
        size, these if they are. Raises OutOfTime."""
        pictures, speeds, train, val = self._sized(setting, pictures)
        bench = Bench(
            pictures.first(train, val), len(self.job.classes), setting.weights, speeds.batch, self.job.fingerprint,
            self.cache, self.emit, self.machine, speeds, glanced=self.job.seed,
        )  # fmt: skip
        return bench, pictures

    def _sized(self, setting: ProbeSetting, pictures: Pictures) -> tuple[Pictures, Speeds, int, int]:
        """The pictures, the speeds at their size and batch, and the numbers of training and held-out images that this
        machine has time for, or those of an earlier session on the same images, so that its results serve again.
        Raises OutOfTime."""
        key = key_of(
            "scale", self.job.fingerprint, setting.arch, self.device.type, self._largest_side, self._largest_batch
        )
        trainings = scale.OPTIONS[0][0] * (2 + (setting.own is not None))
        seconds = scale.OPTIONS[0][2] * self.machine.left
        speeds = self._speeds(setting, pictures.size, trainings, seconds)
        per_image = speeds.of(setting.arch).train
        steps = scale.expected_steps(self.machine.left, setting.own is not None, speeds.batch, per_image)
        stored = self.cache.get(key)
        if stored and steps <= MUCH_LONGER * stored["steps"]:
            speeds = self._speeds_at(stored["side"], stored["batch"], speeds)
            train, val = stored["train"], stored["val"]
        else:
            train, val = scale.images_for(
                steps, speeds.batch, pictures.most, self.machine.left, pictures.pace, BN_IMAGES
            )
            self.cache.put(
                key, {"side": speeds.size, "batch": speeds.batch, "train": train, "val": val, "steps": round(steps)}
            )
        if speeds.size != pictures.size:
            pictures = self._pictures(speeds.size)
        return pictures, speeds, train, val

    def _speeds(self, setting: ProbeSetting, first: int, trainings: int, seconds: float) -> Speeds:
        """At the image side and batch that this machine has time for: on a CPU found from the smallest, on a GPU from
        the largest."""
        most = min(self._largest_batch, max(2, len(self.job.train) // 2))
        if self.device.type == "cpu":
            speeds = self._speeds_at(first, min(scale.BATCHES[0], most))
            side = scale.side_for(seconds, trainings, speeds.of(setting.arch).train, self._largest_side, first)
            speeds = self._speeds_at(side, speeds.batch, speeds)
        else:
            for side in [side for side in reversed(scale.SIDES) if side < first] + [0]:
                speeds = self._speeds_at(first, most)
                enough = scale.steps_within(seconds, trainings, scale.BATCHES[0], speeds.of(setting.arch).train)
                if enough >= scale.ENOUGH or not side:
                    break
                first = side
        largest = min(most, self.job.configured.batch_size or most) if self.job.configured else most
        batch = scale.batch_for(seconds, trainings, speeds.of(setting.arch).train, max(2, largest))
        return self._speeds_at(speeds.size, batch, speeds)

    def _speeds_at(self, side: int, batch: int, known: Speeds | None = None) -> Speeds:
        if known is not None and (known.size, known.batch) == (side, batch):
            return known
        self._batch = batch
        return Speeds(side, batch, len(self.job.classes), self.device, self.machine, self._working)

    def _length(self, answers: Answers) -> int:
        """Steps of a run: those of an earlier session on the same images, so that its results serve again, or what the
        time allows."""
        bench = answers.bench
        at = (bench.images.size, bench.batch, self.device.type)
        key = key_of("steps", self.job.fingerprint, answers.setting.arch, *at)
        earlier = int((self.cache.get(key) or {}).get("steps", 0))
        compared = self.job.goal is not None

        fits = partial(self._fits, answers)

        def both(steps: int, rounds: int, which: scale.Arms, share: float) -> bool:
            return fits(steps, max(2, rounds), which, share)  # two pairs or no answer

        def safely(steps: int, rounds: int, which: scale.Arms, share: float) -> bool:
            return both(steps, rounds, which, CAREFUL * share)  # also where the machine turns out to be slower

        steps = (scale.length(safely) or scale.length(both)) if compared else scale.length(fits)
        again = earlier and steps <= MUCH_LONGER * earlier
        if again and self._fits(answers, earlier, scale.OPTIONS[0][0], scale.Arms.ALL, REPEATED_SHARE):
            return earlier
        if steps:
            self.cache.put(key, {"steps": steps})
        return steps

    def _fits(self, answers: Answers, steps: int, rounds: int, which: scale.Arms, share: float) -> bool:
        """Whether so many rounds of these arms take no more than the share of the time."""
        bench, before = answers.bench, answers.bench.steps
        bench.steps = steps
        seeds = range(self.job.seed, self.job.seed + rounds)
        cost = sum(_cost(bench, arm, seeds) for arm in answers.arms(which))
        bench.steps = before
        return cost <= share * self.machine.left


def _cost(bench: Bench, arm: Arm, seeds: Iterable[int]) -> float:
    return sum(bench.cost(arm, seed, halfway=arm.halfway) for seed in seeds)


def _of_paths(job: Job) -> str:
    """A fingerprint of images that came without one: their paths, sizes and times of change."""
    files = [(path, label, Path(path).stat().st_size, Path(path).stat().st_mtime_ns)
            for path, label in (*job.train, *job.val)]  # fmt: skip
    return hashlib.sha256(repr(files).encode()).hexdigest()


def find_device(name: str) -> torch.device:
    """The device asked for, or the best there is; raises InputError for one that is not there."""
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        name = next(kind for kind in ("cuda", "mps", "cpu") if there[kind])
    if not there[name]:
        raise InputError(f"--device {name}: this machine has no such device that torch can use; give --device cpu.")
    return torch.device(name)
