"""How fast each architecture trains here, under the load that there is: timed at first need, corrected by every run.

Nothing is taken over from an earlier session: a different load gives a different speed.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import torch
from torch import nn

from diagnose.probing.clock import Machine
from diagnose.probing.recipe import Recipe
from diagnose.probing.threads import SETTLING
from diagnose.probing.train import BN_IMAGES, EVAL_BATCH, Images, Trained, evaluated, has_batch_norm, train
from diagnose.probing.weights import build

CALIBRATION = 3  # steps; the first warms up and isn't timed
LATEST = 0.7  # weight of the newest measurement against those before


@dataclass
class Speed:
    """Seconds per training image, per held-out image, and per run for building the model. batch_norm: whether an
    evaluation measures it again."""

    train: float
    evaluate: float
    build: float
    batch_norm: bool = True


class Speeds:
    """The speeds of architectures at one image size and batch size."""

    def __init__(
        self,
        size: int,
        batch: int,
        classes: int,
        device: torch.device,
        machine: Machine,
        working: Callable[[str, int, int], None] = lambda what, done, total: None,
        builders: Mapping[str, Callable[[int], nn.Module]] | None = None,
        steps: int | None = None,
    ) -> None:
        """steps: of a timing, two or more; None: as many as it takes to settle the number of threads. builders: by the
        name of an architecture, what makes it of a seed; a library has the others."""
        self._builders, self._steps = builders or {}, steps
        self.size, self.batch = size, batch
        self._classes, self._device, self._machine, self._working = classes, device, machine, working
        self._known: dict[str, Speed] = {}

    def of(self, arch: str) -> Speed:
        """What this architecture takes; timed first where that hasn't been done. Raises OutOfTime."""
        if arch not in self._known:
            self._known[arch] = self._timed(arch)
        return self._known[arch]

    def _timed(self, arch: str) -> Speed:
        clock = self._machine.clock
        self._working(f"timing {arch}", 0, CALIBRATION)
        begin = clock()
        made = self._builders.get(arch)
        model = made(0) if made else build(arch, self._classes, None, 0, size=self.size)
        built = clock() - begin
        pixels = torch.randint(0, 256, (self.batch, 3, self.size, self.size), dtype=torch.uint8).to(self._device)
        labels = (torch.arange(self.batch) % self._classes).to(self._device)
        stamps: list[float] = []
        steps = self._steps or max(CALIBRATION, SETTLING if self._machine.threads else 0)

        def stamp(step: int, loss: float) -> bool:
            stamps.append(clock())
            self._working(f"timing {arch}", step + 1, steps)
            return True

        few = Images(pixels, labels, pixels[:EVAL_BATCH], labels[:EVAL_BATCH])
        train(model, Recipe(), few, [1e-6] * steps, self.batch, 0, stamp, self._machine, evaluate=False)
        step = min(later - earlier for earlier, later in itertools.pairwise(stamps[-CALIBRATION:]))
        begin = clock()
        evaluated(model, Recipe(), few, 0, self._machine)
        again = has_batch_norm(model)
        images = len(few.val) + (min(BN_IMAGES, len(few.train)) if again else 0)
        return Speed(step / self.batch, min((clock() - begin) / images, step / self.batch), built, again)

    def pace(self, arch: str) -> float | None:
        """Training images per second; None where the architecture was not timed."""
        speed = self._known.get(arch)
        return 1 / max(1e-9, speed.train) if speed else None

    def assume(self, arch: str, like: str) -> None:
        """Takes one architecture to be as fast as another, until it runs. Raises OutOfTime."""
        self._known.setdefault(arch, replace(self.of(like)))

    def step_took(self, arch: str, seconds: float) -> None:
        """A training step of the architecture was measured."""
        if (speed := self._known.get(arch)) is not None:
            speed.train += LATEST * (seconds / self.batch - speed.train)

    def ran(self, arch: str, done: Trained, built: float, evaluated: float) -> None:
        """A whole run was measured. evaluated: images that it was evaluated on, batch norm's among them."""
        speed = self._known.get(arch)
        spent = done.seconds - done.train_seconds
        if speed is None or done.void or not len(done.hits):
            return
        speed.build += LATEST * (built - speed.build)
        speed.evaluate += LATEST * (spent / evaluated - speed.evaluate)
