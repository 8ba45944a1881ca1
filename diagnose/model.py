"""The values everything else speaks in: evidence goes in, findings come out, a Diagnosis holds both.

Standard library only, so that a check, a renderer or a test can build and read any of them
without torch, files or a screen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Generic, TypeVar

T = TypeVar("T")


def printable(text: str) -> str:
    """Text that is safe on a screen: control characters, escapes and undecodable bytes are spelt out."""
    text = text.encode("utf-8", "backslashreplace").decode()
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


class InputError(Exception):
    """Wrong use or unreadable input. The message is one sentence: what, where, what to do."""


class NotExamined(Exception):
    """A check lacks the evidence it reads. The message says which and why."""


class Severity(StrEnum):
    """error: the long run would be wasted or wrong; warning: it costs accuracy or money; info: worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the gravest, so that sorting puts errors first."""
        return list(Severity).index(self)


class Confidence(StrEnum):
    """How a finding is known. `shown` and `indicated` are words for measured differences (six paired
    seeds or more against fewer); `certain` was counted or read; `likely` rests on a published threshold."""

    CERTAIN = "certain"
    SHOWN = "shown"
    INDICATED = "indicated"
    LIKELY = "likely"


@dataclass(frozen=True)
class Location:
    """A place in a file; `line` counts from 1, None where the fault has no line."""

    file: str
    line: int | None = None


# ---------------------------------------------------------------------- configuration


@dataclass(frozen=True)
class Setting(Generic[T]):
    """One field of the configuration: its value and where it was read, or why it is unknown."""

    value: T | None = None
    known: bool = False
    file: str | None = None
    line: int | None = None
    why: str = "the config does not say"  # completed with the field's name by the reader

    def get(self) -> T:
        """The value; raises NotExamined where it is unknown."""
        if not self.known or self.value is None:
            raise NotExamined(self.why)
        return self.value

    @property
    def location(self) -> Location | None:
        return Location(self.file, self.line) if self.file else None


UNKNOWN: Setting[Any] = Setting()

UNIT_STEP = "1/255"  # 0..255 becomes 0..1
SYMMETRIC_STEP = "-1..1"  # 0..255 becomes -1..1
RAW_LIMIT = 2.0  # a mean or standard deviation above this can only be meant for 0..255 pixels


@dataclass(frozen=True)
class Config:
    """The training configuration in canonical form. A tuple that is known and empty means "none"."""

    name: Setting[str] = UNKNOWN
    method: Setting[str] = UNKNOWN  # scratch | transfer | linear_probe
    model: Setting[str] = UNKNOWN
    weights: Setting[str] = UNKNOWN  # "none", a torchvision weights name, or a file
    optimizer: Setting[str] = UNKNOWN  # sgd | adam | adamw | rmsprop
    learning_rate: Setting[float] = UNKNOWN
    momentum: Setting[float] = UNKNOWN
    weight_decay: Setting[float] = UNKNOWN
    batch_size: Setting[int] = UNKNOWN
    drop_last: Setting[bool] = UNKNOWN
    epochs: Setting[int] = UNKNOWN
    schedule: Setting[str] = UNKNOWN
    input_size: Setting[int] = UNKNOWN  # pixels, the square side fed to the network
    scaling: Setting[tuple[str, ...]] = UNKNOWN  # steps applied to 0..255 pixels, in order
    mean: Setting[tuple[float, ...]] = UNKNOWN
    std: Setting[tuple[float, ...]] = UNKNOWN
    train_augmentations: Setting[tuple[str, ...]] = UNKNOWN
    val_augmentations: Setting[tuple[str, ...]] = UNKNOWN
    loss: Setting[str] = UNKNOWN
    head: Setting[int] = UNKNOWN  # outputs of the last layer
    frozen: Setting[tuple[str, ...]] = UNKNOWN
    seed: Setting[int] = UNKNOWN
    target_accuracy: Setting[float] = UNKNOWN  # 0..1

    def settings(self) -> Iterator[tuple[str, Setting[Any]]]:
        """Every field with its name, in the order above."""
        for item in fields(self):
            yield item.name, getattr(self, item.name)

    @property
    def from_scratch(self) -> bool:
        """Whether training starts from random weights; raises NotExamined where `weights` is unknown."""
        return self.weights.get() == "none"

    @property
    def raw_pixels(self) -> bool:
        """Whether pixels stay 0..255 up to normalisation; raises NotExamined where `scaling` is unknown."""
        return self.scaling.get() == ()

    @property
    def statistics_in_raw_units(self) -> bool:
        """Whether mean/std are written for 0..255 pixels; raises NotExamined where they are unknown."""
        return max((*self.mean.get(), *self.std.get()), default=0.0) > RAW_LIMIT


# ---------------------------------------------------------------------- dataset


@dataclass(frozen=True)
class Files:
    """Files that share a property: how many, a few of them (relative to the data root), and why for each."""

    count: int = 0
    examples: tuple[str, ...] = ()
    details: tuple[str, ...] = ()


@dataclass(frozen=True)
class Groups:
    """Sets of files that hold the same picture: how many sets, how many files in all, some of the sets."""

    sets: int = 0
    files: int = 0
    examples: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Spread:
    """Smallest, median and largest of a number."""

    low: int
    median: int
    high: int


@dataclass(frozen=True)
class Dataset:
    """What the scan measured. Images are counted in `counts` only where they could be decoded.

    counts: images per split and class; a folder without splits has the one split "all".
    mean, std: per channel (R, G, B) over all pixels, in 0..1.
    faults: files by kind: unreadable, truncated, not-an-image.
    duplicates: the same pixels again in the same split and class.
    leaks: the same pixels in train and in another split.
    conflicts: the same pixels under two classes of one split.
    """

    root: str
    counts: Mapping[str, Mapping[str, int]]
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    std: tuple[float, ...] = (0.0, 0.0, 0.0)
    width: Spread = Spread(0, 0, 0)
    height: Spread = Spread(0, 0, 0)
    modes: Mapping[str, Files] = field(default_factory=lambda: MappingProxyType({}))
    faults: Mapping[str, Files] = field(default_factory=lambda: MappingProxyType({}))
    duplicates: Groups = Groups()
    leaks: Groups = Groups()
    leaked_images: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    conflicts: Groups = Groups()
    empty_classes: tuple[str, ...] = ()  # "split/class" folders that hold no image
    ignored: Files = Files()  # files without an image's ending, which loaders skip too

    @property
    def classes(self) -> tuple[str, ...]:
        """Every class name of any split, sorted."""
        return tuple(sorted({name for split in self.counts.values() for name in split}))

    @property
    def train_split(self) -> str:
        """The split that is trained on: "train", or "all" where the folder has no splits."""
        return "train" if "train" in self.counts else "all"

    @property
    def per_class(self) -> Mapping[str, int]:
        """Images per class in the split that is trained on."""
        return self.counts[self.train_split]

    @property
    def held_out_split(self) -> str | None:
        """The split that is validated on, None where there is none."""
        return next((name for name in ("val", "test") if name in self.counts), None)

    @property
    def images(self) -> int:
        return sum(sum(split.values()) for split in self.counts.values())

    @property
    def files(self) -> int:
        """Files that are images by their ending, decodable or not."""
        return self.images + self.fault_count

    def in_split(self, split: str) -> int:
        return sum(self.counts[split].values())

    @property
    def fault_count(self) -> int:
        return sum(files.count for files in self.faults.values())


# ---------------------------------------------------------------------- probes


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

    configured and suggested are at the configured batch size; `confirmed` is the held-out loss at the
    configured rate minus that at the suggested one, None where no confirming pair ran.
    """

    configured: float | None
    suggested: float | None
    diverges_at: float | None
    curve: tuple[tuple[float, float], ...]
    steps: int = 0
    confirmed: Paired | None = None
    configured_diverged: bool = False


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
    configured: Paired | None = None  # accuracy at the configured minus at the suggested learning rate
    notes: tuple[str, ...] = ()

    def of(self, arm: str) -> tuple[ProbeRun, ...]:
        return tuple(run for run in self.runs if run.arm == arm)


# ---------------------------------------------------------------------- judgement


@dataclass(frozen=True)
class Evidence:
    """All that checks may look at. `absent` says why a part is missing: {"probes": "--no-probes was given"}."""

    dataset: Dataset | None = None
    configuration: Config | None = None
    measured: Probes | None = None
    absent: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def _part(self, value: T | None, name: str) -> T:
        if value is None:
            raise NotExamined(self.absent.get(name, f"there is no evidence on the {name}"))
        return value

    @property
    def data(self) -> Dataset:
        return self._part(self.dataset, "data")

    @property
    def config(self) -> Config:
        return self._part(self.configuration, "config")

    @property
    def probes(self) -> Probes:
        return self._part(self.measured, "probes")

    @property
    def training_images(self) -> int:
        """Images in the split that is trained on."""
        return self.data.in_split(self.data.train_split)

    @property
    def long_run_steps(self) -> int:
        """Optimizer steps of the configured run; raises NotExamined where epochs or batch size are unknown."""
        return self.config.epochs.get() * -(-self.training_images // self.config.batch_size.get())

    def require(self, need: str) -> None:
        """Raises NotExamined unless `need`, such as "data" or "config.weights", is there."""
        part, _, item = need.partition(".")
        value = getattr(self, part)
        if item:
            value = getattr(value, item)
            if isinstance(value, Setting):
                if not value.known:
                    raise NotExamined(value.why)
            elif value is None:
                raise NotExamined(self.absent.get(need, f"the probes gave no {item.replace('_', ' ')}"))


@dataclass(frozen=True)
class Finding:
    """One fault. A check fills in what it measured; `code`, `name` and `fingerprint` are stamped by `Check.run`."""

    severity: Severity
    summary: str
    fix: str
    measured: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    location: Location | None = None
    confidence: Confidence = Confidence.CERTAIN
    subject: str = ""  # what the fault is in, where a check can find several
    code: str = ""
    name: str = ""
    fingerprint: str = ""


@dataclass(frozen=True)
class CheckResult:
    """How one check ended: passed, failed, skipped (and why) or crashed (and how)."""

    code: str
    name: str
    state: str
    seconds: float
    why: str = ""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Check:
    """A rule: `judge` is a pure function of the evidence, `needs` names the evidence it cannot do without."""

    code: str
    name: str
    needs: tuple[str, ...]
    judge: Callable[[Evidence], Iterator[Finding]]

    def run(self, evidence: Evidence) -> tuple[str, str, tuple[Finding, ...]]:
        """State, reason and findings. A fault in the check itself is a result ("crashed"), not an exception."""
        try:
            for need in self.needs:
                evidence.require(need)
            found = tuple(self._stamped(finding) for finding in self.judge(evidence))
        except NotExamined as missing:
            return "skipped", str(missing), ()
        except Exception as fault:  # one broken check must not take the others with it
            return "crashed", f"{type(fault).__name__}: {fault}", ()
        return ("failed" if found else "passed"), "", found

    def _stamped(self, finding: Finding) -> Finding:
        mark = hashlib.sha256(f"{self.code}\0{finding.subject}".encode()).hexdigest()[:16]
        return replace(finding, code=self.code, name=self.name, fingerprint=mark)


@dataclass(frozen=True)
class Gap:
    """Something that was not examined. `failed` tells "could not be done" from "was not asked for"."""

    code: str
    why: str
    failed: bool = False


@dataclass(frozen=True)
class Diagnosis:
    """The whole result, from which every report and screen is rendered."""

    tool_version: str
    started: str
    seconds: float
    evidence: Evidence
    results: tuple[CheckResult, ...]
    not_examined: tuple[Gap, ...]
    interrupted: bool = False

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Sorted by severity, code and subject."""
        found = (finding for result in self.results for finding in result.findings)
        return tuple(sorted(found, key=lambda f: (f.severity.rank, f.code, f.subject)))

    def count(self, severity: Severity) -> int:
        return sum(finding.severity is severity for finding in self.findings)

    @property
    def incomplete(self) -> bool:
        """Whether a part that was asked for could not be examined."""
        return any(gap.failed for gap in self.not_examined)

    @property
    def verdict(self) -> str:
        """One sentence: whether to start the long run, and the first thing to mend."""
        errors, warnings = self.count(Severity.ERROR), self.count(Severity.WARNING)
        if errors:
            return f"Do not start the long run yet: {self.findings[0].summary}"
        if warnings:
            return f"The run would work but leave something behind: {self.findings[0].summary}"
        if self.interrupted:
            return "Stopped before the end: no fault in what was examined so far."
        return "No fault found in what was examined."

    @property
    def worth_of_pretraining(self) -> str:
        """One sentence on pretrained against scratch, as far as the probes decided it; empty without one."""
        compared = self.evidence.measured.comparison if self.evidence.measured else None
        if compared is None:
            return ""
        gap, interval = 100 * compared.gap.difference, compared.gap.interval
        span = f"{gap:+.1f} points [{100 * interval.low:+.1f}, {100 * interval.high:+.1f}]"
        how = f"{compared.gap.confidence}: {compared.gap.seeds} seeds, {compared.gap.images} held-out images"
        if not interval.excludes_zero:
            return f"Whether pretrained weights help here is not decided: {span} ({how})."
        relation = "beats" if gap > 0 else "is behind"
        return f"Pretrained {relation} scratch by {span} on {compared.arch} after equally short training ({how})."
