"""How the common loaders read class folders: which files they load, which folders they count, where they raise.

ImageFolder, Keras's image_dataset_from_directory and Hugging Face's imagefolder each have their own rule for file
extensions and hidden folders; a training run silently drops what its loader skips.
"""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from diagnose.dataset.sources.folder import Folder
from diagnose.dataset.sources.source import IMAGE_ENDINGS, OTHER_ENDINGS, TOGETHER, Joined, Source
from diagnose.model import Files, LoaderView, SeveralLabels, printable

MASK = re.compile(r"(?:^|[ ._-])(?:masks?|seg|segmentation|gt|groundtruth|label|annotation)(?:[ ._-]?\d+)?$", re.I)
MASK_WORD = re.compile(r"mask|seg|gt|groundtruth|label|annotation", re.I)
MASKED = 0.8  # share of such files that have an image with the name without the word
NAMED = 5
TOGETHER_NAMED = 10  # pairs of labels
MOST_TOGETHER = 100  # labels of an image whose pairs are counted; a longer list doesn't name classes


class Rule(NamedTuple):
    """endings: extensions of the files that a loader loads; passed: prefixes of the folders that it skips; raises: its
    error for a class without files."""

    endings: tuple[str, ...]
    passed: tuple[str, ...]
    raises: str = ""


RULES = {
    # torchvision.datasets.folder: IMG_EXTENSIONS, find_classes, make_dataset
    "ImageFolder": Rule(IMAGE_ENDINGS, (), "FileNotFoundError: Found no valid file for the classes"),
    # keras.src.utils.dataset_utils.index_directory and image_dataset_utils.ALLOWLIST_FORMATS
    "image_dataset_from_directory": Rule((".bmp", ".gif", ".jpeg", ".jpg", ".png"), (".",)),
    # keras.src.legacy.preprocessing.image.DirectoryIterator
    "flow_from_directory": Rule((".png", ".jpg", ".jpeg", ".bmp", ".ppm", ".tif", ".tiff"), ()),
    # datasets.packaged_modules.imagefolder: every extension that Pillow opened when the list was made
    "imagefolder": Rule(
        (*IMAGE_ENDINGS, ".gif", ".jfif", ".jpe", ".dib", ".ico", ".tga", ".pbm", ".pnm", ".apng", ".pcx", ".sgi",
         ".xbm", ".dds", ".psd", ".jp2", ".j2k", ".jpx", ".icns", ".im", ".msp", ".fits"),
        (".", "__"),
    ),
}  # fmt: skip


def loader_views(source: Source, counted: Iterable[tuple[str, str, str, bool, int]]) -> tuple[LoaderView, ...]:
    """How each loader reads the class folders of each split. counted: (split, class, extension, whether it was read,
    files) of the listing. Empty for a source of another kind."""
    folders = _class_folders(source)
    if not folders:
        return ()
    files: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for split, label, ending, read, number in counted:
        if read or ending in OTHER_ENDINGS:
            files[split, label][ending] += number
    views = []
    for name, rule in RULES.items():
        for split in dict.fromkeys(split for split, _, _ in folders):
            labels = sorted({label for own, label, _ in folders if own == split})
            views.append(_view(name, rule, split, {label: files[split, label] for label in labels}))
    return tuple(views)


def unsorted_splits(source: Source, counted: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """For splits whose classes come from a list, the folders in each, which folder loaders take for classes."""
    sorted_ones = {split for split, _, _ in _class_folders(source)}
    found = {split: _folders_in(Path(str(source.root)) / split) for split in counted if split not in sorted_ones}
    return {split: names for split, names in found.items() if names}


def _class_folders(source: Source) -> list[tuple[str, str, str]]:
    """(split, class, path) of each class folder, including those of joined sources."""
    parts = source.parts if isinstance(source, Joined) else (source,)
    return [one for part in parts if isinstance(part, Folder) for one in part.folders]


def _folders_in(place: Path) -> tuple[str, ...]:
    """The names of a folder's subfolders; empty if it can't be listed."""
    try:
        with os.scandir(place) as entries:
            return tuple(sorted(one.name for one in entries if one.is_dir()))
    except OSError:
        return ()


def _view(name: str, rule: Rule, split: str, files: Mapping[str, Counter[str]]) -> LoaderView:
    counted = {label: found for label, found in files.items() if not label.startswith(rule.passed or ("\0",))}
    kept = {label: sum(n for ending, n in found.items() if ending in rule.endings) for label, found in counted.items()}
    dropped: Counter[str] = Counter()
    for found in counted.values():
        dropped.update({ending: number for ending, number in found.items() if ending not in rule.endings})
    empty = [printable(label) for label, number in kept.items() if not number]
    return LoaderView(
        name,
        split,
        len(counted),
        sum(kept.values()),
        dict(dropped.most_common()),
        tuple(printable(label) for label in counted if label.startswith(".")),
        f"{rule.raises} {', '.join(empty[:NAMED])}" if empty and rule.raises else "",
    )


def is_mask(path: str) -> bool:
    """Whether a file is named like a mask of another file: x_mask.png, x_seg.png, x_gt.png."""
    name = path[path.rfind("/") + 1 :]
    if MASK_WORD.search(name) is None:
        return False
    stem = os.path.splitext(name)[0]
    found = MASK.search(stem)
    return found is not None and found.start() > 0


def mask_files(root: str, count: int, some: list[str]) -> Files:
    """The masks among the images, if the images that they belong to are in the same folders; empty otherwise."""
    owned = [path for path in some if _has_image(path)]
    if not some or len(owned) < MASKED * len(some):
        return Files()
    return Files(count, tuple(printable(os.path.relpath(path, root)) for path in owned[:NAMED]))


def _has_image(mask: str) -> bool:
    path = Path(mask)
    stem = MASK.sub("", path.stem)
    return any((path.parent / f"{stem}{ending}").exists() for ending in (*IMAGE_ENDINGS, ".JPG", ".PNG", ".JPEG"))


def several_labels(counts: Mapping[str, Mapping[str, int]]) -> SeveralLabels:
    """Images per label, from counts of sets of labels."""
    labels: dict[str, Counter[str]] = {}
    pairs: Counter[tuple[str, str]] = Counter()
    images = 0
    for split, sets in counts.items():
        own = labels.setdefault(split, Counter())
        for together, number in sets.items():
            held = [] if together == "(no label)" else together.split(TOGETHER)
            images += number if len(held) > 1 else 0
            own.update(dict.fromkeys(held, number))
            for place, one in enumerate(held if len(held) <= MOST_TOGETHER else ()):
                pairs.update({(one, other): number for other in held[place + 1 :]})
    most = tuple((one, other, number) for (one, other), number in pairs.most_common(TOGETHER_NAMED))
    return SeveralLabels(images, {split: dict(own) for split, own in labels.items()}, most)
