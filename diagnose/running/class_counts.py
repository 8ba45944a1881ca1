"""How many images each class has in what a training loader draws from, and weights that rise with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from diagnose.running.hooks.outputs import class_numbers
from diagnose.running.recorder import FeedSeen

NAMES = ("targets", "labels", "classes", "y", "ys")
MOST = 5_000_000  # labels
FEWEST = 100  # labels that were seen in batches, where the dataset shows none
UNEQUAL = 1.3  # the largest over the smallest, of counts and of weights, from which on their order means something
TOGETHER = 0.7  # correlation of their logarithms


def counted(feed: FeedSeen) -> Counter[int] | None:
    """Images by class number: of the whole dataset where it shows its labels, else of the batches that were seen."""
    labels = _labels(feed.dataset)
    if labels is not None:
        return Counter(labels.tolist())
    seen = [number for batch in feed.labels for number in batch]
    return Counter(seen) if len(seen) >= FEWEST else None


def _labels(dataset: Any) -> np.ndarray | None:
    if hasattr(dataset, "indices") and hasattr(dataset, "dataset"):
        whole = _labels(dataset.dataset)
        return whole[np.asarray(dataset.indices, np.int64)] if whole is not None else None
    given = [getattr(dataset, name, None) for name in NAMES] + list(getattr(dataset, "tensors", ()))[-1:]
    for one in given:
        try:
            size, images = len(one), len(dataset)  # type: ignore[arg-type]
            if one is None or isinstance(one, str) or size != images or not 0 < size <= MOST:
                continue
            numbers = class_numbers(np.asarray(one))
        except (TypeError, ValueError, AttributeError, RuntimeError):
            continue
        if numbers is not None:
            return numbers
    return None


def rising(weights: Sequence[float], counts: Counter[int]) -> bool:
    """Whether weights by class number rise with the numbers of images."""
    pairs = [(weight, counts[number]) for number, weight in enumerate(weights) if weight > 0 and counts[number] > 0]
    if len(pairs) < 2 or len(pairs) < len(weights):
        return False
    by_weight, by_count = (np.log(np.array(one, np.float64)) for one in zip(*pairs, strict=True))
    if min(np.ptp(by_weight), np.ptp(by_count)) < np.log(UNEQUAL):
        return False
    return bool(np.corrcoef(by_weight, by_count)[0, 1] > TOGETHER)
