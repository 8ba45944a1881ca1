"""One set of probes from a Job to the Probes it measured, said step by step as events."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torchvision import models

from diagnose.events import Note, ProbesMeasured, ProbesPlanned, ProbeStarted, ProbeStep
from diagnose.model import SEEDS_TO_SHOW, Comparison, InputError, LearningRate, Paired, ProbeRun, Probes
from diagnose.probe import lr_range
from diagnose.probe.images import augmentation, load
from diagnose.probe.job import Failed, Job, Recipe
from diagnose.probe.plan import RANGE_STEPS, USE, Arm, Plan, Speed, make_plan
from diagnose.probe.statistics import Array, paired, wilson
from diagnose.probe.train import BN_IMAGES, Images, OutOfTime, Trained, freeze, rates, train
from diagnose.probe.weights import Weights, build, find_weights

# Image side, batch and longest run. A CPU sees smaller images: ResNet50 at 64 px costs a twelfth of 224 px.
SIZES = {"cpu": (64, 16, 60), "cuda": (128, 64, 200), "mps": (96, 32, 100)}
CALIBRATION = 3  # steps; the first is warm-up and not timed
DIFFERENT = 3.0  # a suggestion within half a decade of the configured rate needs no confirming

SCRATCH, PRETRAINED, CONFIGURED, SUGGESTED = "scratch", "pretrained", "configured", "suggested"
RANGE_TEST = "learning-rate test"

# Per arm and architecture, per seed: one value per held-out image.
Results = dict[tuple[str, str], dict[int, Array]]


class Session:
    """Runs a Job on a device. `emit` takes every event; results so far are emitted after each run, so that
    a session cut short still leaves whole evidence behind."""

    def __init__(self, job: Job, device: torch.device, emit: Callable[[Any], None]) -> None:
        self.job, self.device, self.emit = job, device, emit
        self.size, self.batch, self.longest = SIZES[device.type]
        self.deadline = time.monotonic() + job.seconds
        self.weights: dict[str, Weights] = {}
        self.runs: list[ProbeRun] = []
        self.hits: Results = defaultdict(dict)
        self.losses: Results = defaultdict(dict)
        self.learning_rate: LearningRate | None = None
        self.notes = list(job.notes)

    # ------------------------------------------------------------------ the sequence

    def run(self) -> None:
        job = self.job
        self.images = self._load()
        self.batch = min(self.batch, len(self.images.train))
        arms = self._arms()
        judged = next((arm for name in (CONFIGURED, PRETRAINED) for arm in arms if arm.name == name), arms[0])
        plan = self._plan(arms, None if job.variants else judged.arch)
        if plan is None:
            self.emit(
                Failed(f"a budget of {job.seconds:.0f} s is too short for two paired runs; give a longer --budget")
            )
            return
        self.steps = plan.steps
        self.emit(
            ProbesPlanned(
                tuple(
                    f"{arm.name}: {arm.arch}, {arm.weights or 'random'} weights, "
                    f"{1 if arm.once else plan.seeds} × {plan.steps} steps"
                    for arm in arms
                ),
                plan.seconds,
            )
        )
        try:
            for number in range(SEEDS_TO_SHOW):
                if number >= plan.seeds and not self._another_round_fits():
                    break
                self._round(arms, number)
                if number == 0 and judged.name != CONFIGURED and not job.variants:
                    self._range_test(judged)
        except OutOfTime:
            self.notes.append("the budget ended before the last planned runs")
        self._measured()

    def _plan(self, arms: list[Arm], range_arch: str | None) -> Plan | None:
        try:
            speeds = self._calibrate(arms)
        except OutOfTime:
            return None
        evaluated = len(self.images.val) + min(BN_IMAGES, len(self.images.train))
        left = self.deadline - time.monotonic()
        return make_plan(arms, speeds, range_arch, self.batch, evaluated, left, self.longest)

    def _round(self, arms: list[Arm], number: int) -> None:
        """Every arm once, for one seed: cut off after any round, the pairs are whole."""
        seed = self.job.seed + number
        for arm in arms:
            if number and arm.once:
                continue
            if arm.name == CONFIGURED and number == 0 and not self.job.variants:
                self._range_test(arm)
            if arm.name != SUGGESTED:
                self._one(arm, seed)
            elif suggested := self._suggested(arm):
                self._one(suggested, seed)

    def _another_round_fits(self) -> bool:
        """Whether the time that is left, less a reserve, holds another seed at the pace of the last one."""
        last = sum(run.seconds for run in self.runs if run.seed == self.runs[-1].seed)
        return time.monotonic() + last / USE < self.deadline

    def _load(self) -> Images:
        def part(items: tuple[tuple[str, int], ...]) -> tuple[torch.Tensor, torch.Tensor]:
            pixels = load([path for path, _ in items], self.size)
            labels = torch.tensor([label for _, label in items])
            return pixels.to(self.device), labels.to(self.device)

        return Images(*part(self.job.train), *part(self.job.val))

    def _say(self, text: str) -> None:
        self.notes.append(text)
        self.emit(Note(text))

    # ------------------------------------------------------------------ arms

    def _arms(self) -> list[Arm]:
        """The paired reference arms, the user's own, and the user's own at the suggested rate."""
        job, arms = self.job, []
        if job.variants and job.configured is not None:
            return self._variant_arms(job.configured)
        found = find_weights(job.weights, job.arch, job.offline, self._say)
        if found is None:
            if job.weights != "none":
                self.emit(Failed("no pretrained weights could be had; see the notes", part=PRETRAINED))
            arms.append(Arm(SCRATCH, job.arch, None, Recipe()))
        else:
            self.weights[found.name] = found
            arms += [
                Arm(SCRATCH, found.arch, None, Recipe()),
                Arm(PRETRAINED, found.arch, found.name, Recipe()),
            ]
        if job.configured is not None:
            arms += self._configured_arms(job.configured, found)
        random_resnet = any(arm.arch == job.arch and arm.weights is None for arm in arms)
        if not random_resnet:
            arms.append(Arm(SCRATCH, job.arch, None, Recipe(), once=True))
        return arms

    def _variant_arms(self, recipe: Recipe) -> list[Arm]:
        """The configured arm and one for each variant, all on one architecture, so that they are paired."""
        job = self.job
        wanted = {CONFIGURED: (recipe, job.configured_weights)}
        wanted |= {variant.factor: (variant.recipe, variant.weights) for variant in job.variants}
        found: Weights | None = None
        if any(weights != "none" for _, weights in wanted.values()):
            found = find_weights("auto" if job.weights == "none" else job.weights, job.arch, job.offline, self._say)
            if found is None:
                why = "no pretrained weights could be had, so what needs them was not tried"
                self.emit(Failed(why, part=PRETRAINED))
                wanted = {name: told for name, told in wanted.items() if told[1] == "none"}
        if found is not None:
            self.weights[found.name] = found
            if found.stand_in:
                self._say(f"compared on the stand-in {found.arch}, since {job.arch}'s weights were not to be had")
        arch = found.arch if found else job.arch
        arms = []
        for name, (own, weights) in wanted.items():
            fitting = own if own.outputs is None or own.outputs >= len(job.classes) else replace(own, outputs=None)
            scaled = replace(fitting, learning_rate=fitting.learning_rate * self._rate_scale(fitting))
            arms.append(Arm(name, arch, found.name if found and weights != "none" else None, scaled))
        return arms

    def _factors(self) -> tuple[tuple[str, Paired], ...]:
        """What each variant gains over the configured arm."""
        told = ((variant.factor, self._paired(self.hits, variant.factor, CONFIGURED)) for variant in self.job.variants)
        return tuple((factor, gain) for factor, gain in told if gain is not None)

    def _configured_arms(self, recipe: Recipe, found: Weights | None) -> list[Arm]:
        job = self.job
        arch, name = job.configured_arch, None
        if arch not in models.list_models():
            self.emit(Failed(f"{arch} is no model of torchvision, so it was not trained", part=CONFIGURED))
            return []
        if job.configured_weights != "none":
            own = found
            named = job.configured_weights not in ("imagenet", "default", "auto")
            if named or arch != job.arch or job.weights == "none":
                try:
                    own = find_weights(job.configured_weights, arch, job.offline, self._say)
                except InputError as fault:
                    self._say(str(fault))
                    own = None
            if own is None:
                self.emit(Failed("the weights it names could not be had", part=CONFIGURED))
                return []
            self.weights[own.name] = own
            arch, name = own.arch, own.name
            if own.stand_in:
                self._say(f"the configured arm runs on the stand-in {arch} in place of {job.configured_arch}")
        if recipe.outputs is not None and recipe.outputs < len(job.classes):
            why = f"its head has {recipe.outputs} outputs for {len(job.classes)} classes"
            self.emit(Failed(why, part=CONFIGURED))
            return []
        _, unknown = augmentation(recipe.augmentations, self.size)
        if unknown:
            self._say(f"augmentations that the probe does not know were left out: {', '.join(unknown)}")
        probe_recipe = replace(recipe, learning_rate=recipe.learning_rate * self._rate_scale(recipe))
        if self._rate_scale(recipe) != 1:
            self._say(
                f"the probe's batch is {self.batch} in place of {recipe.batch_size}, so the learning rate was "
                f"scaled from {recipe.learning_rate:g} to {probe_recipe.learning_rate:.3g}"
            )
        configured = Arm(CONFIGURED, arch, name, probe_recipe)
        return [configured, replace(configured, name=SUGGESTED)]

    def _rate_scale(self, recipe: Recipe) -> float:
        """Probe rate over configured rate: linear in the batch for SGD (Goyal et al. 2017), its square root
        for the adaptive optimizers (Malladi et al. 2022)."""
        ratio = self.batch / recipe.batch_size if recipe.batch_size else 1.0
        return ratio if recipe.optimizer == "sgd" else math.sqrt(ratio)

    def _suggested(self, arm: Arm) -> Arm | None:
        """The configured arm at the suggested rate, where that is another rate at all."""
        rate = self.learning_rate.suggested if self.learning_rate else None
        if rate is None or self.job.configured is None:
            return None
        ratio = rate / self.job.configured.learning_rate
        if 1 / DIFFERENT < ratio < DIFFERENT:
            return None
        return replace(arm, recipe=replace(arm.recipe, learning_rate=arm.recipe.learning_rate * ratio))

    # ------------------------------------------------------------------ runs

    def _model(self, arm: Arm, seed: int) -> torch.nn.Module:
        weights = self.weights[arm.weights] if arm.weights else None
        model = build(arm.arch, arm.recipe.outputs or len(self.job.classes), weights, seed)
        if strangers := freeze(model, arm.recipe.frozen):
            note = f"frozen layers that {arm.arch} does not have: {', '.join(strangers)}"
            if note not in self.notes:
                self._say(note)
        return model

    def _calibrate(self, arms: list[Arm]) -> dict[str, Speed]:
        speeds = {}
        for arm in {arm.arch: arm for arm in arms}.values():
            start = time.monotonic()
            model = build(arm.arch, len(self.job.classes), None, 0)
            built = time.monotonic() - start
            stamps: list[float] = []
            few = replace(self.images, val=self.images.val[:64], val_labels=self.images.val_labels[:64])

            def stamp(step: int, loss: float, stamps: list[float] = stamps) -> bool:
                stamps.append(time.monotonic())
                return True

            done = train(model, Recipe(), few, [1e-6] * CALIBRATION, self.batch, 0, stamp, self.deadline)
            step = (stamps[-1] - stamps[0]) / (CALIBRATION - 1)
            evaluated = len(few.val) + min(BN_IMAGES, CALIBRATION * self.batch)
            speeds[arm.arch] = Speed(step / self.batch, (done.seconds - done.train_seconds) / evaluated, built)
        return speeds

    def _one(self, arm: Arm, seed: int) -> None:
        self.emit(ProbeStarted(arm.name, seed, arm.arch, arm.weights or "random", self.steps))

        def step_done(step: int, loss: float) -> bool:
            self.emit(ProbeStep(arm.name, seed, step, loss))
            return True

        schedule = rates(arm.recipe, self.steps)
        model = self._model(arm, seed)
        done = train(model, arm.recipe, self.images, schedule, self.batch, seed, step_done, self.deadline)
        self._keep(arm, seed, done)

    def _keep(self, arm: Arm, seed: int, done: Trained) -> None:
        count = len(done.hits)
        self.runs.append(
            ProbeRun(
                arm=arm.name,
                arch=arm.arch,
                weights=arm.weights or "random",
                seed=seed,
                steps=len(done.curve),
                images=done.images,
                seconds=round(done.seconds, 3),
                device=self.device.type,
                curve=done.curve,
                val_accuracy=float(done.hits.mean()) if count else None,
                interval=wilson(int(done.hits.sum()), count) if count else None,
                val_loss=float(done.losses.mean()) if count else None,
                learning_rate=arm.recipe.learning_rate,
                diverged=done.diverged,
            )
        )
        if count and not arm.once:
            self.hits[arm.name, arm.arch][seed] = done.hits
            self.losses[arm.name, arm.arch][seed] = done.losses
        self._measured()

    def _range_test(self, arm: Arm) -> None:
        schedule = lr_range.grid(arm.recipe.optimizer, RANGE_STEPS)
        losses: list[float] = []
        seed = self.job.seed
        self.emit(ProbeStarted(RANGE_TEST, seed, arm.arch, arm.weights or "random", RANGE_STEPS))

        def step_done(step: int, loss: float) -> bool:
            losses.append(loss)
            self.emit(ProbeStep(RANGE_TEST, seed, step, loss))
            return not lr_range.blown_up(losses)

        recipe = arm.recipe
        done = train(
            self._model(arm, seed), recipe, self.images, schedule, self.batch, seed, step_done, self.deadline,
            evaluate=False,
        )  # fmt: skip
        test = lr_range.read(schedule, [loss for _, loss in done.curve])
        configured = self.job.configured if arm.name == CONFIGURED else None
        scale = self._rate_scale(configured) if configured else 1.0
        self.learning_rate = LearningRate(
            configured=configured.learning_rate if configured else None,
            suggested=test.suggested / scale if test.suggested else None,
            diverges_at=test.diverges_at / scale if test.diverges_at else None,
            curve=tuple((rate / scale, loss) for rate, loss in test.curve),
            steps=self.steps,
        )

    # ------------------------------------------------------------------ results

    def _measured(self) -> None:
        held_out = self.images.val_labels
        self.emit(
            ProbesMeasured(
                Probes(
                    runs=tuple(self.runs),
                    prior=self._prior(),
                    image_size=self.size,
                    train_images=len(self.images.train),
                    val_images=len(held_out),
                    device=self.device.type,
                    comparison=self._comparison(),
                    learning_rate=self._learning_rate(),
                    notes=tuple(self.notes),
                    factors=self._factors(),
                )
            )
        )

    def _prior(self) -> float:
        """The share of the largest class among the held-out images."""
        return float(torch.bincount(self.images.val_labels).max()) / len(self.images.val_labels)

    def _paired(self, values: Results, first: str, second: str) -> Paired | None:
        """first - second over the seeds that both ran, on the one architecture that has both."""
        for name, arch in list(values):
            if name == first and (second, arch) in values:
                ours, theirs = values[first, arch], values[second, arch]
                seeds = sorted(ours.keys() & theirs.keys())
                return paired([ours[seed] for seed in seeds], [theirs[seed] for seed in seeds])
        return None

    def _comparison(self) -> Comparison | None:
        gap = self._paired(self.hits, PRETRAINED, SCRATCH)
        if gap is None:
            return None
        first = next(run for run in self.runs if run.arm == PRETRAINED)
        pretrained, scratch = self.hits[PRETRAINED, first.arch], self.hits[SCRATCH, first.arch]
        seeds = pretrained.keys() & scratch.keys()

        def mean(arm: dict[int, Array]) -> float:
            return float(sum(arm[seed].mean() for seed in seeds) / len(seeds))

        weights = self.weights[first.weights]
        return Comparison(first.arch, weights.name, weights.stand_in, mean(scratch), mean(pretrained), gap)

    def _learning_rate(self) -> LearningRate | None:
        if self.learning_rate is None:
            return None
        configured = [run for run in self.runs if run.arm == CONFIGURED]
        suggested = [run for run in self.runs if run.arm == SUGGESTED]
        return replace(
            self.learning_rate,
            confirmed=self._paired(self.losses, CONFIGURED, SUGGESTED),
            configured_diverged=bool(configured) and all(run.diverged for run in configured),
            suggested_learns=bool(suggested)
            and all(run.interval is not None and run.interval.low > self._prior() for run in suggested),
        )


def find_device(name: str) -> torch.device:
    """The device asked for, or the best there is; raises InputError for one that is not there."""
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        name = next(kind for kind in ("cuda", "mps", "cpu") if there[kind])
    if not there[name]:
        raise InputError(f"--device {name}: this machine has no such device that torch can use; give --device cpu.")
    return torch.device(name)
