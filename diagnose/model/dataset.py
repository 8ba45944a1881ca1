"""What a scan measures of a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


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
    leaks: the same pixels in train and in another split; leaked_images: of each held-out split, how many.
    near_leaks: (train file, held-out file) that look the same without being equal; near_leaked_images: how many.
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
    near_leaks: tuple[tuple[str, str], ...] = ()
    near_leaked_images: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
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
