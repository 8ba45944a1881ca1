"""Files in MNIST's format, also gzipped: train-images-idx3-ubyte, emnist-letters-test-labels-idx1-ubyte.gz; and, where
their first bytes say so, train-images.gz, test_labels.idx.

EMNIST's mapping file has the character of each label; its images are transposed, as its authors stored them.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from diagnose.dataset.sources.source import Entry, exact_split, loose_split
from diagnose.model import WHOLE, InputError, Reading, printable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = re.compile(
    r"(?P<set>.*?)[-_. ]?(?P<what>images?|imgs?|labels?|lbls?)"
    r"(?P<kind>[-_. ]?idx\d[-_. ]?ubyte)?(\.(?:idx|ubyte|bin))?(\.gz)?",
    re.I,
)
TENTH = "t10k"  # MNIST's test images
SPLITS = ("train", "val", "test", WHOLE)
FOLDERS, MOST_FILES = 12, 2_000  # that are checked
IMAGES, LABELS = 0x0803, 0x0801  # the files' magic numbers: unsigned bytes in three dimensions and in one
LARGEST = 2 << 30  # bytes that a gzipped file is unpacked to


@dataclass(frozen=True)
class Idx:
    """Pairs of files: (split, images, labels)."""

    root: str
    pairs: tuple[tuple[str, str, str], ...]
    names: tuple[tuple[str, str], ...] = ()  # of labels, if there is a mapping
    ordered: bool = True
    notes: tuple[Reading, ...] = ()
    several: bool = False

    def entries(self) -> Iterator[Entry]:
        """The images of each pair of files, in file order; the class is the label's name, or its number as text."""
        known = dict(self.names)
        for split, images, labels in self.pairs:
            state = Path(images).stat()
            for number, label in enumerate(_array(labels, LABELS).tolist()):
                name = known.get(str(label), str(label))
                member = f"idx|{number}|{number:05d}"
                yield Entry(images, split, name, True, member, state.st_size, state.st_mtime_ns)

    def expected(self) -> tuple[tuple[str, str], ...]:
        """Always empty: each class comes from an image's label."""
        return ()


def find_idx(path: Path) -> Idx | None:
    """The pairs in a folder, or in the first folder below it that has any, or the dataset that a file belongs to; None
    if there are none. Raises InputError for files that don't match, and for a folder of several datasets."""
    if path.is_file():
        own = _named(path)
        sets = _sets(path.parent) if own else {}
        name = _series(own["set"]) if own else ""
        return _of_set(path.parent, name, sets[name]) if name in sets else None
    for place in (path, path / "raw", *_inner(path)):
        sets = _sets(place) if place.is_dir() else {}
        if len(sets) > 1:
            example = next(iter(sets.values()))[0][1]
            raise InputError(
                f"{printable(str(place))} holds {len(sets)} sets ({printable(', '.join(sorted(sets)[:6]))}): give a "
                f"file of one of them as DATA, such as {printable(example)}."
            )
        for name, pairs in sets.items():
            return _of_set(path, name, pairs)
    return None


def _inner(folder: Path) -> list[Path]:
    """Folders that are searched: few, since image datasets may have thousands."""
    inner = [one for one in sorted(folder.iterdir()) if one.is_dir()][:FOLDERS]
    return [*inner, *(one / "raw" for one in inner)]


def _sets(folder: Path) -> dict[str, list[tuple[str, str, str]]]:
    """{name: pairs of (split, images, labels)} of the files in a folder, or of folders named like such files."""
    held: dict[tuple[str, str], dict[str, str]] = {}
    try:
        items = sorted(islice(folder.iterdir(), MOST_FILES))
    except OSError:  # it can't be listed
        return {}
    for item in items:
        found = _named(item)
        file = next(iter(sorted(item.glob("*"))), item) if found and item.is_dir() else item
        if found and file.is_file():
            kind = "images" if found["what"][0].lower() == "i" else "labels"
            held.setdefault((_series(found["set"]), _split(found["set"])), {}).setdefault(kind, str(file))
    sets: dict[str, list[tuple[str, str, str]]] = {}
    for (name, split), files in sorted(held.items(), key=lambda one: SPLITS.index(one[0][1])):
        if len(files) == 2:
            sets.setdefault(name, []).append((split, files["images"], files["labels"]))
    return sets


def _named(item: Path) -> re.Match[str] | None:
    """The parts of a name that says images or labels, where it or the file's first bytes say the format."""
    found = NAME.fullmatch(item.name)
    if found is None or found["kind"]:
        return found
    try:
        with gzip.open(item) if item.suffix.lower() == ".gz" else item.open("rb") as stream:
            start = stream.read(4)
    except (OSError, EOFError, ValueError, zlib.error):
        return None
    return found if int.from_bytes(start, "big") in (IMAGES, LABELS) else None


def _split(name: str) -> str:
    return "test" if TENTH in name.lower() else loose_split(name) or WHOLE


def _series(name: str) -> str:
    """The name of a dataset without its split: emnist-letters for emnist-letters-train."""
    words = [
        word for word in re.split(r"[-_. ]+", name.lower()) if word and exact_split(word) is None and word != TENTH
    ]
    return "-".join(words)


def _of_set(root: Path, name: str, pairs: list[tuple[str, str, str]]) -> Idx:
    for _, images, labels in pairs:
        _fit(images, labels)
    folder = Path(pairs[0][1]).parent
    mapping = next((file for file in sorted(folder.glob("*mapping*.txt")) if _series(file.stem).startswith(name)), None)
    return Idx(str(root), tuple(pairs), _characters(mapping) if mapping else ())


def _characters(mapping: Path) -> tuple[tuple[str, str], ...]:
    """The characters of labels, from lines of a label and character codes: 1 65 97. The first code is the class."""
    rows = [line.split() for line in mapping.read_text("ascii", "replace").splitlines() if line.strip()]
    whole = all(len(row) > 1 and all(cell.isdigit() for cell in row) and int(row[1]) < 0x110000 for row in rows)
    return tuple((row[0], chr(int(row[1]))) for row in rows) if whole else ()


def read(path: str, arguments: str) -> bytes:
    """One image as a PGM file: `number|name`."""
    image = _array(path, IMAGES)[int(arguments.partition("|")[0])]
    return b"P5 %d %d 255\n" % (image.shape[1], image.shape[0]) + bytes(image.tobytes())


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
    """The file's array; a gzipped file is held in memory. Raises ValueError for another kind of file."""
    import numpy as np

    if path.endswith(".gz"):
        try:
            with gzip.open(path) as stream:
                file = np.frombuffer(stream.read(LARGEST), np.uint8)
        except (EOFError, zlib.error) as fault:
            raise ValueError(str(fault)) from None
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
