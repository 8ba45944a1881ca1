"""Which probes run, for how many seeds and steps, so that the whole ends inside the budget."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.model import SEEDS_TO_SHOW
from diagnose.probe.job import Recipe

USE = 0.92  # share of the remaining budget that is planned; the rest absorbs slower steps
RANGE_STEPS = 50
# Seeds tried in this order, each with the fewest steps that make more seeds worth more than longer runs.
CHOICES = ((SEEDS_TO_SHOW, 40), (4, 30), (3, 16), (2, 10))


@dataclass(frozen=True)
class Arm:
    """One thing to compare. `once`: a reference that runs for one seed only; `weights` None is random."""

    name: str
    arch: str
    weights: str | None
    recipe: Recipe
    once: bool = False


@dataclass(frozen=True)
class Speed:
    """Seconds per training image, per held-out image, and per run for building the model."""

    train: float
    evaluate: float
    build: float

    def run(self, steps: int, batch: int, evaluated: int) -> float:
        return self.build + steps * batch * self.train + evaluated * self.evaluate


@dataclass(frozen=True)
class Plan:
    seeds: int
    steps: int
    seconds: float


def make_plan(
    arms: list[Arm],
    speeds: dict[str, Speed],
    range_arch: str | None,
    batch: int,
    evaluated: int,
    seconds: float,
    longest: int,
) -> Plan | None:
    """The most seeds that still leave runs long enough to tell; None where not even two short ones fit.

    speeds: by architecture. range_arch: what the learning-rate test runs on, None without one.
    evaluated: images per evaluation. longest: steps after which a run stops paying.
    """

    def cost(seeds: int, steps: int) -> float:
        runs = sum(speeds[arm.arch].run(steps, batch, evaluated) * (1 if arm.once else seeds) for arm in arms)
        return runs + (speeds[range_arch].run(RANGE_STEPS, batch, 0) if range_arch else 0.0)

    for seeds, fewest in CHOICES:
        fitting = [steps for steps in range(fewest, longest + 1) if cost(seeds, steps) <= USE * seconds]
        if fitting:
            return Plan(seeds, fitting[-1], cost(seeds, fitting[-1]))
    return None
