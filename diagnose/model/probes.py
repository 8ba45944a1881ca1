"""What probe trainings measure, and with which certainty."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.model.basics import Confidence
from diagnose.model.forecast import Forecast
from diagnose.model.inputs import GivenInputs
from diagnose.model.intervals import Interval, Paired
from diagnose.model.representation import FrozenFeatures, LabelsAgainstChance, LearningCurve, SplitShift, SuspectLabels


@dataclass(frozen=True)
class ProbeRun:
    """One short training. `curve` holds (step, training loss); accuracy is 0..1 on the held-out images. cached: taken
    from an earlier session that ran exactly this. glances: (steps done, held-out accuracy) while one seed's run
    trained; empty for the others."""

    arm: str  # scratch | mean-variance | pretrained | configured | suggested | best known | one factor of it
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
    cached: bool = False
    glances: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class Comparison:
    """Pretrained against scratch, everything else equal. Accuracies and gap are 0..1.

    features: the part of the gap that only the pretrained features bring, over random weights of the same scale
    (mean-variance initialisation); None where that arm did not run.
    """

    arch: str
    weights: str
    stand_in: bool
    scratch: float
    pretrained: float
    gap: Paired
    features: Paired | None = None


@dataclass(frozen=True)
class TriedRate:
    """One rate of the search: the held-out loss after a short training at it, and whether that diverged."""

    rate: float
    loss: float
    diverged: bool = False


@dataclass(frozen=True)
class LearningRate:
    """The range test's curve of (learning rate, smoothed loss), the search around it, and the confirming runs.

    All rates are at the configured batch size. tried: by rate; band: from the lowest to the highest rate whose loss is
    indistinguishable from the best one's, and half way (geometric mean) to the next that was tried; suggested: the
    minimum of the parabola through the best of these and its neighbours, None where the best lies on the edge of what
    was tried, or where nothing learned. confirmed: the held-out loss at the configured rate minus that at the suggested
    one, over seeds that had no part in the search. lost_steps: the share of the steps that the suggestion does not need
    to get as far. suggested_learns: whether every run at the suggestion got past the prior; if not, a lower loss there
    only means that nothing was unlearned. some_rate_learns: whether the best rate tried got a lower held-out loss than
    answering by the frequencies of the labels; None before the search has ended.
    """

    configured: float | None
    suggested: float | None
    diverges_at: float | None
    curve: tuple[tuple[float, float], ...]
    steps: int = 0
    tried: tuple[TriedRate, ...] = ()
    band: tuple[float, float] | None = None
    confirmed: Paired | None = None
    lost_steps: float | None = None
    configured_diverged: bool = False
    suggested_learns: bool = False
    some_rate_learns: bool | None = None


@dataclass(frozen=True)
class Part:
    """What one factor explains of a gap; confidence is corrected for the number of factors (Holm)."""

    factor: str
    before: str
    after: str
    gain: Paired
    confidence: Confidence


BEST_KNOWN = "best known"
RECIPE = "recipe"  # the factor of all that makes another way of training better than the repaired configuration


@dataclass(frozen=True)
class Attribution:
    """A gap in held-out accuracy, cut into parts that add up to it with the remainder. The largest part comes first.

    start, goal: accuracies (0..1). both_orders: whether each factor was changed first and last, and the two averaged;
    otherwise it was changed first alone. towards: what the gap leads to.
    """

    start: float
    goal: float
    whole: Paired
    parts: tuple[Part, ...]
    remainder: Paired
    arch: str
    towards: str = BEST_KNOWN
    both_orders: bool = True


@dataclass(frozen=True)
class OneBatch:
    """Training on one batch alone with the configuration's input, loss and frozen layers, but the reference optimizer.

    accuracy, blank: right on that batch at last, and what blank images with the same labels would allow.
    reference: the reference recipe's accuracy on the same batch; None where it was not needed.
    """

    accuracy: float
    blank: float
    reference: float | None
    steps: int
    images: int


@dataclass(frozen=True)
class ConfusedPair:
    """Held-out images of class `label` that were taken for another one: `count` of `of` answers."""

    label: str
    taken_for: str
    count: int
    of: int


@dataclass(frozen=True)
class Confusion:
    """The answers of the best arm, over all its seeds. counts: rows by the label, columns by the answer, in the order
    of `classes`; empty where there are too many of them to read. pairs: the most confused ones, the worst first."""

    arm: str
    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    pairs: tuple[ConfusedPair, ...]


@dataclass(frozen=True)
class Probes:
    """Everything the probe trainings measured. `prior` is the share of the largest class among the
    held-out images: what a model that ignores its input reaches.

    share: the part of the time that the probes wanted a processor in which they had one, None where it isn't counted.
    dropped: questions that there was no time for. inputs: what the configured network is given; None without one.
    """

    runs: tuple[ProbeRun, ...]
    prior: float
    image_size: int
    train_images: int
    val_images: int
    device: str
    comparison: Comparison | None = None
    learning_rate: LearningRate | None = None
    notes: tuple[str, ...] = ()
    attribution: Attribution | None = None
    curves: tuple[LearningCurve, ...] = ()
    suspects: SuspectLabels | None = None
    shift: SplitShift | None = None
    labels: LabelsAgainstChance | None = None
    one_batch: OneBatch | None = None
    overfit: Paired | None = None  # held-out loss at the end of the configured runs minus that at half way
    forecast: Forecast | None = None
    frozen: FrozenFeatures | None = None
    confusion: Confusion | None = None
    share: float | None = None
    dropped: tuple[str, ...] = ()
    inputs: GivenInputs | None = None

    def of(self, arm: str) -> tuple[ProbeRun, ...]:
        """The runs of one arm (one training variant), in the order in which they ran."""
        return tuple(run for run in self.runs if run.arm == arm)
