"""What probe trainings measure, and with which certainty."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.model.basics import Confidence


@dataclass(frozen=True)
class Interval:
    """A 95% confidence interval."""

    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class ProbeRun:
    """One short training. `curve` holds (step, training loss); accuracy is 0..1 on the held-out images."""

    arm: str  # scratch | pretrained | configured | suggested
    arch: str
    weights: str
    seed: int
    steps: int
    images: int
    seconds: float
    device: str
    curve: tuple[tuple[int, float], ...]
    val_accuracy: float | None
    interval: Interval | None
    val_loss: float | None = None
    learning_rate: float | None = None
    diverged: bool = False


@dataclass(frozen=True)
class Paired:
    """The mean of `first - second` over the same seeds and images, with its interval."""

    difference: float
    interval: Interval
    seeds: int
    images: int

    @property
    def confidence(self) -> Confidence:
        """Fewer than six paired seeds can only indicate: a sign-flip test on five cannot go below p = .06."""
        return Confidence.SHOWN if self.seeds >= SEEDS_TO_SHOW else Confidence.INDICATED


SEEDS_TO_SHOW = 6


@dataclass(frozen=True)
class Comparison:
    """Pretrained against scratch, everything else equal. Accuracies and gap are 0..1."""

    arch: str
    weights: str
    stand_in: bool
    scratch: float
    pretrained: float
    gap: Paired


@dataclass(frozen=True)
class LearningRate:
    """The range test's curve of (learning rate, smoothed loss), what it suggests, and the confirming runs.

    configured and suggested are at the configured batch size; `confirmed` is the held-out loss at the configured
    rate minus that at the suggested one, None where no confirming pair ran. suggested_learns: whether every run
    at the suggestion got past the prior; if not, a lower loss there only means that nothing was unlearned.
    """

    configured: float | None
    suggested: float | None
    diverges_at: float | None
    curve: tuple[tuple[float, float], ...]
    steps: int = 0
    confirmed: Paired | None = None
    configured_diverged: bool = False
    suggested_learns: bool = False


@dataclass(frozen=True)
class Probes:
    """Everything the probe trainings measured. `prior` is the share of the largest class among the
    held-out images: what a model that ignores its input reaches."""

    runs: tuple[ProbeRun, ...]
    prior: float
    image_size: int
    train_images: int
    val_images: int
    device: str
    comparison: Comparison | None = None
    learning_rate: LearningRate | None = None
    notes: tuple[str, ...] = ()
    factors: tuple[tuple[str, Paired], ...] = ()  # gains over the configured arm, by the one factor that was changed

    def of(self, arm: str) -> tuple[ProbeRun, ...]:
        return tuple(run for run in self.runs if run.arm == arm)
