"""How the classes of a list relate to the folders of its images: the same, different, or the same with errors.

A list that repeats the folders adds nothing. One that names the same classes but puts a few images elsewhere shows
conflicting labels. Any other list names different classes.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import islice

from diagnose.dataset.sources.columns import plain
from diagnose.dataset.sources.manifest import Manifest, labels_of

# Share of a folder's images that have its label, above which labels with other names mean the folders: public datasets
# have up to 10% wrong labels (Northcutt et al., "Pervasive Label Errors in Test Sets", 2021, QuickDraw); twice that.
AGREED = 0.8


@dataclass
class Tally:
    """pairs: images by (folder, label); rows: sampled from all_rows; placed: sampled images in class folders; examples:
    an image of each pair, with its folder and label."""

    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    rows: int = 0
    all_rows: int = 0
    placed: int = 0
    examples: dict[tuple[str, str], tuple[str, str, str]] = field(default_factory=dict)

    @property
    def labels(self) -> set[str]:
        """The labels of images in class folders."""
        return {label for _, label in self.pairs}

    @property
    def folders(self) -> set[str]:
        """The class folders with listed images."""
        return {folder for folder, _ in self.pairs}

    @property
    def mixed(self) -> int:
        """Folders whose images have several labels."""
        return sum(count > 1 for count in Counter(folder for folder, _ in self.pairs).values())

    def apart(self, meant: dict[str, str]) -> int:
        """Images whose label differs from the one meant by their folder."""
        return sum(count for (folder, label), count in self.pairs.items() if meant.get(folder) != label)

    def same_classes(self, called: bool) -> dict[str, str] | None:
        """The label that each folder means, if folders and labels are the same classes: by name and for most images, or
        because nearly all images of each folder have one label, which hardly occurs elsewhere. None otherwise.
        called: whether the column has a name typical of labels; if not, only names count."""
        by_folder: dict[str, Counter[str]] = defaultdict(Counter)
        by_label: dict[str, Counter[str]] = defaultdict(Counter)
        for (folder, label), count in self.pairs.items():
            by_folder[folder][label] += count
            by_label[label][folder] += count
        named = {plain(label): label for label in by_label}
        if all(plain(folder) in named for folder in by_folder) and len(by_folder) > 1:
            meant = {folder: named[plain(folder)] for folder in by_folder}
            return meant if 2 * self.apart(meant) < self.placed else None
        if len(by_folder) != len(by_label) or not called:
            return None
        meant = {}
        for folder, labels in by_folder.items():
            label, count = labels.most_common(1)[0]
            if count < AGREED * labels.total() or count < AGREED * by_label[label].total():
                return None
            meant[folder] = label
        return meant


def tally(parts: Iterable[Manifest], classes: Collection[str], most: int) -> Tally:
    """The classes and folders of the images in `most` rows or fewer, sampled evenly."""
    counted = Tally()
    parts = list(parts)
    for part in parts:
        label_of, needed = labels_of(part.columns), max(part.columns.label or 0, *part.columns.one_hot, 0)
        if part.columns.label is None and not part.columns.one_hot:
            continue
        rows = part.sheet.sample if most < len(part.sheet.sample) else list(islice(part.sheet.rows(), most))
        counted.all_rows += len(rows) + (len(rows) == most)
        for row in rows[:: max(1, len(rows) * len(parts) // most)]:
            if len(row) <= max(needed, part.columns.path):
                continue
            counted.rows += 1
            image = part.finder.find(row[part.columns.path])
            inside = [one for one in (image.path.split(os.sep) if image else ()) if one in classes]
            if inside and image is not None:
                pair = inside[-1], label_of(row).strip()
                counted.placed += 1
                counted.pairs[pair] += 1
                counted.examples.setdefault(pair, (os.path.basename(image.path), *pair))
    return counted
