"""Which classes the best arm takes for each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from diagnose.model import ConfusedPair, Confusion

MOST_CLASSES = 30  # of a matrix that can be read
PAIRS = 5  # named
FEWEST = 2  # answers, below which a pair is chance


def confusion(
    arm: str, classes: Sequence[str], labels: NDArray[np.int64], answers: Sequence[NDArray[np.int64]]
) -> Confusion:
    """The answers (N,) of each seed against the labels (N,), counted together.

    An answer beyond the classes, which a head with more outputs can give, doesn't count and is left out.
    """
    counts = np.zeros((len(classes), len(classes)), int)
    for answered in answers:
        known = answered < len(classes)
        np.add.at(counts, (labels[known], answered[known]), 1)
    of = len(answers) * np.bincount(labels, minlength=len(classes))
    wrong = counts * (1 - np.eye(len(classes), dtype=int))
    order = np.argsort(-wrong, axis=None, kind="stable")[:PAIRS]
    pairs = tuple(
        ConfusedPair(classes[row], classes[column], int(wrong[row, column]), int(of[row]))
        for row, column in (np.unravel_index(place, wrong.shape) for place in order)
        if wrong[row, column] >= FEWEST * len(answers)
    )
    readable = tuple(map(tuple, counts.tolist())) if len(classes) <= MOST_CLASSES else ()
    return Confusion(arm, tuple(classes), readable, pairs)
