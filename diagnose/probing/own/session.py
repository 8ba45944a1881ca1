"""Trains a person's own network from a Job, beside references and repairs of itself: paired, round by round.

It is their code that runs: whatever it raises is one Failed of the part "network.arms", and what was measured by then
stays.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from diagnose.catalogue import losses
from diagnose.catalogue.losses import Expects
from diagnose.children import join
from diagnose.events import NetworkMeasured, ProbesPlanned
from diagnose.model import InputError, usual_band
from diagnose.probing import scale
from diagnose.probing.bench import Arm, Bench
from diagnose.probing.budgeted import LARGEST_SIDE, SMALLEST_SIDE, Budgeted
from diagnose.probing.cache import Cache
from diagnose.probing.clock import Clock, OutOfTime
from diagnose.probing.cluster import Cluster
from diagnose.probing.job import Failed, Job
from diagnose.probing.own.networks import OWN, RESNET50, Networks
from diagnose.probing.own.plan import in_turn, planned
from diagnose.probing.own.results import own_arms
from diagnose.probing.pictures import Pictures
from diagnose.probing.prepare import Preparation
from diagnose.probing.questions.setting import ProbeSetting
from diagnose.probing.recipe import Recipe
from diagnose.probing.speed import Speeds
from diagnose.probing.threads import Threads
from diagnose.probing.train import BN_IMAGES

PART = "network.arms"
TIMED = 2  # steps of a timing: there are many networks, and every run corrects it
REFERENCE = "the reference recipe"


class OwnSession(Budgeted):
    """Runs a Job whose `network` is set. `emit` takes every event; results so far are emitted after each run."""

    def __init__(
        self,
        job: Job,
        device: torch.device,
        emit: Callable[[Any], None],
        clock: Clock = time.monotonic,
        threads: Threads | None = None,
    ) -> None:
        assert job.network is not None
        super().__init__(job, device, emit, clock, threads)
        self.network = job.network

    def run(self) -> None:
        """All arms that fit, a seed at a time. What the person's code raises is emitted, not raised."""
        join(self.network.folders)
        try:
            self._run()
        except OutOfTime:  # before the first training
            self._too_short()
        except InputError:
            raise
        except torch.OutOfMemoryError as fault:
            self.emit(Failed(f"out of memory: {str(fault).splitlines()[0]}", PART))
        except Exception as fault:  # a person's code may raise anything
            traceback.print_exc()
            said = str(fault).splitlines()[0] if str(fault) else ""
            self.emit(Failed(f"training stopped with {type(fault).__name__}: {said}", PART))

    def _run(self) -> None:
        pixels = min(LARGEST_SIDE, max(SMALLEST_SIDE, self.network.image_side))
        side = min(scale.SIDES[0], pixels) if self.device.type == "cpu" else pixels
        networks = Networks(
            self.network.source, len(self.job.classes), side, self.network.input_size, self.network.image_side,
            self._cross_entropy_said(),
        )  # fmt: skip
        batch = scale.BATCHES[0] if self.device.type == "cpu" else scale.BATCHES[-1]
        batch = min(batch, max(2, len(self.job.train) // 2))
        pictures = Pictures(self.job.train, self.job.val, networks.side, self.device, self.machine, self._working)
        builders = networks.builders()
        speeds = Speeds(
            networks.side, batch, len(self.job.classes), self.device, self.machine, self._working, builders, TIMED
        )
        for repair, _ in networks.repairs:
            if not repair.costly:
                speeds.assume(repair.name, OWN)
        references = [networks.same_size] + [RESNET50] * (networks.same_size != RESNET50)
        most_steps = scale.steps_within(
            self.machine.left, 3 * (2 + len(networks.repairs)), batch, speeds.of(OWN).train
        )  # fmt: skip
        train, val = scale.images_for(
            most_steps, batch, pictures.most, self.machine.left, pictures.pace, BN_IMAGES
        )  # fmt: skip
        bench = Bench(
            pictures.first(train, val), len(self.job.classes), None, batch, "", Cache(None), self.emit, self.machine,
            speeds, builders=builders,
        )  # fmt: skip
        recipe, whose = self._recipe(bench)
        own = Arm(OWN, OWN, False, recipe)
        repairs = [(repair, fault, Arm(repair.name, repair.name, False, recipe)) for repair, fault in networks.repairs]
        beside = [Arm(name, name, False, recipe) for name in references]
        self._train(bench, networks, own, repairs, beside, whose)

    def _train(
        self,
        bench: Bench,
        networks: Networks,
        own: Arm,
        repairs: list[tuple[Any, bool, Arm]],
        beside: list[Arm],
        whose: str,
    ) -> None:
        slow = beside[-1] if beside[-1].arch == RESNET50 else None
        choices = [arm for _, fault, arm in repairs if not fault]
        droppable = [*choices[:0:-1], *([slow] if slow and len(beside) > 1 else []), *choices[:1]]
        order = [own, *(arm for *_, arm in repairs), *beside]
        steps, kept = planned(
            order, droppable, slow, lambda arm, steps: bench.seconds(arm.arch, steps), self.machine.left
        )
        if not steps:
            return self._too_short()
        bench.steps = steps
        parameters = {arm.arch: networks.count(arm.arch) for arm in (own, *beside)}
        self.emit(ProbesPlanned(tuple(arm.name for arm in kept), self.machine.left))
        if self.job.ray:
            bench.cluster = Cluster(self.job.ray, self.network.folders)
            for arm, number in in_turn(kept, droppable, slow):
                bench.begin_elsewhere(arm, [self.job.seed + number])
        late = set[Arm]()
        for arm, number in in_turn(kept, droppable, slow):
            if arm in late or (number >= 2 and bench.cost(arm, self.job.seed + number) > self.machine.left):
                continue
            try:
                bench.run(arm, self.job.seed + number)
            except OutOfTime:  # it would not have ended in time: a faster one may
                late.add(arm)
                continue
            measured = own_arms(bench, own, beside, repairs, parameters, whose, self.notes)
            if measured is not None:
                self.emit(NetworkMeasured(measured))
        if lacking := [arm.name for arm in order if len(bench.results(arm)) < 2]:
            self._say(f"left out of your network's trainings for lack of time: {', '.join(lacking)}")
            if (measured := own_arms(bench, own, beside, repairs, parameters, whose, self.notes)) is not None:
                self.emit(NetworkMeasured(measured))

    # ------------------------------------------------------------------ the recipe

    def _cross_entropy_said(self) -> bool:
        """Whether the person's configuration puts the outputs into cross-entropy, whatever they are."""
        configured = self.job.configured
        return configured is not None and configured.loss == "cross_entropy" and "loss" not in configured.unlike

    def _recipe(self, bench: Bench) -> tuple[Recipe, str]:
        """How every arm trains, and whose recipe that is: the configuration's, with cross-entropy and nothing frozen,
        where it can be trained at a usual rate."""
        plain = replace(
            self.job, weights="none", configured_weights="none", goal=None, arch=RESNET50, configured_arch=RESNET50
        )
        setting: ProbeSetting = Preparation(plain, bench.images.size, lambda text: None, lambda failed: None).setting()
        if setting.own is None or setting.own.outputs == 1:
            return Recipe(), REFERENCE
        low, high = usual_band(setting.own.optimizer, setting.own.batch_size)
        if not low <= setting.own.learning_rate <= high:
            self._say("the configured learning rate is unusual, so your network was trained with the reference recipe")
            return Recipe(), REFERENCE
        recipe = setting.own_arm(bench).recipe
        entry = losses.find(recipe.loss)
        if entry is None or entry.expects is not Expects.LOGITS:
            recipe = replace(recipe, loss="cross_entropy", loss_options=())
        kept = replace(recipe, frozen=(), outputs=None, output_activation="none", head_options=(), input_size=None)
        return kept, "your recipe"

    # ------------------------------------------------------------------ what it says

    def _too_short(self) -> None:
        why = f"{self.job.seconds:.0f} s are too short to train your network and its references"
        self.emit(Failed(f"{why}: give a longer --budget", PART))
