"""The forecast of the full training run."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator

from diagnose.model import Interval
from diagnose.report.response.part import AsIs, Part, at


class ImagesPerSecond(Part):
    """Of computing and of loading, each alone; loading by so many workers."""

    compute: float
    loading: float
    workers: int


class Change(Part):
    """A change with which a step fits into the card's memory."""

    change: str
    memory_bytes: int = at("memory")
    cost: str


class GraphicsCard(Part):
    """Of the full training run. measured: the card is the probes' own device. changes: with which a step fits.
    tried_all: false where the budget ended before all were tried."""

    bytes: int = at("memory")
    usable_bytes: int = at("usable")
    measured: bool
    changes: tuple[Change, ...]
    tried_all: bool


class Memory(Part):
    """Bytes at the peak of a training step. fits: into the card; null where either is unknown."""

    by_precision: Annotated[dict[str, int], BeforeValidator(dict)] = at("memory_by_precision", "fp32, mixed, bf16.")
    fits: bool | None
    card: GraphicsCard | None


class Workers(Part):
    """needed: that keep the device busy; null where there are not as many cores. cores_missing: how many more it
    takes."""

    needed: int | None = at("workers_needed")
    cores_missing: int = at("workers_missing")


class FromResized(Part):
    """Loading from copies that were resized to the input size once. seconds_saved: of the full training run; null where
    loading isn't its bottleneck or the saving is within the spread of the timings."""

    images_per_second: float = at("loading")
    seconds_saved: float | None = at("gain")


class Ahead(Part):
    """The configured full training run on this device."""

    seconds: float
    seconds_range: Annotated[Interval, AsIs()]
    device: str
    images_per_second: ImagesPerSecond = at("itself")
    bottleneck: str
    epochs: int
    steps: int
    batch_size: int = at("batch")
    input_size: int
    memory_bytes: int | None = at("memory")
    memory: Memory = at("itself")
    workers: Workers = at("itself")
    resized: FromResized | None
    accuracy: Annotated[
        tuple[float | None, float | None], BeforeValidator(lambda one: (one.accuracy_low, one.accuracy_high))
    ] = at("itself", "Lower and upper end.")
    accuracy_note: str = at("accuracy_why")
    target: float | None
    price: float | None
