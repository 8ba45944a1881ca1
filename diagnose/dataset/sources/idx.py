"""MNIST's own files, as torchvision keeps them: train-images-idx3-ubyte and its like, also gzipped."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from diagnose.dataset.sources.source import Entry
from diagnose.model import InputError, Reading, printable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PREFIXES = {"train": "train", "t10k": "test", "test": "test", "val": "val"}
IMAGES, LABELS = 0x0803, 0x0801  # the files' magic numbers: unsigned bytes in three dimensions and in one


@dataclass(frozen=True)
class Idx:
    """Pairs of files: (split, images, labels)."""

    root: str
    pairs: tuple[tuple[str, str, str], ...]
    ordered: bool = True
    notes: tuple[Reading, ...] = ()
    several: bool = False

    def entries(self) -> Iterator[Entry]:
        """The images of each pair of files, in file order; the class is the label's number as text."""
        for split, images, labels in self.pairs:
            state = Path(images).stat()
            for number, label in enumerate(_array(labels, LABELS).tolist()):
                yield Entry(
                    images, split, str(label), True, f"idx|{number}|{number:05d}", state.st_size, state.st_mtime_ns
                )

    def expected(self) -> tuple[tuple[str, str], ...]:
        """Always empty: each class comes from an image's label."""
        return ()


def find_idx(folder: Path) -> Idx | None:
    """The pairs in a folder or in its raw/; None where there are none. Raises InputError for files that do not fit."""
    for place in (folder, folder / "raw", *sorted(folder.glob("*/raw"))):
        pairs = []
        for prefix, split in PREFIXES.items():
            images, labels = (_file(place, f"{prefix}-{what}") for what in ("images-idx3-ubyte", "labels-idx1-ubyte"))
            if images and labels:
                pairs.append((split, images, labels))
        if pairs:
            for _, images, labels in pairs:
                _fit(images, labels)
            return Idx(str(folder), tuple(pairs))
    return None


def read(path: str, arguments: str) -> bytes:
    """One image as a PGM file: `number|name`."""
    image = _array(path, IMAGES)[int(arguments.partition("|")[0])]
    return b"P5 %d %d 255\n" % (image.shape[1], image.shape[0]) + bytes(image.tobytes())


def _file(folder: Path, name: str) -> str | None:
    return next((str(path) for path in (folder / name, folder / f"{name}.gz") if path.is_file()), None)


def _fit(images: str, labels: str) -> None:
    try:
        counts = len(_array(images, IMAGES)), len(_array(labels, LABELS))
    except (OSError, ValueError, EOFError) as fault:
        raise InputError(f"{printable(images)} or its labels cannot be read ({fault}): get the files again.") from None
    if counts[0] != counts[1]:
        raise InputError(
            f"{printable(images)} holds {counts[0]} images, but {printable(labels)} {counts[1]} labels: they do not "
            "belong together."
        )


@lru_cache(maxsize=4)
def _array(path: str, magic: int) -> NDArray[np.uint8]:
    """The file's numbers in their shape; a gzipped file is held in memory. Raises ValueError for another kind."""
    import numpy as np

    if path.endswith(".gz"):
        with gzip.open(path) as stream:
            file = np.frombuffer(stream.read(), np.uint8)
    else:
        file = np.memmap(path, np.uint8, "r")
    dimensions = 3 if magic == IMAGES else 1
    if len(file) < 4 + 4 * dimensions or int.from_bytes(file[:4].tobytes(), "big") != magic:
        raise ValueError("it does not begin as an idx file does")
    shape = np.frombuffer(file[4 : 4 + 4 * dimensions].tobytes(), ">u4").astype(int)
    body = file[4 + 4 * dimensions :]
    if len(body) < shape.prod():
        raise ValueError(f"it is cut off: {len(body)} bytes for {' x '.join(map(str, shape))}")
    return body[: shape.prod()].reshape(shape)
