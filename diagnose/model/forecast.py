"""How long the full training run will take and what it will reach, from what the probes measured, and what would make
it fit."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.model.intervals import Interval

# How a training step computes: all in 32-bit floats; autocast to bf16 over 32-bit weights; weights and all in bf16.
FP32, MIXED, BF16 = "fp32", "mixed", "bf16"
PRECISIONS = (FP32, MIXED, BF16)
GIB = 2**30
# What a card's memory holds beside a step's tensors: CUDA's context with its kernels (300 to 600 MiB, by card and
# version), the workspaces of cuBLAS (8 MiB; 32 on Hopper) and cuDNN, and fragments between blocks.
RESERVE = GIB // 2
# How far the predicted peak may lie from the real one: tests/benchmarks/memory.py.
MEMORY_ERROR = 0.05


@dataclass(frozen=True)
class Fit:
    """A change with which a step fits into the card's memory. memory: bytes at its peak then. cost: what the change
    costs, in words."""

    change: str
    memory: int
    cost: str


@dataclass(frozen=True)
class Card:
    """Memory of the card that the full training run is for, in bytes. measured: it is the probes' own device, which
    was asked; else the configuration says so. changes: those with which the run fits, where as configured it does not.
    tried_all: False where the time did not last for all that could be tried."""

    memory: int
    measured: bool
    changes: tuple[Fit, ...] = ()
    tried_all: bool = True

    @property
    def usable(self) -> int:
        """Bytes for a step's tensors."""
        return max(0, self.memory - RESERVE)


@dataclass(frozen=True)
class Resized:
    """Training from copies of the images that were resized to the input size once (JPEG, quality 95).

    loading: images per second with the forecast's workers. gain: seconds of the full training run that it saves; None
    where that is within the spread of the timings, or loading isn't what the run waits for.
    """

    loading: float
    gain: float | None = None


@dataclass(frozen=True)
class Forecast:
    """The configured full training run on this device.

    seconds: of the whole run, with a range. compute, loading: images per second of each alone; loading is that of
    `workers` processes, one per core. workers_needed: that keep the device busy; None where there are not as many
    cores, and then `workers_missing` says how many more it takes. memory: bytes at the peak of a step, in 32-bit
    floats; None where it could not be worked out. memory_by_precision: (one of PRECISIONS, bytes). accuracy: on
    validation images, 0..1; its upper end is None where the full run goes farther than a short one can show. price: of
    the run, where a price per hour is configured.
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
    memory_by_precision: tuple[tuple[str, int], ...] = ()
    card: Card | None = None
    workers_needed: int | None = None
    workers_missing: int = 0
    resized: Resized | None = None

    @property
    def bottleneck(self) -> str:
        """What the full training run waits for: "data loading" or "compute"."""
        return "data loading" if self.loading < self.compute else "compute"

    @property
    def fits(self) -> bool | None:
        """Whether a step fits into the card's memory; None where either is unknown."""
        if self.memory is None or self.card is None:
            return None
        return self.memory <= self.card.usable
