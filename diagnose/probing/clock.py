"""The machine that the probes run on: its clock, the moment at which they have to end, and its threads."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from diagnose.probing.threads import Threads

Clock = Callable[[], float]  # seconds since some moment, never fewer than before; time.monotonic is the real one


class OutOfTime(Exception):
    """The deadline came in the middle of a piece of work, or would; that piece is void."""


@dataclass
class Machine:
    """deadline: on `clock`; it may be moved while work is under way. threads: None where their number stays."""

    clock: Clock = time.monotonic
    deadline: float = math.inf
    threads: Threads | None = None

    @property
    def left(self) -> float:
        """Seconds until the deadline; negative after it."""
        return self.deadline - self.clock()

    def check(self) -> None:
        """Raises OutOfTime past the deadline."""
        if self.left < 0:
            raise OutOfTime

    def worked(self, kind: Hashable, images: int, began: float) -> None:
        """Notes that a small piece of work of this kind has ended, which began at time.perf_counter() = `began`."""
        if self.threads is not None:
            self.threads.adapt(kind, (time.perf_counter() - began) / max(1, images))
