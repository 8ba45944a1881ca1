"""The clock that budgets and speeds are read from; a test may pass one of its own that counts steps."""

from collections.abc import Callable

Clock = Callable[[], float]  # seconds since some moment, never fewer than before; time.monotonic is the real one
