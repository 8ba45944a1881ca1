"""Drops the changes that do not matter: random proposals change everything at once, and a patch should be short."""

from __future__ import annotations

import math
from collections.abc import Callable

from diagnose.probing.rate_search import NOISE
from diagnose.probing.statistics import Array
from diagnose.probing.tuning.dimensions import RATE
from diagnose.probing.tuning.search import Candidate
from diagnose.probing.tuning.space import Params, Space

Losses = Callable[[Params], Array | None]  # of a recipe, one per held-out image; None where there is no time


def simplified(space: Space, best: Candidate, losses: Losses) -> Params:
    """The best recipe with each change taken back without which the loss is not worse beyond the noise.

    All but the learning rate are first taken back at once, which is often enough and costs one training; then one at a
    time, the rate last. Each is compared with the best itself, so that small losses do not add up.
    """
    kept = dict(best.params)
    changed = space.changed(kept)
    others = [name for name in changed if name != RATE]
    if RATE in changed and len(others) > 1 and _alike(losses(_back(space, kept, others)), best.losses):
        return _back(space, kept, others)
    for name in (*reversed(others), *([RATE] if RATE in changed else [])):
        if len(space.changed(kept)) == 1:
            break  # what is left is all that the best recipe is: the confirmation judges it
        without = _back(space, kept, [name])
        if _alike(losses(without), best.losses):
            kept = without
    return kept


def _back(space: Space, params: Params, names: list[str]) -> dict[str, float | str]:
    return {**params, **{name: value for name, value in space.own.items() if name in names}}


def _alike(losses: Array | None, best: Array) -> bool:
    """Whether losses are no worse than the best ones beyond the noise over the images."""
    if losses is None:
        return False
    worse = losses - best
    return float(worse.mean()) <= NOISE * float(worse.std(ddof=1)) / math.sqrt(len(worse))
