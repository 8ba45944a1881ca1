"""Which probe runs next: the one that yields most information per second, if it fits into the time that is left."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

from diagnose.model import SEEDS_TO_SHOW, Paired

FIRST, SECOND = 1.0, 0.8  # of a question's weight: one seed gives a value, the second its interval
SETTLED = 0.4  # of the worth of one more seed, once the interval excludes zero
FEWEST_TO_SETTLE = 3


class Question(Protocol):
    """Something to find out by running. `done` counts the rounds so far."""

    name: str
    done: int

    def information(self, done: int) -> float:
        """The information that round number `done` is expected to yield, in units of a verdict; 0 where none is
        left."""

    def cost(self, done: int) -> float:
        """Seconds that the round will take; 0 where an earlier session ran it."""

    def run(self) -> None:
        """The next round."""


def information_of_seed(done: int, answer: Paired | None) -> float:
    """The information that one more seed yields about a difference: the uncertainty of a mean falls with the number
    behind it, so round n+1 is worth half the logarithm of (n+1)/n (the entropy of a normal mean), and less once the
    answer is known."""
    if done >= SEEDS_TO_SHOW:
        return 0.0
    if done < 2:
        return (FIRST, SECOND)[done]
    worth = 0.5 * math.log((done + 1) / done)
    settled = answer is not None and done >= FEWEST_TO_SETTLE and answer.interval.excludes_zero
    return worth * (SETTLED if settled else 1.0)


def choose(probes: Sequence[Question], seconds: float, done: dict[int, int] | None = None) -> Question | None:
    """The probe that yields most information per second, of those that fit into `seconds`; None where none does.

    done: rounds of each probe, by its place, where they are other than the probes' own.
    """
    rated = []
    for place, probe in enumerate(probes):
        rounds = probe.done if done is None else done[place]
        worth = probe.information(rounds)
        cost = probe.cost(rounds) if worth > 0 else math.inf
        if worth > 0 and cost <= seconds:
            rated.append((worth / max(cost, 0.01), -place))
    return probes[-max(rated)[1]] if rated else None


def foresee(probes: Sequence[Question], seconds: float) -> list[tuple[str, int, float]]:
    """What will run: (name, rounds, seconds) of each probe that comes up, if every cost is as expected."""
    done = {place: probe.done for place, probe in enumerate(probes)}
    rounds: dict[str, tuple[int, float]] = {}
    left = seconds
    while (chosen := choose(probes, left, done)) is not None:
        place = probes.index(chosen)
        cost = chosen.cost(done[place])
        left -= cost
        done[place] += 1
        count, spent = rounds.get(chosen.name, (0, 0.0))
        rounds[chosen.name] = count + 1, spent + cost
    return [(name, count, spent) for name, (count, spent) in rounds.items()]
