"""How large the trainings are: image size, batch, steps and images, from the measured speed and the time that is left.

Longer runs come first, then larger images, then larger batches, so that a slow machine trains small and a fast one as
the person would.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

SIDES = (64, 96, 128, 160, 192, 224)  # px; below 64 the last stages of a network of stride 32 see next to nothing
BATCHES = (16, 32, 64)
# Steps of a run, the longest first; steps of about 1.4, so that the next one down is not much shorter.
LENGTHS = (2000, 1400, 1000, 700, 500, 350, 250, 180, 120, 90, 60, 45, 30, 20)
ENOUGH = 150  # steps, beyond which larger images or batches are worth more than more steps
FEW = 45  # steps, below which one run is worth more than two
LONGER = 1.8  # times the steps, where a run has to learn more


class Arms(Enum):
    """Which arms have to fit: every main one; the configuration and what it is held against; one alone."""

    ALL = 0
    PAIR = 1
    ONE = 2


# What has to fit into how much of the time: rounds (seeds) of which arms, and the fewest steps for which so many are
# worth it: fewer of them are better than shorter ones, of which all are alike.
OPTIONS = (
    (3, Arms.ALL, 0.4, 2 * FEW),
    (2, Arms.ALL, 0.5, 60),
    (2, Arms.PAIR, 0.6, FEW),
    (1, Arms.PAIR, 0.8, FEW),
    (1, Arms.ONE, 0.8, FEW),
)
OVERHEAD = 1.3  # of a run's steps: building, evaluation and glances
EVALUATION = 0.2  # of a run's training time, that one evaluation may take
FORWARD = 1 / 3  # of a training step's time: one forward pass of one forward and two backward ones
FEWEST_HELD_OUT = 100  # images of an evaluation, of those that there are: below it an interval holds everything
DECODING = 0.1  # of the time that is left, for decoding the images that the runs see


def steps_within(seconds: float, trainings: int, batch: int, per_image: float) -> float:
    """Steps of each of so many trainings."""
    return seconds / (trainings * batch * per_image * OVERHEAD)


def expected_steps(seconds: float, own: bool, batch: int, per_image: float) -> float:
    """What `length` will come to, by the speed alone. own: whether there is a configuration to train."""
    best = 0.0
    for rounds, arms, share, fewest in OPTIONS:
        trainings = rounds * {Arms.ALL: 2 + own, Arms.PAIR: 1 + own, Arms.ONE: 1}[arms]
        steps = steps_within(share * seconds, trainings, batch, per_image)
        if steps >= fewest:
            return steps
        best = max(best, steps) if arms is not Arms.ONE or best < LENGTHS[-1] else best
    return best


def side_for(seconds: float, trainings: int, per_image: float, largest: int, smallest: int = SIDES[0]) -> int:
    """The largest image side whose runs are long enough; per_image: seconds at the smallest side.

    The work of a convolution grows with the number of pixels.
    """
    sides = [side for side in SIDES if side <= largest] or [smallest]
    fitting = [
        side
        for side in sides
        if steps_within(seconds, trainings, BATCHES[0], per_image * (side / smallest) ** 2) >= ENOUGH
    ]
    return max(fitting, default=sides[0])


def batch_for(seconds: float, trainings: int, per_image: float, largest: int) -> int:
    """The largest batch whose runs are long enough, at most `largest`."""
    fitting = [b for b in BATCHES if b <= largest and steps_within(seconds, trainings, b, per_image) >= ENOUGH]
    return max(fitting, default=min(BATCHES[0], largest))


def images_for(
    steps: float, batch: int, most: tuple[int, int], seconds: float, pace: float, bn_images: int
) -> tuple[int, int]:
    """Training and held-out images: as many as the runs see, and as an evaluation has time for.

    most: those that there are. seconds: that are left; pace: seconds of decoding one.
    """
    seen = max(steps, LENGTHS[-1]) * batch
    affordable = DECODING * seconds / pace if pace > 0 else 3 * seen
    held = round(min(EVALUATION / FORWARD * seen - bn_images, affordable / 2))
    held = min(most[1], max(FEWEST_HELD_OUT, held))
    return min(most[0], max(2 * batch, round(min(seen, max(affordable - held, FEWEST_HELD_OUT))))), held


def length(fits: Callable[[int, int, Arms, float], bool]) -> int:
    """Steps of a run: the longest of the first option that allows its fewest, or else of the one that allows most; 0
    where none allows the shortest.

    fits: whether runs of so many steps, in so many rounds of these arms, take no more than this share of the time. One
    arm alone is a way out where no pair fits.
    """
    best = 0
    for rounds, arms, share, fewest in OPTIONS:
        if arms is Arms.ONE and best:
            break
        steps = next((steps for steps in LENGTHS if fits(steps, rounds, arms, share)), 0)
        if steps >= fewest:
            return steps
        best = max(best, steps)
    return best


def longer(steps: int, fits: Callable[[int], bool]) -> int:
    """The next length worth a new start that still fits; 0 where none does."""
    wanted = [each for each in reversed(LENGTHS) if each >= LONGER * steps]
    return wanted[0] if wanted and fits(wanted[0]) else 0
