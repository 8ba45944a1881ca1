"""What a finished checkpoint holds, how it scores as it is fed and under single changes, and what it is like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from diagnose.model.basics import Location
from diagnose.model.intervals import Interval, Paired
from diagnose.model.probes import ConfusedPair

# Kinds of a single change, in the words of a report.
CHANNELS, RANGE, NORMALISATION, GEOMETRY = "channel order", "range of the pixels", "normalisation", "resizing"
STATISTICS, MODE, AVERAGE, ORDER = "batch norm statistics", "train or eval mode", "averaged weights", "order of classes"
PRECISION, ARRIVAL = "precision", "weights that arrived"
GREY, GREY_THRICE = "grey", "grey, three times"  # orders of channels beside RGB and BGR
GIVEN = "as the program made it"  # the shape of an image whose making is unknown
BY_RUN = "the run"  # what names the network of a checkpoint whose program was seen to evaluate it
INPUT_KINDS = (CHANNELS, RANGE, NORMALISATION, GEOMETRY)


@dataclass(frozen=True)
class Feed:
    """How a picture becomes the network's input.

    shape: squash (to a square), crop (shorter side to `side`, then a centre crop), letterbox (bars) or GIVEN. size: px
    of the square. order: RGB, BGR, or grey once or three times. unit: 0..1, -1..1 or 0..255. mean, std: of values in
    that unit, empty for none; times: how often they are applied. mode: of the network while it is evaluated, eval or
    train.
    """

    size: int
    shape: str = "squash"
    side: int = 0
    interpolation: str = "bilinear"
    order: str = "RGB"
    unit: str = "0..1"
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    times: int = 1
    mode: str = "eval"


@dataclass(frozen=True)
class Known:
    """A part of a Feed that was read. part: its kind of change; location: of the line."""

    part: str
    location: Location | None = None


@dataclass(frozen=True)
class Tensors:
    """The tensors of a checkpoint beside those of its architecture; names are the checkpoint's own.

    misshapen: as "name (64, 3, 7, 7) for (64, 3, 3, 3)". untrained: batch norms whose statistics and weights are as
    they were made. not_loaded, left_out: of the network that a program evaluated, tensors that aren't the file's, and
    how many. head: the name of the layer that scores; outputs: how many it gives, None where unknown.
    """

    count: int = 0
    parameters: int = 0
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    misshapen: tuple[str, ...] = ()
    not_finite: tuple[str, ...] = ()
    constant: tuple[str, ...] = ()
    untrained: tuple[str, ...] = ()
    norms: int = 0
    not_loaded: tuple[str, ...] = ()
    left_out: int = 0
    head: str = ""
    outputs: int | None = None


@dataclass(frozen=True)
class Tried:
    """One change as it was screened: accuracy (0..1) on `images` of the half that chooses."""

    kind: str
    words: str
    accuracy: float
    images: int


@dataclass(frozen=True)
class Restored:
    """The change that was chosen on one half of the images, as the other half confirms it.

    written, accuracy: 0..1 on that half, as written and changed; interval: of the latter; gain: paired over all images,
    corrected (Bonferroni) for the number of changes, which by itself allows for the choice. location: the line of the
    program that it concerns; read: whether what was changed had been read or seen, and not assumed.
    """

    kind: str
    words: str
    written: float
    accuracy: float
    interval: Interval
    gain: Paired
    changes: int
    location: Location | None = None
    read: bool = False

    @property
    def measured(self) -> dict[str, Any]:
        """Both scores and the gain with its interval, as a finding reports them."""
        return {
            "as_written": self.written,
            "changed": self.accuracy,
            "gain": self.gain.difference,
            "interval": [self.gain.interval.low, self.gain.interval.high],
            "images": self.gain.images,
        }

    @property
    def scores(self) -> str:
        """Both scores in half a sentence, as of the images that didn't choose the change."""
        low, high = (round(100 * end) for end in (self.interval.low, self.interval.high))
        how = "as written" if self.read else "with the usual input"
        return f"scores {self.written:.1%} {how}; {self.accuracy:.1%} [{low}, {high}] with {self.words}"


@dataclass(frozen=True)
class Slice:
    """The validation images of one kind. accuracy: 0..1; gap: theirs minus that of all others."""

    attribute: str
    group: str
    images: int
    accuracy: float
    gap: Paired


@dataclass(frozen=True)
class SureError:
    """An image on which the model is sure and at odds with its label."""

    file: str
    label: str
    answer: str
    confidence: float
    picture: str = ""  # a JPEG in base64


@dataclass(frozen=True)
class Character:
    """What the model is like, as it scores best of what was confirmed (else as written).

    top5: None with five classes or fewer. calibration: expected calibration error (15 bins); temperature: that fits the
    logits best, calibrated: the error with it, on the other half. train: accuracy on training images. without_copies:
    on the validation images without near copies in train. per_class: (class, images, accuracy).
    """

    images: int
    accuracy: float
    interval: Interval
    majority: float
    top5: float | None = None
    calibration: float = 0.0
    temperature: float = 1.0
    calibrated: float = 0.0
    confidence: float = 0.0
    train: float | None = None
    train_images: int = 0
    train_gap: Interval | None = None
    without_copies: float | None = None
    copies: int = 0
    per_class: tuple[tuple[str, int, float], ...] = ()
    classes: tuple[str, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    pairs: tuple[ConfusedPair, ...] = ()
    slices: tuple[Slice, ...] = ()
    errors: tuple[SureError, ...] = ()


@dataclass(frozen=True)
class Unlabelled:
    """Changes on images without labels: (words, mean confidence, share of answers that agree with those as written)."""

    images: int
    confidence: float
    rows: tuple[tuple[str, float, float], ...] = ()


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint as examined. fault: why its file could not be read; stopped: why it was not evaluated.

    arch: its architecture, "" where unknown; named_by: what names it: --model, --arch, the program or the tensors.
    said: sentences about what the file holds. classes: names inside the file. written: how the program feeds it;
    known: the parts of that which were read; assumed: sentences about the others. accuracy, images: as written.
    split: whether the images are of a split of their own. tried: every change, the best first.
    """

    file: str
    fault: str = ""
    stopped: str = ""
    arch: str = ""
    named_by: str = ""
    framework: str = "pytorch"
    said: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    tensors: Tensors = Tensors()
    written: Feed | None = None
    known: tuple[Known, ...] = ()
    assumed: tuple[str, ...] = ()
    of_classes: int = 0
    split: bool = True
    images: int = 0
    accuracy: float | None = None
    interval: Interval | None = None
    majority: float = 0.0
    tried: tuple[Tried, ...] = ()
    restored: Restored | None = None
    character: Character | None = None
    unlabelled: Unlabelled | None = None
    seconds: float = 0.0

    @property
    def lacking(self) -> str:
        """Why a part of it is missing."""
        return self.fault or self.stopped or "the checkpoint was not examined that far"

    @property
    def location(self) -> Location:
        """The file of the checkpoint."""
        return Location(self.file)
