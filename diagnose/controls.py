"""What a person can do to a run that is under way: stop it, hold its probes, give them more time."""

from __future__ import annotations

import signal
import threading

CAN_HOLD = hasattr(signal, "SIGSTOP")  # not on Windows


class Controls:
    """Set by one thread, obeyed by another. Everything may be asked for at any moment, before the probes too.

    give_way: whether the probes leave the processor to others first, such as a screen that answers keys.
    """

    def __init__(self, stop: threading.Event | None = None, give_way: bool = False) -> None:
        self.stop = stop or threading.Event()
        self.give_way = give_way
        self._held = threading.Event()
        self._lock = threading.Lock()
        self._more = 0.0

    @property
    def held(self) -> bool:
        """Whether the probes are to stand still; the budget does not run on meanwhile."""
        return self._held.is_set()

    def hold(self) -> None:
        """Ask the probes to stand still. No effect where a process cannot be suspended (Windows)."""
        if CAN_HOLD:
            self._held.set()

    def go_on(self) -> None:
        """Let held probes resume."""
        self._held.clear()

    def extend(self, seconds: float) -> None:
        """More time for the probes, over the budget."""
        with self._lock:
            self._more += seconds

    def take_more(self) -> float:
        """The seconds that were added since the last time."""
        with self._lock:
            more, self._more = self._more, 0.0
        return more
