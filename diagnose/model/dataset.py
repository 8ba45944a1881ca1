"""What a scan measures of a dataset."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from diagnose.model.intervals import Interval

WHOLE = "all"  # the one split of a source without splits


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
class Reading:
    """Something that had to be recognised, undone or guessed before DATA could be read.

    kind: a word for it. said: one sentence. step: what to do where it is not meant so. differs: whether a loader that
    takes the folders of DATA for classes, such as ImageFolder, trains on something else. place: the folder that it
    should be given, below the root.
    """

    kind: str
    said: str
    step: str = ""
    differs: bool = False
    place: str = ""


@dataclass(frozen=True)
class LoaderView:
    """What a loader makes of the folders that hold the classes, were it given them.

    classes: how many it counts; kept: files that it takes; dropped: files by ending that it passes over, of those that
    may be images; hidden: folders that it takes for classes though their names begin with a dot; raises: the error
    that it stops with.
    """

    loader: str
    split: str
    classes: int
    kept: int
    dropped: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    hidden: tuple[str, ...] = ()
    raises: str = ""


@dataclass(frozen=True)
class SeveralLabels:
    """Images that have several labels each: how many; how often each label stands, per split; the pairs that occur
    together most often."""

    images: int
    counts: Mapping[str, Mapping[str, int]]
    together: tuple[tuple[str, str, int], ...] = ()


@dataclass(frozen=True)
class Histogram:
    """How often a number falls between each two edges; `edges` has one more than `counts`."""

    edges: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()


@dataclass(frozen=True)
class ClassRow:
    """One class of one split: its images, its files that aren't images, and the medians of what was measured."""

    split: str
    label: str
    images: int
    faults: int
    width: int
    height: int
    brightness: float  # 0..1
    file_bytes: int


@dataclass(frozen=True)
class Shortcut:
    """How well attributes other than the content predict the class, cross-validated.

    accuracy: mean over classes, with its interval; chance: without any information. surest: (class, share
    recognised). alone: (class, how well it is separated from all others) of single classes, the surest first: the lower
    bound of the share of its images that are recognised plus the share of the others that are not taken for it, less
    one (Youden's J, 0..1), corrected for the number of classes and attributes (Bonferroni).
    """

    attribute: str
    accuracy: float
    interval: Interval
    chance: float
    images: int
    surest: tuple[tuple[str, float], ...] = ()
    alone: tuple[tuple[str, float], ...] = ()

    @property
    def gain(self) -> float:
        """How far from chance to certainty the lower end of the interval reaches, 0..1."""
        return max(0.0, (self.interval.low - self.chance) / (1 - self.chance))


@dataclass(frozen=True)
class MeasuredShift:
    """How far the images of a held-out split are from the training images of the same class, in one attribute.

    size: of a number, the area under the ROC curve (0.5..1; 0.5 means no difference); of a kind and of the classes'
    shares, half the sum of the differences of the shares (0..1); of the channels, how much of the training images'
    colours returns with red and blue swapped (-1 as they were, 1 swapped). train, held: medians, or the commonest kind.
    """

    split: str
    attribute: str
    size: float
    interval: Interval
    images: int
    train: float | str
    held: float | str


@dataclass(frozen=True)
class SeriesLeak:
    """Images of a held-out split that are of a patient, video or the like which train has too, by their names.

    word: what they are of, as the names have it; series: how many of them are on both sides; images, of: how many
    images of the split these are, of how many.
    """

    split: str
    word: str
    series: int
    images: int
    of: int
    examples: tuple[tuple[str, str], ...] = ()


Counts = Mapping[str, Mapping[str, int]]  # images per split and class


def training_split(counts: Counts) -> str:
    """The split that is trained on: "train", or "all" where there are no splits; of other names, the largest."""
    named = next((name for name in ("train", WHOLE) if name in counts), None)
    return named or max(counts, key=lambda name: sum(counts[name].values()), default=WHOLE)


def held_out_split(counts: Counts) -> str | None:
    """The split that is validated on, None where there is none."""
    return next((name for name in ("val", "test") if name in counts and name != training_split(counts)), None)


@dataclass(frozen=True)
class Dataset:
    """What the scan measured. Images are counted in `counts` only where they could be decoded.

    counts: images per split and class; a folder without splits has the one split "all".
    mean, std: per channel (R, G, B) over all pixels, in 0..1.
    faults: files by kind: unreadable, truncated, not-an-image, bomb.
    duplicates: the same pixels again in the same split and class.
    leaks: the same pixels in train and in another split; leaked_images: of each held-out split, how many.
    near_leaks: (train file, held-out file) that are near-duplicates; near_leaked_images: how many.
    conflicts: the same pixels under two classes of one split; near_conflicts: near-duplicates under two.
    near_duplicates: sets of near-duplicates in one class of one split. searched: whether near
    copies have been looked for yet.
    rotated: images that EXIF says to turn, which loaders do not. long: those three times as long as wide or more.
    grey: RGB images that hold shades of grey alone.
    outliers: by kind: flat, dark, bright, blurred, bars, cut, black end. shorter_side: percentiles 0..100, in pixels.
    pictures: a small JPEG in base64 of each image that is named above.
    stray: folders that look like classes but aren't. shortcuts: the surest first.
    reading: what had to be recognised or guessed to read the root. loaders: what loaders make of its class folders.
    unsorted: the folders within splits whose classes a list gives.
    masks: files that are named like another image and a mask's ending, such as x_mask.png beside x.png.
    shifts: of each held-out split, what distinguishes it from the training images, the farthest first.
    series_leaks: of each held-out split, images of patients, videos and the like that train has too.
    several: where images have several labels each; `counts` then counts each set of labels, joined by " + ".
    """

    root: str
    counts: Counts
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    std: tuple[float, ...] = (0.0, 0.0, 0.0)
    width: Spread = Spread(0, 0, 0)
    height: Spread = Spread(0, 0, 0)
    modes: Mapping[str, Files] = field(default_factory=lambda: MappingProxyType({}))
    faults: Mapping[str, Files] = field(default_factory=lambda: MappingProxyType({}))
    duplicates: Groups = Groups()
    leaks: Groups = Groups()
    leaked_images: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    near_leaks: tuple[tuple[str, str], ...] = ()
    near_leaked_images: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    conflicts: Groups = Groups()
    near_conflicts: Groups = Groups()
    near_duplicates: Groups = Groups()
    searched: bool = True
    rotated: Files = Files()
    grey: Files = Files()
    long: Files = Files()
    outliers: Mapping[str, Files] = field(default_factory=lambda: MappingProxyType({}))
    shorter_side: tuple[int, ...] = ()
    stray: tuple[str, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    table: tuple[ClassRow, ...] = ()
    histograms: Mapping[str, Histogram] = field(default_factory=lambda: MappingProxyType({}))
    pictures: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    empty_classes: tuple[str, ...] = ()  # "split/class" folders that hold no image
    ignored: Files = Files()  # files without an image's ending, which loaders skip too
    reading: tuple[Reading, ...] = ()
    loaders: tuple[LoaderView, ...] = ()
    unsorted: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    masks: Files = Files()
    several: SeveralLabels | None = None
    shifts: tuple[MeasuredShift, ...] = ()
    series_leaks: tuple[SeriesLeak, ...] = ()

    @property
    def labels(self) -> Counts:
        """Images per split and class; where images have several labels, per label, so that one counts for each."""
        return self.counts if self.several is None else self.several.counts

    @property
    def classes(self) -> tuple[str, ...]:
        """Every class name of any split, sorted."""
        return tuple(sorted({name for split in self.labels.values() for name in split}))

    @property
    def train_split(self) -> str:
        """The split that is trained on."""
        return training_split(self.counts)

    @property
    def per_class(self) -> Mapping[str, int]:
        """Images per class in the split that is trained on. Raises KeyError for a dataset without a split."""
        return self.labels[self.train_split]

    @property
    def held_out_split(self) -> str | None:
        """The split that is validated on, None where there is none."""
        return held_out_split(self.counts)

    def smaller_than(self, side: int) -> float:
        """The share of images (0..1, to a hundredth) whose shorter side is below `side` pixels."""
        return bisect_left(self.shorter_side, side) / max(1, len(self.shorter_side))

    @property
    def images(self) -> int:
        """Images that could be decoded, of all splits."""
        return sum(sum(split.values()) for split in self.counts.values())

    @property
    def files(self) -> int:
        """Files that are images by their ending, decodable or not."""
        return self.images + self.fault_count

    def in_split(self, split: str) -> int:
        """Images of one split that could be decoded. Raises KeyError for a split that the dataset lacks."""
        return sum(self.counts[split].values())

    @property
    def fault_count(self) -> int:
        """Files that end like images and could not be decoded, of all kinds of `faults`."""
        return sum(files.count for files in self.faults.values())
