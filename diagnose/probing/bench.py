"""Where arms are trained: one short training at a time, each kept, and looked up before it is run again."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from diagnose.events import Note, ProbeStarted, ProbeStep
from diagnose.model import Paired, ProbeRun
from diagnose.probing.cache import Cache, key_of
from diagnose.probing.clock import Clock
from diagnose.probing.cluster import Cluster
from diagnose.probing.recipe import Recipe
from diagnose.probing.schedule import rates
from diagnose.probing.statistics import Array, paired, wilson
from diagnose.probing.train import BN_IMAGES, Images, Trained, evaluated, freeze, has_batch_norm, train
from diagnose.probing.weights import Weights, build

CALIBRATION = 6  # steps; the first two are warm-up and not timed


@dataclass(frozen=True)
class Arm:
    """One thing to train. Arms are the same where they would train the same, whatever they are called.

    weights: whether it starts from the session's pretrained weights; features: whether their values, or only the
    scale of each tensor. share: of the training images. The recipe's rate is at the probe's batch size.
    """

    name: str = field(compare=False)
    arch: str
    weights: bool
    recipe: Recipe
    features: bool = True
    share: float = 1.0


@dataclass
class Speed:
    """Seconds per training image, per held-out image, and per run for building the model. batch_norm: whether an
    evaluation measures it again."""

    train: float
    evaluate: float
    build: float
    batch_norm: bool = True


class Bench:
    """Trains arms on one set of images. `emit` takes every event; raises OutOfTime past `deadline`, by `clock`."""

    def __init__(
        self,
        images: Images,
        classes: int,
        weights: Weights | None,
        batch: int,
        fingerprint: str,
        cache: Cache,
        emit: Callable[[Any], None],
        deadline: float,
        clock: Clock = time.monotonic,
    ) -> None:
        self.images, self.classes, self.weights, self.batch = images, classes, weights, batch
        self.cache, self.emit, self.deadline, self.clock = cache, emit, deadline, clock
        self.device = images.train.device
        self.steps = 0
        self.runs: list[ProbeRun] = []
        self.notes: list[str] = []
        self._fingerprint = fingerprint
        self._done: dict[Arm, dict[int, Trained]] = {}
        self._named: set[tuple[str, str, int]] = set()
        self._speeds: dict[str, Speed] = {}
        self.cluster: Cluster | None = None

    @property
    def left(self) -> float:
        """Seconds until the deadline; negative after it."""
        return self.deadline - self.clock()

    # ------------------------------------------------------------------ what it costs

    def calibrate(self, arch: str) -> None:
        """Times a few steps of the architecture, or takes an earlier session's timing; later runs correct both."""
        key = key_of("speed", arch, self.batch, self.images.size, self.device.type, torch.get_num_threads())
        if (stored := self.cache.get(key)) is not None:
            self._speeds[arch] = Speed(**stored)
            return
        start = self.clock()
        model = build(arch, self.classes, None, 0, size=self.images.size)
        built = self.clock() - start
        stamps: list[float] = []
        few = replace(self.images, val=self.images.val[:64], val_labels=self.images.val_labels[:64])

        def stamp(step: int, loss: float) -> bool:
            stamps.append(self.clock())
            return True

        train(model, Recipe(), few, [1e-6] * CALIBRATION, self.batch, 0, stamp, self.deadline, clock=self.clock)
        step = statistics.median(later - earlier for earlier, later in itertools.pairwise(stamps[1:]))
        start = self.clock()
        evaluated(model, Recipe(), few, 0)
        again = has_batch_norm(model)
        images = len(few.val) + (min(BN_IMAGES, len(self.images.train)) if again else 0)
        self._speeds[arch] = Speed(step / self.batch, (self.clock() - start) / images, built, again)
        self.cache.put(key, asdict(self._speeds[arch]))

    def speed(self, arch: str) -> Speed:
        """Seconds that this architecture needs; timed first where that has not been done. Raises OutOfTime."""
        if arch not in self._speeds:
            self.calibrate(arch)
        return self._speeds[arch]

    def seconds(self, arch: str, steps: int, evaluations: int = 1) -> float:
        """What a training of so many steps takes."""
        speed = self.speed(arch)
        return speed.build + steps * self.batch * speed.train + evaluations * self._evaluated(speed) * speed.evaluate

    def _evaluated(self, speed: Speed) -> int:
        """Images that one evaluation passes through: the held-out ones, and those of batch norm's statistics."""
        return len(self.images.val) + (min(BN_IMAGES, len(self.images.train)) if speed.batch_norm else 0)

    def cost(self, arm: Arm, seed: int, halfway: bool = False) -> float:
        """Seconds that this run will take; none where it was run before."""
        if seed in self._done.get(arm, {}):
            return 0.0
        return self.cost_of(arm, seed, self._steps(arm), halfway)

    def cost_of(self, arm: Arm, seed: int, steps: int, halfway: bool = False) -> float:
        """Seconds of a training of so many steps; none where an earlier session ran it."""
        key = self._key(arm, seed, steps, halfway)
        if key in self.cache or (self.cluster and key in self.cluster):
            return 0.0
        return self.seconds(arm.arch, steps, 1 + halfway)

    def _steps(self, arm: Arm) -> int:
        return min(self.steps, arm.recipe.steps or self.steps)

    # ------------------------------------------------------------------ running

    def run(self, arm: Arm, seed: int, halfway: bool = False) -> Trained:
        """The training of this arm with this seed, run now or earlier. It joins `runs` under the arm's name."""
        known = self._done.setdefault(arm, {})
        cached = seed in known
        if not cached:
            known[seed], cached = self.trained(arm, seed, self._steps(arm), halfway)
        if (arm.name, arm.arch, seed) not in self._named:
            self._named.add((arm.name, arm.arch, seed))
            self.runs.append(self._told(arm, seed, known[seed], cached))
        return known[seed]

    def trained(self, arm: Arm, seed: int, steps: int, halfway: bool = False) -> tuple[Trained, bool]:
        """A training of so many steps, and whether an earlier session ran it."""
        key = self._key(arm, seed, steps, halfway)
        if (stored := self.cache.get(key)) is not None:
            stored["curve"] = tuple((step, loss) for step, loss in stored["curve"])
            return Trained(**stored), True
        if (done := self._from_elsewhere(key, arm, seed, steps)) is not None:
            return done, False
        step_done = self.announced(arm.name, arm.arch, self._start(arm), seed, steps)
        begin = self.clock()
        model = self.model(arm, seed)
        built = self.clock() - begin
        done = train(
            model, arm.recipe, self._images(arm, seed), rates(arm.recipe, steps), self.batch, seed, step_done,
            self.deadline, halfway=halfway, clock=self.clock,
        )  # fmt: skip
        self._learn_speed(arm.arch, built, done, steps, 1 + halfway)
        self._keep(key, done)
        return done, False

    def begin_elsewhere(self, arm: Arm, seeds: range, halfway: bool = False) -> None:
        """Starts the arm's runs on the cluster, if there is one, those that no earlier session ran; `run` takes their
        results."""
        if self.cluster is None:
            return
        steps = self._steps(arm)
        for seed in seeds:
            key = self._key(arm, seed, steps, halfway)
            if key not in self.cache and key not in self.cluster:
                self.cluster.begin(self, key, arm, seed, steps, halfway)

    def _from_elsewhere(self, key: str, arm: Arm, seed: int, steps: int) -> Trained | None:
        if not (self.cluster and key in self.cluster):
            return None
        step_done = self.announced(arm.name, arm.arch, self._start(arm), seed, steps)
        done = self.cluster.result(key, self.left)
        if done is None:
            return None
        for step, loss in done.curve:
            step_done(step, loss)
        self._keep(key, done)
        return done

    def _keep(self, key: str, done: Trained) -> None:
        self.cache.put(key, {name: getattr(done, name) for name in Trained.__dataclass_fields__})

    def announced(self, name: str, arch: str, start: str, seed: int, steps: int) -> Callable[[int, float], bool]:
        """Says that a training begins; returns what says each of its steps and lets it go on."""
        self.emit(ProbeStarted(name, seed, arch, start, steps))

        def step_done(step: int, loss: float) -> bool:
            self.emit(ProbeStep(name, seed, step, loss))
            return True

        return step_done

    def model(self, arm: Arm, seed: int) -> nn.Module:
        """The arm's network before its first step."""
        weights = self.weights if arm.weights else None
        if weights is not None and not arm.features:
            weights = weights.without_features(seed)
        size = min(self.images.size, arm.recipe.input_size or self.images.size)
        model = build(arm.arch, arm.recipe.outputs or self.classes, weights, seed, arm.recipe.head_options, size)
        if strangers := freeze(model, arm.recipe.frozen):
            note = f"frozen layers that {arm.arch} does not have: {', '.join(strangers)}"
            if note not in self.notes:
                self.notes.append(note)
                self.emit(Note(note))
        return model

    def _images(self, arm: Arm, seed: int) -> Images:
        if arm.share == 1.0:
            return self.images
        order = torch.randperm(len(self.images.train), generator=torch.Generator().manual_seed(seed)).to(self.device)
        kept = order[: max(2, round(arm.share * len(order)))]
        return replace(self.images, train=self.images.train[kept], train_labels=self.images.train_labels[kept])

    def _learn_speed(self, arch: str, built: float, done: Trained, steps: int, evaluations: int) -> None:
        if len(done.curve) < steps or arch not in self._speeds:
            return
        speed = self._speeds[arch]
        apart = (done.seconds - done.train_seconds) / self._evaluated(speed)
        halves = (evaluations - 1) * self._evaluated(speed) * apart
        speed.train = max(0.0, done.train_seconds - halves) / max(1, done.images)
        speed.evaluate, speed.build = apart, built

    def _key(self, arm: Arm, seed: int, steps: int, halfway: bool) -> str:
        return key_of("run", *self.identity(arm), seed, steps, halfway)

    def identity(self, arm: Arm) -> tuple[Any, ...]:
        """All that a training of the arm depends on, but for seed and steps."""
        start = [self.weights.digest, arm.features] if arm.weights and self.weights else None
        recipe = asdict(arm.recipe) | {"steps": None, "unsupported": (), "unlike": ()}
        images = [self._fingerprint, len(self.images.train), len(self.images.val), self.images.size]
        return (*images, arm.arch, start, recipe, arm.share, self.batch, self.device.type)

    # ------------------------------------------------------------------ results

    def results(self, arm: Arm) -> dict[int, Trained]:
        """What the arm reached so far, by seed."""
        return self._done.get(arm, {})

    def seeds(self, *arms: Arm) -> list[int]:
        """The seeds that all of these ran."""
        return sorted(set.intersection(*(set(self.results(arm)) for arm in arms)))

    def hits(self, arm: Arm, seeds: list[int]) -> list[Array]:
        """Hits (0 or 1) over the N validation images: one array (N,) per seed. Raises KeyError for a seed not run."""
        return [self._done[arm][seed].hits for seed in seeds]

    def gap(self, first: Arm, second: Arm, of: str = "hits") -> Paired | None:
        """first - second in hits or losses, over the seeds that both ran."""
        seeds = self.seeds(first, second)
        return paired(*([getattr(self._done[arm][seed], of) for seed in seeds] for arm in (first, second)))

    def prior(self) -> float:
        """The share of the largest class among the held-out images."""
        return float(torch.bincount(self.images.val_labels).max()) / len(self.images.val_labels)

    def _start(self, arm: Arm) -> str:
        if not arm.weights or self.weights is None:
            return "random"
        return self.weights.name if arm.features else f"random, scaled as {self.weights.name}"

    def _told(self, arm: Arm, seed: int, done: Trained, cached: bool) -> ProbeRun:
        count = len(done.hits)
        return ProbeRun(
            arm=arm.name,
            arch=arm.arch,
            weights=self._start(arm),
            seed=seed,
            steps=len(done.curve),
            images=done.images,
            seconds=round(done.seconds, 3),
            device=self.device.type,
            curve=done.curve,
            val_accuracy=None if done.void else float(np.mean(done.hits)),
            interval=None if done.void else wilson(int(done.hits.sum()), count),
            val_loss=None if done.void else float(np.mean(done.losses)),
            learning_rate=arm.recipe.learning_rate,
            diverged=done.diverged,
            cached=cached,
        )
