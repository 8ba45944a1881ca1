"""The program as its own probe: as it is and as patched, run in turn for the same steps from the same seeds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from diagnose.model.run import Run
from diagnose.running.child import Asked, run

PAIRS = 3  # runs of each, where the time has room for them
STEPS = 40  # of training in each run
FEWEST_STEPS = 8
FEWEST_IMAGES = 16
SHORTEST = 12.0  # seconds for one run, below which none is begun


@dataclass(frozen=True)
class Pairs:
    """before, after: for each pair of runs, whether each validation image was right. steps: of training in each run;
    why: the reason where there are no pairs."""

    before: tuple[tuple[int, ...], ...] = ()
    after: tuple[tuple[int, ...], ...] = ()
    steps: int = 0
    why: str = ""


def compared(before: Asked, after: Asked, seconds: float, stop: threading.Event, say: Callable[[str], None]) -> Pairs:
    """Runs both in turn within so many seconds. say: takes a line for each pair."""
    begin = time.monotonic()
    each = seconds / (2 * PAIRS)
    steps, first = STEPS, _probe(before, max(SHORTEST, each), STEPS, 0, stop)
    if first.ended == "time" and first.steps:  # slower than hoped: fewer steps, the same for all
        steps = max(FEWEST_STEPS, first.steps // 2)
        first = _probe(before, max(SHORTEST, each), steps, 0, stop)
    if not first.answers:
        return Pairs(why=f"the program as it is: {_reason(first)}")
    pairs: list[tuple[Run, Run]] = []
    for number in range(PAIRS):
        left = seconds - (time.monotonic() - begin)
        if stop.is_set() or (number and left < 2 * SHORTEST):
            break
        limit = max(SHORTEST, min(2 * each, left))
        one = first if number == 0 else _probe(before, limit, steps, number, stop)
        other = _probe(after, limit, steps, number, stop)
        if not other.answers:
            return Pairs(why=f"the patched program: {_reason(other)}")
        if len(one.answers) != len(other.answers):
            return Pairs(why="the two programs validate on different images")
        pairs.append((one, other))
        say(f"run {number + 1} of {PAIRS}: {_share(one):.1%} as it is, {_share(other):.1%} as patched")
    return Pairs(tuple(one.answers for one, _ in pairs), tuple(other.answers for _, other in pairs), steps)


def _probe(asked: Asked, limit: float, steps: int, seed: int, stop: threading.Event) -> Run:
    *_, last = run(replace(asked, limit=limit, steps=steps, seed=seed), stop)
    return last


def _reason(seen: Run) -> str:
    if seen.ended in ("enough", "finished", "time"):
        return f"the time was too short for {seen.steps} training steps and a validation of {FEWEST_IMAGES} images"
    return seen.why or seen.ended


def _share(seen: Run) -> float:
    return sum(seen.answers) / max(1, len(seen.answers))
