"""What the probe trainings measured, where the report words it differently."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Annotated

from pydantic import BeforeValidator

from diagnose.model import (
    Attribution,
    Confidence,
    Interval,
    LabelsAgainstChance,
    SplitShift,
    SuspectLabels,
    TriedRate,
)
from diagnose.report.response.part import AsIs, Part, at


class Gain(Part):
    """A mean difference with its interval."""

    gain: float = at("difference")
    interval: Annotated[Interval, AsIs()]


class Compared(Part):
    """Accuracies 0..1 after equally short training; interval: of the gap, 95%."""

    scratch: float
    pretrained: float
    gap: float = at("gap.difference")
    interval: Annotated[Interval, AsIs()] = at("gap.interval")
    arch: str
    weights: str
    stand_in: bool
    seeds: int = at("gap.seeds")
    images: int = at("gap.images")
    confidence: Confidence = at("gap.confidence")
    features: Gain | None


class LossGain(Part):
    """How much lower the held-out loss is at the suggested learning rate."""

    loss_difference: float = at("difference")
    interval: Annotated[Interval, AsIs()]
    seeds: int


class LearningRates(Part):
    """The learning rate that is configured, and the one that the search suggests."""

    configured: float | None
    suggested: float | None
    diverges_at: float | None
    curve: tuple[tuple[float, float], ...]
    band: tuple[float, float] | None
    tried: Annotated[tuple[TriedRate, ...], AsIs()]
    lost_steps: float | None
    confirmed: LossGain | None


class Explained(Part):
    """What one factor explains of a gap in accuracy."""

    factor: str
    from_: str = at("before", name="from")
    to: str = at("after")
    gain: float = at("gain.difference")
    interval: Annotated[Interval, AsIs()] = at("gain.interval")
    seeds: int = at("gain.seeds")
    confidence: Confidence | None


def _rows(found: Attribution | None) -> Iterator[object]:
    if found is None:
        return
    yield from found.parts
    yield SimpleNamespace(factor="remainder", before="", after="", gain=found.remainder, confidence=None)
    start, goal = f"{found.start:.4f}", f"{found.goal:.4f}"
    yield SimpleNamespace(
        factor="all of it", before=start, after=goal, gain=found.whole, confidence=found.whole.confidence
    )


# The parts of a gap, then what is left, then the whole.
Explanation = Annotated[tuple[Explained, ...], BeforeValidator(lambda found: tuple(_rows(found)))]


class Features(Part):
    """What frozen pretrained features show of the images."""

    suspect_labels: Annotated[SuspectLabels | None, AsIs()] = at("suspects")
    split_shift: Annotated[SplitShift | None, AsIs()] = at("shift")
    labels_against_chance: Annotated[LabelsAgainstChance | None, AsIs()] = at("labels")


class ProbeTime(Part):
    """share: the part of the time that the probes wanted a processor in which they had one (1 on a quiet machine).
    dropped: questions that there was no time for."""

    share: float | None
    dropped: tuple[str, ...]
