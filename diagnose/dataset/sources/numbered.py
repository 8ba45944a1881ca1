"""Images that are numbered, and an array that holds the class of each by that number: img_0.png ... and labels.npy."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diagnose.dataset.sources.plan import Plan
from diagnose.dataset.sources.source import Entry, Listing, listed
from diagnose.dataset.sources.tree import images_in
from diagnose.model import Reading, printable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LABELS = re.compile(r"(^|[_-])(labels?|targets?|classes|y|gt)([_-]|$)", re.I)
NUMBER = re.compile(r"(\d+)\.\w+$")
LARGEST = 64 << 20  # bytes of an array of labels
FEWEST = 4  # images
REPEATED = 0.5  # share of distinct labels, above which they are something else


def find_numbered(folder: Path, plan: Plan) -> Listing | None:
    """The images of folders whose labels an array in or beside them holds; None if there are none."""
    found = [(split, node.path, labels) for split, node in plan.flat
             if (labels := _labels_of(Path(node.path), images_in(node, plan.endings)))]  # fmt: skip
    if not found:
        return None

    def rows() -> Iterator[Entry]:
        for split, path, (_, labels) in found:
            for name, label in labels.items():
                yield listed(path, os.path.join(path, name), split, str(label))

    file = found[0][2][0]
    said = f"Classes were read from {printable(file.name)}, by the number in each image's name (not the names' order)."
    return Listing(str(folder), rows, notes=(Reading("label-by-number", said, differs=True),))


def _labels_of(folder: Path, names: list[str]) -> tuple[Path, dict[str, int]] | None:
    """The file of labels, and the label of each image by its name."""
    numbers = {name: int(match[1]) for name in names if (match := NUMBER.search(name))}
    low = min(numbers.values(), default=0)
    if len(numbers) < max(FEWEST, len(names)) or low not in (0, 1):
        return None
    if sorted(numbers.values()) != list(range(low, low + len(numbers))):
        return None  # another numbering, such as one for each class
    for file in sorted((*folder.glob("*.npy"), *folder.parent.glob("*.npy"))):
        if LABELS.search(file.stem) and (labels := _integers(file, len(numbers))) is not None:
            return file, {name: int(labels[number - low]) for name, number in sorted(numbers.items())}
    return None


def _integers(file: Path, count: int) -> NDArray[np.integer[Any]] | None:
    """The array, where it holds so many whole numbers that come again; nothing in it is executed."""
    import numpy as np  # by those who have such a file

    try:
        if file.stat().st_size > LARGEST:
            return None
        labels = np.load(file, allow_pickle=False)
    except Exception:  # NumPy raises many kinds for a file that isn't an array
        return None
    labels = labels.reshape(-1) if labels.ndim == 2 and 1 in labels.shape else labels
    if labels.shape != (count,) or not np.issubdtype(labels.dtype, np.integer):
        return None
    return labels if 2 <= len(np.unique(labels)) <= REPEATED * count else None
