"""CIFAR's own files, as torchvision stores them, and others in their form (data_batch_1, test_batch): pickles, read
without executing their content."""

from __future__ import annotations

import math
import pickle
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from diagnose.dataset.sources.source import Entry
from diagnose.model import InputError, Reading, printable

FOLDERS = ("cifar-10-batches-py", "cifar-100-python")  # as torchvision unpacks them
BATCH = re.compile(r"(?P<split>data|train|test|val|valid|validation)_batch(_?(?P<number>\d+))?(\.(pkl|pickle|p))?")
WHOLE_SPLITS = ("train", "test")  # CIFAR-100's files, beside a meta
NAMES = {"batches.meta": "label_names", "meta": "fine_label_names"}
SPLITS = {"data": "train", "train": "train", "test": "test"}  # the others are val
MOST_FILES = 2_000  # of a folder
PICKLED = b"\x80"  # the first byte of a pickle of protocol 2 or later
# Everything that an array in a pickle needs, by its names in old and new numpy.
HARMLESS = {
    (module, name)
    for module, name in (
        *((f"numpy.{core}.multiarray", "_reconstruct") for core in ("core", "_core")),
        ("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode"),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Cifar:
    """Batches of CIFAR-10, of CIFAR-100 or of a person's own in their form. batches: (split, file); classes: their
    names, none where a number stands for itself."""

    root: str
    batches: tuple[tuple[str, str], ...]
    classes: tuple[str, ...] = ()
    ordered: bool = True
    notes: tuple[Reading, ...] = ()
    several: bool = False

    def entries(self) -> Iterator[Entry]:
        """The images of the training batches, then those of the others."""
        for split, file in self.batches:
            state = Path(file).stat()
            for number, label in enumerate(_labels(_loaded(file))):
                name = self.classes[label] if label < len(self.classes) else str(label)
                member = f"cifar|{number}|{number:05d}"
                yield Entry(file, split, name, True, member, state.st_size, state.st_mtime_ns)

    def expected(self) -> tuple[tuple[str, str], ...]:
        """Always empty: each class comes from an image's label."""
        return ()


def find_cifar(folder: Path) -> Cifar | None:
    """The batches in a folder or just below it; None if there are none. Raises InputError for damaged ones."""
    for place in (folder, *(folder / name for name in FOLDERS)):
        batches = _batches(place) if place.is_dir() else ()
        if not batches:
            continue
        try:
            for _, file in batches:
                content = _loaded(file)
                if len(_labels(content)) != len(content["data"]) or _side(content["data"]) is None:
                    raise ValueError(f"{Path(file).name} holds no rows of square RGB images with a label each")
            classes = next(
                (_loaded(str(place / meta))[key] for meta, key in NAMES.items() if (place / meta).is_file()), ()
            )
        except Exception as fault:  # a damaged pickle may raise anything
            raise InputError(f"{printable(str(place))} cannot be read ({fault}): get the files again.") from None
        return Cifar(str(folder), batches, tuple(_text(name) for name in classes))
    return None


def _batches(folder: Path) -> tuple[tuple[str, str], ...]:
    """(split, file), those of training first, by their numbers."""
    found = []
    for file in sorted(islice(folder.iterdir(), MOST_FILES)):
        named = BATCH.fullmatch(file.name)
        if named is not None and _is_pickle(file):
            found.append((SPLITS.get(named["split"], "val"), int(named["number"] or 0), str(file)))
        elif file.name in WHOLE_SPLITS and (folder / "meta").is_file() and _is_pickle(file):
            found.append((file.name, 0, str(file)))
    found.sort(key=lambda one: (one[0] != "train", one))
    return tuple((split, file) for split, _, file in found)


def _is_pickle(file: Path) -> bool:
    if not file.is_file():
        return False
    known = file.parent.name in FOLDERS  # where a damaged file is to be named
    with file.open("rb") as stream:
        return stream.read(1) == PICKLED or known


def _labels(content: dict[str, Any]) -> list[int]:
    return [int(label) for label in content.get("labels") or content["fine_labels"]]


def _side(rows: Any) -> int | None:
    """Of square images with three channels, laid out in rows of numbers."""
    side = math.isqrt(rows.shape[1] // 3) if getattr(rows, "ndim", 0) == 2 else 0
    return side if side and 3 * side * side == rows.shape[1] else None


def read(path: str, arguments: str) -> bytes:
    """One image as a PPM file: `number|name`."""
    rows = _loaded(path)["data"]
    side = _side(rows) or 0
    pixels = rows[int(arguments.partition("|")[0])].reshape(3, side, side).transpose(1, 2, 0)
    return b"P6 %d %d 255\n" % (side, side) + bytes(pixels.tobytes())


class _Harmless(pickle.Unpickler):
    """Loads only arrays, lists and texts: a pickle that asks for anything else is refused."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in HARMLESS:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"it asks to run {module}.{name}, which no CIFAR file does")


@lru_cache(maxsize=2)
def _loaded(path: str) -> dict[str, Any]:
    with open(path, "rb") as stream:
        content = _Harmless(stream, encoding="latin1").load()
    if not isinstance(content, dict):
        raise pickle.UnpicklingError("it holds no table")
    return {_text(name): value for name, value in content.items()}


def _text(name: str | bytes) -> str:
    """A name as text: files that Python 3 wrote may hold it as bytes."""
    return name.decode("latin1") if isinstance(name, bytes) else name
