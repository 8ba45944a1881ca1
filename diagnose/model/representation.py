"""What frozen pretrained features show of the images, without training anything but linear probes on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import sqrt

from diagnose.model.intervals import Interval

FARTHEST = 4.0  # times the largest measured size: beyond it no number is given (EVIDENCE: 2x is predicted, 4x is not)


@dataclass(frozen=True)
class LearningCurve:
    """Held-out accuracy by images per class on nested subsets, and the power law through its errors.

    start: "pretrained" (a linear probe on frozen features) or "scratch". points: (images per class, accuracy).
    doubled: accuracy at twice the largest size, with its 80% interval; None where the law does not hold.
    needed: images per class to reach `target`, with its 80% interval; None where that is not known or
    not reached within four times the largest size. why: what is unknown.
    """

    start: str
    points: tuple[tuple[float, float], ...]
    doubled: float | None = None
    doubled_interval: Interval | None = None
    target: float | None = None
    needed: float | None = None
    needed_interval: Interval | None = None
    why: str = ""


@dataclass(frozen=True)
class FrozenFeatures:
    """How many held-out images a linear probe on frozen pretrained features of `arch` gets right (0..1), with its
    interval over these images. train_images: those that it was fitted on."""

    arch: str
    accuracy: float
    interval: Interval
    train_images: int
    val_images: int


@dataclass(frozen=True)
class Suspect:
    """An image whose label its neighbours in feature space contradict. likely: the class that they speak for."""

    file: str
    label: str
    likely: str
    probability: float


@dataclass(frozen=True)
class SuspectLabels:
    """Suspect labels among the images examined, the surest first; interval: of their share (95%, Wilson).

    surest: the share of wrong labels among the quarter of each predicted class that the probe is surest of. Classes
    that overlap hardly reach there; labels that were mixed up do.
    """

    examined: int
    count: int
    interval: Interval
    surest: Interval
    worst: tuple[Suspect, ...] = field(default=())


@dataclass(frozen=True)
class SplitShift:
    """How well a linear probe separates training from held-out images of the same class: 0.5 is not at all.

    auc: area under the ROC curve out of sample, averaged over classes, with its 95% interval.
    """

    auc: float
    interval: Interval
    images: int


@dataclass(frozen=True)
class LabelsAgainstChance:
    """Out-of-sample accuracy of a linear probe with the labels as they are, and with shuffled ones.

    chance: the highest accuracy among `shuffles` shuffles of the labels.
    """

    accuracy: float
    chance: float
    shuffles: int
    images: int

    @property
    def look_random(self) -> bool:
        """Whether the accuracy is within two standard errors of the best shuffle's."""
        error = sqrt(max(self.chance * (1 - self.chance), 1e-9) / self.images)
        return self.accuracy <= self.chance + 2 * error
