"""How long trainings of the search are, and what part of the time is kept for its confirmation."""

from __future__ import annotations

from collections.abc import Callable

from diagnose.model import SEEDS_TO_CONFIRM
from diagnose.probing import scale

REDUCTION = 2  # of the recipes at a rung, one of so many trains on
RUNGS = 3
# Recipes that should be tried, and the fewest steps of the longest training: more recipes before ever longer trainings.
OPTIONS = ((40, 150), (20, 60), (10, 20), (5, 20))
CONFIRMATION = 1 / 3  # of the time, kept for the confirmation
REVERSALS = 2  # trainings that find out which changes matter: all but the rate at once, then some one at a time
USED = 0.9  # of the time: what a busy machine takes longer than expected

Seconds = Callable[[int], float]  # what a training of so many steps takes


def rungs(steps: int) -> tuple[int, ...]:
    """Steps of the trainings that a recipe goes through, a quarter, a half and the whole.

    Each is a training of its own with its whole schedule: halfway through a decay a loss says little of its end.
    Successive halving: Jamieson and Talwalkar 2016; without waiting for a whole rung, ASHA: Li et al. 2020.
    """
    return tuple(sorted({max(1, round(steps / REDUCTION**rung)) for rung in range(RUNGS)}))


def of_recipe(steps: int, seconds: Seconds) -> float:
    """Seconds that a recipe takes on average, where one in REDUCTION advances from each rung."""
    return sum(seconds(each) * float(REDUCTION) ** -rung for rung, each in enumerate(rungs(steps)))


def confirmation(seeds: int, steps: int, seconds: Seconds) -> float:
    """Seconds of the person's recipe and the best one on so many seeds."""
    return 2 * seeds * seconds(steps)


def confirmed(steps: int, time: float, seconds: Seconds) -> int:
    """Steps of the trainings that confirm: those of the search, or half where a machine that has become slower has no
    time for the fewest seeds otherwise."""
    fits = confirmation(SEEDS_TO_CONFIRM, steps, seconds) <= time
    return steps if fits else max(1, round(steps / REDUCTION))


def reserve(time: float, steps: int, seconds: Seconds) -> float:
    """Seconds, of the whole time, that the search leaves: for the reversals and the confirmation."""
    return max(CONFIRMATION * time, confirmation(SEEDS_TO_CONFIRM, steps, seconds) / USED + REVERSALS * seconds(steps))


def length(time: float, seconds: Seconds, most: int | None = None) -> int:
    """Steps of the longest trainings: the longest that leave time for the recipes of an option; 0 where none does.

    most: steps of the whole configured run, where it is short.
    """
    for recipes, fewest in OPTIONS:
        for steps in scale.LENGTHS:
            steps = min(steps, most or steps)
            needed = recipes * of_recipe(steps, seconds) + reserve(0.0, steps, seconds)
            if steps >= min(fewest, most or fewest) and needed <= USED * time:
                return steps
    return 0
