"""How many threads the probes use: as many as make them fastest under the load that there is, tried while they work.

A training step is a hundred parallel sections, and at the end of each the threads wait for the last one. Beside other
programs that one isn't running but queued, so that two threads on two processors can be slower than one by a factor
of six (tests/benchmarks/waiting.py). Threads that sleep while they wait (OMP_WAIT_POLICY=passive) avoid this and take
half the speed of a quiet machine. So threads spin for some milliseconds, and their number follows the measured speed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Hashable
from pathlib import Path

import torch

TASKS = Path("/proc/self/task")
BETTER = 0.9  # of the time per image: what another number of threads has to reach to be kept
SLOWER = 2.0  # times the usual time per image, at which the load has changed
SAMPLES = 2  # pieces of work at each number of threads, after one that isn't counted
SETTLING = 2 + 2 * SAMPLES  # pieces of a kind until the first other number has been tried
PATIENCE, LONGEST = 8.0, 60.0  # seconds between two tries; doubled each time that nothing better was found


class Threads:
    """Sets torch's threads. `adapt` is called after each small piece of work, such as a training step."""

    def __init__(
        self,
        most: int,
        clock: Callable[[], float] = time.monotonic,
        use: Callable[[int], None] = torch.set_num_threads,
    ) -> None:
        """most: the highest number. It begins with half of them: too many stall, too few are only slow."""
        self._most, self._clock, self._use = most, clock, use
        self._ran = queued()
        self._up = True  # the direction of the next try
        self._kind: Hashable = None
        self._before = 0  # threads before the try that is under way; 0 where none is
        self._usual = 0.0  # seconds per image at the number that is kept
        self._samples: list[float] = []
        self._tried, self._patience = float("-inf"), PATIENCE
        self._set(max(1, most // 2))

    def adapt(self, kind: Hashable, pace: float) -> None:
        """Takes the seconds per image of a piece of work of this kind, and tries another number now and then."""
        if self._most == 1:
            return
        if kind != self._kind:
            if self._before:
                self._set(self._before)
            self._kind, self._before, self._usual, self._samples = kind, 0, 0.0, []
            return  # the first piece of a kind allocates, and isn't counted
        self._samples.append(pace)
        if self._before:
            self._judge()
        elif len(self._samples) >= SAMPLES:
            recent = min(self._samples[-SAMPLES:])
            changed = self._usual and not 1 / SLOWER < recent / self._usual < SLOWER
            if changed or self._clock() - self._tried > self._patience:
                self._patience = PATIENCE if changed else self._patience
                self._usual = recent
                self._try()

    def _try(self) -> None:
        other = self._next(self._up)
        if other == self.count:
            self._up = not self._up
            other = self._next(self._up)
        self._before, self._samples = self.count, []
        self._set(other)

    def _next(self, up: bool) -> int:
        return min(self._most, 2 * self.count) if up else max(1, self.count // 2)

    def _judge(self) -> None:
        """Keeps the number that is being tried, or returns to the one before, which a stall does at once."""
        stalled = self._samples[-1] > SLOWER * self._usual
        if len(self._samples) <= SAMPLES and not stalled:
            return
        reached = min(self._samples[1:], default=self._samples[0])
        if not stalled and reached < BETTER * self._usual:
            self._usual, self._patience = reached, PATIENCE
        else:
            self._set(self._before)
            self._up = not self._up
            self._patience = min(LONGEST, 2 * self._patience)
        self._before, self._samples, self._tried = 0, [], self._clock()

    def _set(self, count: int) -> None:
        self.count = count
        self._use(count)

    @property
    def share(self) -> float | None:
        """The part of the time that the threads wanted a processor in which they had one; None where the system
        doesn't count it. 1.0 on a quiet machine; 0.5 where other programs get as much as this one."""
        # A thread that has ended isn't counted any more: what is left can be less than there was.
        ran, waited = (max(0.0, now - then) for now, then in zip(queued(), self._ran, strict=True))
        return ran / (ran + waited) if ran + waited > 0 else None


def queued() -> tuple[float, float]:
    """Seconds that this process's threads have run, and have waited for a processor: Linux's schedstat, else (0, 0)."""
    ran = waited = 0
    try:
        for task in os.listdir(TASKS):
            try:
                numbers = (TASKS / task / "schedstat").read_text().split()
            except OSError:
                continue  # the thread has ended
            ran, waited = ran + int(numbers[0]), waited + int(numbers[1])
    except (OSError, ValueError, IndexError):
        return 0.0, 0.0
    return ran / 1e9, waited / 1e9


def processors() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
