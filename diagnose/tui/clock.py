"""How long a run has taken, and how long it should still take."""

from __future__ import annotations

import time

from diagnose.report.text import minutes


class Clock:
    """Seconds since it was made, without those during which it was held. until: when it should end; 0 is unknown."""

    def __init__(self, until: float = 0.0) -> None:
        self._since, self._gone, self.held = time.monotonic(), 0.0, False
        self.until = until

    def hold(self, held: bool) -> None:
        """Stop counting (True) or resume (False)."""
        self._gone, self._since, self.held = self.seconds, time.monotonic(), held

    def expect(self, seconds: float) -> None:
        """Take it that this many seconds are left."""
        self.until = self.seconds + seconds

    @property
    def seconds(self) -> float:
        """Seconds counted so far."""
        return self._gone + (0.0 if self.held else time.monotonic() - self._since)

    def __str__(self) -> str:
        gone = self.seconds
        if not self.until:
            return minutes(gone)
        total = max(self.until, gone)
        return f"{minutes(gone)} of about {minutes(total)}, {minutes(total - gone)} left"
