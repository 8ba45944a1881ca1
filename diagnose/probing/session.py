"""One set of probes from a Job to the Probes it measured, said step by step as events.

What can be asked is in questions/; here they are put in order, as long as the budget lasts, and told.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from diagnose.events import Note, ProbesMeasured, ProbesPlanned
from diagnose.model import SEEDS_TO_SHOW, InputError, Probes
from diagnose.probing import architectures
from diagnose.probing.augment import augmentation
from diagnose.probing.bench import Bench
from diagnose.probing.cache import Cache, key_of
from diagnose.probing.clock import Clock
from diagnose.probing.cluster import Cluster
from diagnose.probing.images import load
from diagnose.probing.job import Failed, Job
from diagnose.probing.plan import Question, choose, foresee
from diagnose.probing.questions.attributed import AttributionQuestion
from diagnose.probing.questions.compared import CompareArms
from diagnose.probing.questions.configured import Configured
from diagnose.probing.questions.features import FeatureQuestions
from diagnose.probing.questions.forecast import ForecastQuestion
from diagnose.probing.questions.one_batch import OneBatchQuestion
from diagnose.probing.questions.rates import Rates
from diagnose.probing.questions.scratch_curve import ScratchCurve
from diagnose.probing.questions.setting import ProbeSetting
from diagnose.probing.questions.stock import Stock
from diagnose.probing.recipe import SINGLE_OUTPUT, Recipe
from diagnose.probing.train import Images, OutOfTime
from diagnose.probing.weights import Weights, find_weights

# Image side, batch, and the steps of a run, the longest first. A CPU sees smaller images: ResNet50 at 64 px costs a
# twelfth of 224 px. Then the training and held-out images that runs see of those that the frozen features see.
SIZES = {
    "cpu": (64, 16, (60, 40, 24, 12), 600, 240),
    "cuda": (128, 64, (200, 100, 50), 4000, 1000),
    "mps": (96, 32, (100, 60, 30), 2000, 500),
}
SMALLEST_BATCH = 4  # a smaller one says little of training with batch norm
ESSENTIAL = 3  # rounds of every main arm that have to fit
ESSENTIAL_SHARE, REPEATED_SHARE = 0.4, 0.8  # into this share of the time, or this where an earlier session chose
MUCH_LONGER = 2.0  # times the steps of an earlier session, beyond which new runs are worth more than its results;
# the same budget leaves more or less time from one start to the next, and may well reach the next choice of SIZES
HEARD = 0.2  # seconds by which more time that was given has been heard of
DOWNLOAD_SHARE = 0.5  # of the time that is left, after which weights that are still coming in are given up
USE = 0.96  # of the time: the rest ends the session in order


class ProbeSession:
    """Runs a Job on a device. `emit` takes every event; results so far are emitted after each run, so that
    a session cut short still leaves whole evidence behind."""

    def __init__(
        self, job: Job, device: torch.device, emit: Callable[[Any], None], clock: Clock = time.monotonic
    ) -> None:
        self.job, self.device, self.emit, self.clock = job, device, emit, clock
        self.size, self.batch, self.choices, self.most_train, self.most_val = SIZES[device.type]
        self.deadline = self.clock() + USE * job.seconds
        self.cache = Cache(Path(job.cache) if job.cache else None)
        self.notes = list(job.notes)

    # ------------------------------------------------------------------ the sequence

    def run(self) -> None:
        """Everything that fits, the most telling a second first. Where the device's memory does not hold a batch, all
        is done with half of it, so that arms stay comparable."""
        while True:
            try:
                return self._run()
            except torch.OutOfMemoryError as fault:
                if self.batch < 2 * SMALLEST_BATCH:
                    self.emit(Failed(f"out of memory: {str(fault).splitlines()[0]}"))
                    return None
                self.batch //= 2
            self._say(f"the device ran out of memory; the probes went on with batches of {self.batch}")
            if self.device.type == "cuda":
                torch.cuda.empty_cache()

    def _run(self) -> None:
        job = self.job
        setting = self._setting()
        try:
            whole = _loaded(job.train, job.val, self.size, self.device)
            bench = self._bench(whole, setting.weights)
            bench.steps = self._steps(bench, setting)
        except OutOfTime:
            return self._too_short()
        probes, measured = self._questions(setting, bench, whole)
        planned = foresee(probes, self._left())
        if not planned:
            return self._too_short()
        self._tell(planned)
        if job.ray:
            self._begin_elsewhere(job.ray, bench, setting)
        while (probe := choose(probes, self._left())) is not None:
            try:
                probe.run()
            except OutOfTime:
                time.sleep(HEARD)
                if self._left() <= 0:  # else more time was given while it ran
                    self.notes.append("the budget ended before the last planned runs")
                    break
            if bench.deadline != self.deadline:
                bench.deadline = self.deadline
                self._tell(foresee(probes, self._left()))
            self.emit(ProbesMeasured(measured()))
        self.emit(ProbesMeasured(measured()))

    def _begin_elsewhere(self, address: str, bench: Bench, setting: ProbeSetting) -> None:
        """The main arms of every seed, at once on a cluster."""
        bench.cluster = Cluster(address)
        seeds = range(self.job.seed, self.job.seed + SEEDS_TO_SHOW)
        if self.job.goal is None:
            for arm in CompareArms(setting, bench).arms:
                bench.begin_elsewhere(arm, seeds)
        if setting.own:
            bench.begin_elsewhere(setting.own_arm(bench), seeds, halfway=True)

    def prolong(self, seconds: float) -> None:
        """More time; from another thread, at any moment."""
        self.deadline += seconds

    def _tell(self, planned: list[tuple[str, int, float]]) -> None:
        self.emit(
            ProbesPlanned(
                tuple(f"{name}{f' × {rounds}' if rounds > 1 else ''}" for name, rounds, _ in planned),
                sum(seconds for _, _, seconds in planned),
            )
        )

    def _too_short(self) -> None:
        why = f"a budget of {self.job.seconds:.0f} s is too short for any probe; give a longer --budget"
        self.emit(Failed(why))

    def _left(self) -> float:
        return self.deadline - self.clock()

    def _say(self, text: str) -> None:
        self.notes.append(text)
        self.emit(Note(text))

    # ------------------------------------------------------------------ what it works on

    def _setting(self) -> ProbeSetting:
        """The architecture, the weights and the person's own recipe, after everything that cannot run was told."""
        job = self.job
        arch, why = architectures.choose(job.configured_arch, job.arch, self.size)
        if why:
            self._say(why)
        weights = self._weights(arch) if self._wants_weights() else None
        if weights is not None and weights.stand_in:
            self._say(f"every arm runs on the stand-in {weights.arch}, since {arch}'s weights were not to be had")
        theirs = job.goal is not None and architectures.known(job.goal.arch)
        if job.goal is not None and "architecture" in job.goal.factors and (weights or not theirs):
            self._say(f"every arm runs on {weights.arch if weights else arch}: the architecture's part is not measured")
        own = job.configured
        if own is not None and (why := _untrainable(own, len(job.classes))):
            self.emit(Failed(why, part="configured"))
            own = None
        if own is not None and job.goal is not None and (why := _untrainable(job.goal.recipe, len(job.classes))):
            self.emit(Failed(f"the other configuration: {why}", part="configured"))
            own = None
        needed = [job.configured_weights] if own else []
        needed += [job.goal.weights] if job.goal else []
        if weights is None and any(name != "none" for name in needed):
            self.emit(Failed("the weights it names could not be had", part="configured"))
            own = None
        if own is not None:
            own = self._fitting(own)
        return ProbeSetting(job, weights.arch if weights else arch, arch, weights, own)

    def _fitting(self, own: Recipe) -> Recipe:
        """The recipe without what these images or this probe have no use for, each said."""
        _, unknown = augmentation(own.augmentations, self.size)
        if unknown:
            why = f"augmentations that the probe does not know were left out: {', '.join(unknown)}"
            self._say(why)
            own = own.without("augmentations", why)
        weights = dict(own.loss_options).get("class_weights")
        if isinstance(weights, tuple) and len(weights) != max(own.outputs or 0, len(self.job.classes)):
            why = f"{len(weights)} class weights for {len(self.job.classes)} classes were left out"
            self._say(why)
            kept = tuple(option for option in own.loss_options if option[0] != "class_weights")
            own = replace(own, loss_options=kept).without("loss_options", why)
        return own

    def _wants_weights(self) -> bool:
        """Not where two configurations are compared that both start from random ones."""
        job = self.job
        return job.goal is None or (job.configured_weights, job.goal.weights) != ("none", "none")

    def _weights(self, arch: str) -> Weights | None:
        """The weights that are asked for; those of the configuration where it names some of its own."""
        job = self.job
        named = job.configured_weights not in ("none", "imagenet", "default", "auto")
        if named and job.weights == "auto":
            try:
                return self._found(job.configured_weights, arch)
            except InputError as fault:
                self._say(str(fault))
        found = self._found(job.weights, arch)
        if found is None and job.weights != "none":
            self.emit(Failed("no pretrained weights could be had; see the notes", part="pretrained"))
        return found

    def _found(self, option: str, arch: str) -> Weights | None:
        seconds = DOWNLOAD_SHARE * self._left()
        return find_weights(option, arch, self.job.offline, self._say, self.size, seconds)

    def _bench(self, whole: Images, weights: Weights | None) -> Bench:
        """The images that runs see: a stratified part of all."""
        train = _prefix(self.job.train, self.most_train)
        val = _prefix(self.job.val, self.most_val)
        images = Images(whole.train[train], whole.train_labels[train], whole.val[val], whole.val_labels[val])
        fingerprint = self.job.fingerprint or _of_paths(self.job)
        batch = min(self.batch, len(images.train))
        return Bench(
            images, len(self.job.classes), weights, batch, fingerprint, self.cache, self.emit, self.deadline, self.clock
        )

    def _steps(self, bench: Bench, setting: ProbeSetting) -> int:
        """The longest runs of which a few of every main arm fit, or those of an earlier session on the same images,
        so that its results serve again."""
        key = key_of("steps", self.job.fingerprint, setting.arch, self.size, bench.batch, self.device.type)
        main = CompareArms(setting, bench).arms + ([setting.own_arm(bench)] if setting.own else [])
        earlier = (self.cache.get(key) or {}).get("steps")

        def fits(steps: int, rounds: int, share: float) -> bool:
            bench.steps = steps
            seeds = range(self.job.seed, self.job.seed + rounds)
            cost = sum(bench.cost(arm, seed, halfway=arm.name == "configured") for arm in main for seed in seeds)
            return cost <= share * self._left()

        shortest = self.choices[-1]
        steps = next((steps for steps in self.choices if fits(steps, ESSENTIAL, ESSENTIAL_SHARE)), shortest)
        if earlier and steps <= MUCH_LONGER * earlier and fits(earlier, ESSENTIAL, REPEATED_SHARE):
            return int(earlier)
        self.cache.put(key, {"steps": steps})
        return steps

    def _questions(
        self, setting: ProbeSetting, bench: Bench, whole: Images
    ) -> tuple[Sequence[Question], Callable[[], Probes]]:
        """All that can be asked of this setting, and the Probes of the answers so far."""
        job = self.job
        features = FeatureQuestions(setting, bench, whole)
        compared = CompareArms(setting, bench)
        rates = Rates(setting, bench)
        configured = Configured(setting, bench, rates)
        attributed = AttributionQuestion(setting, bench, rates)
        one_batch = OneBatchQuestion(setting, bench)
        forecast = ForecastQuestion(setting, bench, configured)
        scratch = ScratchCurve(setting, bench)
        everything: list[Question] = [configured, attributed]
        if job.goal is None:
            everything += [
                features, compared, compared.scale, rates, one_batch, forecast, scratch, Stock(setting, bench),
            ]  # fmt: skip

        def measured() -> Probes:
            return Probes(
                runs=tuple(bench.runs),
                prior=bench.prior(),
                image_size=self.size,
                train_images=len(bench.images.train),
                val_images=len(bench.images.val),
                device=self.device.type,
                comparison=compared.told(),
                learning_rate=configured.told(),
                notes=(*self.notes, *bench.notes),
                attribution=attributed.told(),
                curves=tuple(curve for curve in (features.curve, scratch.told()) if curve is not None),
                suspects=features.suspects,
                shift=features.shift,
                labels=features.labels,
                one_batch=one_batch.told,
                overfit=configured.overfit(),
                forecast=forecast.told(),
            )

        return everything, measured


def _untrainable(recipe: Recipe, classes: int) -> str:
    """Why a configuration's arm is not trained; "" where it can be."""
    if recipe.why_not:
        return recipe.why_not
    single = recipe.outputs == 1 and classes == 2 and recipe.loss in SINGLE_OUTPUT
    if recipe.outputs is not None and recipe.outputs < classes and not single:
        return f"its head has {recipe.outputs} outputs for {classes} classes"
    return ""


def _loaded(
    train: tuple[tuple[str, int], ...], val: tuple[tuple[str, int], ...], size: int, device: torch.device
) -> Images:
    """Every image of the job, decoded once."""

    def part(items: tuple[tuple[str, int], ...]) -> tuple[torch.Tensor, torch.Tensor]:
        labels = torch.tensor([label for _, label in items])
        return load([path for path, _ in items], size).to(device), labels.to(device)

    return Images(*part(train), *part(val))


def _prefix(items: tuple[tuple[str, int], ...], most: int) -> list[int]:
    """Places of about `most` items, the first of each class in the proportions of the whole."""
    share = min(1.0, most / max(1, len(items)))
    places: dict[int, list[int]] = {}
    for place, (_, label) in enumerate(items):
        places.setdefault(label, []).append(place)
    return sorted(place for own in places.values() for place in own[: max(1, round(share * len(own)))])


def _of_paths(job: Job) -> str:
    """A fingerprint of images that came without one: their paths, sizes and times of change."""
    told = [(path, label, Path(path).stat().st_size, Path(path).stat().st_mtime_ns)
            for path, label in (*job.train, *job.val)]  # fmt: skip
    return hashlib.sha256(repr(told).encode()).hexdigest()


def find_device(name: str) -> torch.device:
    """The device asked for, or the best there is; raises InputError for one that is not there."""
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        name = next(kind for kind in ("cuda", "mps", "cpu") if there[kind])
    if not there[name]:
        raise InputError(f"--device {name}: this machine has no such device that torch can use; give --device cpu.")
    return torch.device(name)
