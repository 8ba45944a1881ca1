"""How long the trainings of a person's network are, and which of them there is time for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from diagnose.model import SEEDS_TO_SHOW
from diagnose.probing import scale
from diagnose.probing.bench import Arm

# Rounds (seeds) of every arm and the fewest steps for which so many are worth it: the first that fits is taken.
OPTIONS = ((SEEDS_TO_SHOW, 180), (4, 90), (3, 45), (2, 30))
SHARE = 0.9  # of the time that is left, that these take
REFERENCE_ROUNDS = 2  # of ResNet50, which takes longer than the others together


def rounds_of(arm: Arm, rounds: int, slow: Arm | None) -> int:
    """How often an arm runs."""
    return min(rounds, REFERENCE_ROUNDS) if arm is slow else rounds


def planned(
    arms: Sequence[Arm],
    droppable: Sequence[Arm],
    slow: Arm | None,
    seconds: Callable[[Arm, int], float],
    left: float,
) -> tuple[int, tuple[Arm, ...]]:
    """Steps of each training, and the arms that fit; 0 steps where not even the others than the droppable do.

    droppable: arms that are left out for lack of time, the first one first. seconds: of a training of so many steps.
    """
    kept = list(arms)
    for drop in (None, *droppable):
        kept = [arm for arm in kept if arm is not drop]
        for rounds, least in OPTIONS:
            for steps in scale.LENGTHS:
                cost = sum(rounds_of(arm, rounds, slow) * seconds(arm, steps) for arm in kept)
                if steps >= least and cost <= SHARE * left:
                    return steps, tuple(kept)
    for steps in scale.LENGTHS:
        if 2 * sum(seconds(arm, steps) for arm in kept) <= SHARE * left:
            return steps, tuple(kept)
    return 0, tuple(kept)
