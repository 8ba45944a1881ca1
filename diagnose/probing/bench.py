"""Where arms are trained: one short training at a time, each kept, and looked up before it is run again."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from diagnose.events import Note, ProbeStarted, ProbeStep
from diagnose.model import GLANCED, Paired, ProbeRun
from diagnose.probing.cache import Cache, key_of
from diagnose.probing.clock import Machine, OutOfTime
from diagnose.probing.cluster import Cluster
from diagnose.probing.frozen import FrozenImages, embedded, only_head, views
from diagnose.probing.recipe import Recipe
from diagnose.probing.scale import FEW
from diagnose.probing.schedule import rates
from diagnose.probing.speed import Speeds
from diagnose.probing.statistics import Array, paired, wilson
from diagnose.probing.train import BN_GLANCE, BN_IMAGES, GLANCES, Images, Trained, freeze, train
from diagnose.probing.weights import Head, Weights, build, head_of, heads_of

PACED = 4  # steps between two looks at their pace


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

    @property
    def halfway(self) -> bool:
        """Whether it is evaluated at half of its steps, too: the configuration as it stands."""
        return self.name == "configured"


class Bench:
    """Trains arms on one set of images. `emit` takes every event; raises OutOfTime past the machine's deadline.

    glanced: the seed whose runs are looked at while they train. builders: by the name of an architecture, what makes it
    of a seed; torchvision has the others.
    """

    def __init__(
        self,
        images: Images,
        classes: int,
        weights: Weights | None,
        batch: int,
        fingerprint: str,
        cache: Cache,
        emit: Callable[[Any], None],
        machine: Machine | None = None,
        speeds: Speeds | None = None,
        glanced: int | None = None,
        builders: Mapping[str, Callable[[int], nn.Module]] | None = None,
    ) -> None:
        self.builders = builders or {}
        self.images, self.classes, self.weights, self.batch = images, classes, weights, batch
        self.cache, self.emit, self.machine = cache, emit, machine or Machine()
        self.device = images.train.device
        self.speeds = speeds or Speeds(images.size, batch, classes, self.device, self.machine)
        self.glanced = glanced
        self.steps = 0
        self.runs: list[ProbeRun] = []
        self.notes: list[str] = []
        self._fingerprint = fingerprint
        self._done: dict[Arm, dict[int, Trained]] = {}
        self._named: set[tuple[str, str, int]] = set()
        self._frozen: dict[tuple[Any, ...], FrozenImages] = {}
        self._aside: tuple[list[ProbeRun], dict[Arm, dict[int, Trained]], set[tuple[str, str, int]], int] | None = None
        self.cluster: Cluster | None = None

    @property
    def left(self) -> float:
        """Seconds until the deadline; negative after it."""
        return self.machine.left

    # ------------------------------------------------------------------ what it costs

    def seconds(self, arch: str, steps: int, evaluations: float = 1) -> float:
        """Seconds that a training of so many steps takes."""
        speed = self.speeds.of(arch)
        return speed.build + steps * self.batch * speed.train + evaluations * self._evaluated(arch) * speed.evaluate

    def _evaluated(self, arch: str) -> int:
        """Images that one evaluation passes through: the held-out ones, and those of batch norm's statistics."""
        return len(self.images.val) + (min(BN_IMAGES, len(self.images.train)) if self.speeds.of(arch).batch_norm else 0)

    def _evaluations(self, arch: str, seed: int, halfway: bool) -> float:
        """Of a run, glances among them by their share of a whole one."""
        glances = len(GLANCES) * (min(GLANCED, len(self.images.val)) + BN_GLANCE) / self._evaluated(arch)
        return 1 + halfway + (glances if self._glances(seed) else 0)

    def _glances(self, seed: int) -> bool:
        """Whether a run of this seed is looked at on the way: short ones would take as long to evaluate as to train."""
        return seed == self.glanced and self.steps >= FEW

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
        if only_head(arm.recipe):
            known = self._frozen_key(arm, seed) in self._frozen
            return self.seconds(arm.arch, 0, 0 if known else views(arm.recipe, self.images) / self._evaluated(arm.arch))
        return self.seconds(arm.arch, steps, self._evaluations(arm.arch, seed, halfway))

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
            self.runs.append(self._reported(arm, seed, known[seed], cached))
        return known[seed]

    def trained(self, arm: Arm, seed: int, steps: int, halfway: bool = False) -> tuple[Trained, bool]:
        """A training of so many steps, and whether an earlier session ran it."""
        key = self._key(arm, seed, steps, halfway)
        if (stored := self.cache.get(key)) is not None:
            stored["curve"] = tuple((step, loss) for step, loss in stored["curve"])
            return Trained(**stored), True
        if (done := self._from_elsewhere(key, arm, seed, steps)) is not None:
            return done, False
        begin = self.machine.clock()
        step_done = self._timed(arm, steps, self.announced(arm.name, arm.arch, self._start(arm), seed, steps))
        model, images = self._head_alone(arm, seed) if only_head(arm.recipe) else (self.model(arm, seed), None)
        built = self.machine.clock() - begin
        done = train(
            model, arm.recipe, images or self._images(arm, seed), rates(arm.recipe, steps), self.batch, seed, step_done,
            self.machine, halfway=halfway, glance=self._glances(seed),
        )  # fmt: skip
        if images is None:
            self.speeds.ran(arm.arch, done, built, self._evaluated(arm.arch))
        self._keep(key, done)
        return done, False

    def _timed(self, arm: Arm, steps: int, heard: Callable[[int, float], bool]) -> Callable[[int, float], bool]:
        """Notes how long steps take, and raises OutOfTime as soon as a run can't end before the deadline."""
        stamps: list[float] = []

        def step_done(step: int, loss: float) -> bool:
            stamps.append(self.machine.clock())
            if len(stamps) > PACED and not only_head(arm.recipe):
                pace = statistics.median(later - earlier for earlier, later in itertools.pairwise(stamps[-PACED - 1 :]))
                if len(stamps) % PACED == 1:
                    self.speeds.step_took(arm.arch, pace)
                if pace * (steps - step - 1) > self.left:
                    self.speeds.step_took(arm.arch, pace)
                    raise OutOfTime
            return heard(step, loss)

        return step_done

    def begin_elsewhere(self, arm: Arm, seeds: Iterable[int], halfway: bool = False, steps: int | None = None) -> None:
        """Starts the arm's runs on the cluster, if there is one, those that no earlier session ran; `run` and `trained`
        take their results."""
        if self.cluster is None:
            return
        steps = steps or self._steps(arm)
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
        """Reports that a training begins; returns the function that reports each of its steps and lets it continue."""
        self.emit(ProbeStarted(name, seed, arch, start, steps))

        def step_done(step: int, loss: float) -> bool:
            self.emit(ProbeStep(name, seed, step, loss))
            return True

        return step_done

    def model(self, arm: Arm, seed: int) -> nn.Module:
        """The arm's network before its first step."""
        if arm.arch in self.builders:
            return self.builders[arm.arch](seed)
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

    def _head_alone(self, arm: Arm, seed: int) -> tuple[nn.Module, FrozenImages | None]:
        """The arm's head, and what its frozen layers make of the images: computed once for all runs that share it. The
        whole network, and None, where its head is more than one layer of numbers."""
        model, key = self.model(arm, seed).to(self.device), self._frozen_key(arm, seed)
        if not isinstance(model.get_submodule(head_of(model)), nn.Linear | Head) or len(heads_of(model)) > 1:
            return model, None
        if key not in self._frozen:
            pretrained = arm.weights and arm.features
            self._frozen[key] = embedded(model, arm.recipe, self._images(arm, seed), pretrained, self.machine)
            note = f"{arm.name}: frozen layers ran once per image, in evaluation mode; only the head was trained"
            if note not in self.notes:
                self.notes.append(note)
        return nn.Sequential(model.get_submodule(head_of(model))), self._frozen[key]

    def _frozen_key(self, arm: Arm, seed: int) -> tuple[Any, ...]:
        """What the frozen layers and their input depend on: the seed too, where their weights are random."""
        recipe = arm.recipe
        drawn = seed if arm.share < 1 or not (arm.weights and arm.features) else None
        fed = (recipe.scaling, recipe.mean, recipe.std, recipe.input_size, recipe.augmentations)
        return (arm.arch, arm.weights, arm.features, arm.share, drawn, *fed)

    def _images(self, arm: Arm, seed: int) -> Images:
        if arm.share == 1.0:
            return self.images
        order = torch.randperm(len(self.images.train), generator=torch.Generator().manual_seed(seed)).to(self.device)
        kept = order[: max(2, round(arm.share * len(order)))]
        return replace(self.images, train=self.images.train[kept], train_labels=self.images.train_labels[kept])

    def forget(self) -> None:
        """Sets every run aside: what follows has another length. The cache still has them."""
        self._aside = (self.runs, self._done, self._named, self.steps)
        self.runs, self._done, self._named = [], {}, set()

    def recall(self) -> bool:
        """Returns to the runs that `forget` set aside, and to their length; False where there are none."""
        if self._aside is None:
            return False
        self.runs, self._done, self._named, self.steps = self._aside
        return True

    def _key(self, arm: Arm, seed: int, steps: int, halfway: bool) -> str:
        return key_of("run", *self.identity(arm), seed, steps, halfway, self._glances(seed))

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

    def beats_majority(self, arm: Arm) -> bool:
        """Whether the arm's runs, taken together, are right more often than the largest class is frequent, by the lower
        end of Wilson's interval over the held-out images."""
        runs = [done.hits for done in self.results(arm).values() if not done.void]
        if not runs:
            return False
        mean = float(np.mean(runs))
        return wilson(round(mean * len(runs[0])), len(runs[0])).low > self.prior()

    def prior(self) -> float:
        """The share of the largest class among the held-out images."""
        return float(torch.bincount(self.images.val_labels).max()) / len(self.images.val_labels)

    def _start(self, arm: Arm) -> str:
        if not arm.weights or self.weights is None:
            return "random"
        return self.weights.name if arm.features else f"random, scaled as {self.weights.name}"

    def _reported(self, arm: Arm, seed: int, done: Trained, cached: bool) -> ProbeRun:
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
            glances=_glances(done),
        )


def _glances(done: Trained) -> tuple[tuple[int, float], ...]:
    """(steps done, share of held-out images right) during the run, and at its end on all of them."""
    if not done.glances.size or done.void:
        return ()
    steps = len(done.curve)
    looks = [
        (max(1, round(share * steps)), float(row.mean())) for share, row in zip(GLANCES, done.glances, strict=True)
    ]
    return (*looks, (steps, float(done.hits.mean())))
