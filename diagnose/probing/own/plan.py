"""How long the trainings of a person's network are, and which of them there is time for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from diagnose.model import SEEDS_TO_SHOW
from diagnose.probing import scale
from diagnose.probing.bench import Arm

# Rounds (seeds) of every arm and the fewest steps for which so many are worth it. The first that fits is taken, with
# every arm; else with fewer of them; and only then shorter, since networks that have learned nothing are all alike.
OPTIONS = ((SEEDS_TO_SHOW, 250), (4, 180), (3, 120))
SHORTER = ((3, 90), (2, 60), (2, 20))
SHARE = 0.9  # of the time that is left, that these take
REFERENCE_ROUNDS = 2  # of ResNet50, which takes longer than the others together


def rounds_of(arm: Arm, rounds: int, slow: Arm | None) -> int:
    """How often an arm runs."""
    return min(rounds, REFERENCE_ROUNDS) if arm is slow else rounds


def in_turn(arms: Sequence[Arm], droppable: Sequence[Arm], slow: Arm | None) -> Iterator[tuple[Arm, int]]:
    """Every arm and seed in the order in which they run: twice what is needed, twice what isn't, then the rest."""
    needed = [arm for arm in arms if arm not in droppable]
    others = [arm for arm in arms if arm in droppable]
    for group in (needed, others):
        for number in range(2):
            yield from ((arm, number) for arm in group)
    for number in range(2, SEEDS_TO_SHOW):
        yield from ((arm, number) for arm in arms if rounds_of(arm, number + 1, slow) > number)


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
    kept = tuple(arms)
    for drop in (None, *droppable):
        kept = tuple(arm for arm in kept if arm is not drop)
        if steps := _longest(kept, OPTIONS, slow, seconds, SHARE * left):
            return steps, kept
    return _longest(kept, SHORTER, slow, seconds, SHARE * left), kept


def _longest(
    arms: Sequence[Arm],
    options: Sequence[tuple[int, int]],
    slow: Arm | None,
    seconds: Callable[[Arm, int], float],
    left: float,
) -> int:
    for rounds, least in options:
        for steps in scale.LENGTHS:
            if steps >= least and sum(rounds_of(arm, rounds, slow) * seconds(arm, steps) for arm in arms) <= left:
                return steps
    return 0
