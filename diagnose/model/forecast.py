"""What the long run will take and reach, from what the probes measured."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.model.intervals import Interval


@dataclass(frozen=True)
class Forecast:
    """The configured long run on this device.

    seconds: of the whole run, with a range. compute, loading: images per second of each alone; loading is that of
    `workers` processes. memory: bytes at the peak of a step, in 32-bit floats; None where it could not be worked out.
    accuracy: held-out, 0..1; its upper end is None where the long run goes farther than a short one can tell.
    price: of the run, where a price per hour is configured.
    """

    seconds: float
    seconds_range: Interval
    compute: float
    loading: float
    workers: int
    device: str
    batch: int
    input_size: int
    epochs: int
    steps: int
    memory: int | None = None
    accuracy_low: float | None = None
    accuracy_high: float | None = None
    accuracy_why: str = ""
    target: float | None = None
    price: float | None = None

    @property
    def bottleneck(self) -> str:
        """What the long run waits for: "data loading" or "compute"."""
        return "data loading" if self.loading < self.compute else "compute"
