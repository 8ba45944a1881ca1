"""How fast work goes, and how long the rest of it takes."""

from __future__ import annotations

import time

from diagnose.report.text import minutes

SURE = 2.0  # seconds of work, before which a rate says little


class Pace:
    """The rate of pieces that are done, since the first that was heard of; what a cache held at the start counts for
    nothing."""

    def __init__(self) -> None:
        self._first: tuple[float, int] | None = None

    def left(self, done: int, total: int) -> str:
        """ "410 per second, 0:30 left"; empty at the end, and before the rate is known."""
        now = time.monotonic()
        if self._first is None:
            self._first = now, done
        since, before = self._first
        if now - since < SURE or not before < done < total:
            return ""
        rate = (done - before) / (now - since)
        return (
            f"{rate:.0f} per second, {minutes((total - done) / rate)} left" if rate >= 1 else "less than 1 per second"
        )
