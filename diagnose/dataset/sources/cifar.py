"""CIFAR's own files, as torchvision stores them: pickles, read without executing their content."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from diagnose.dataset.sources.source import Entry
from diagnose.model import InputError, Reading, printable

SIDE = 32
BATCHES: dict[str, dict[str, tuple[str, ...]]] = {
    "cifar-10-batches-py": {"train": tuple(f"data_batch_{number}" for number in range(1, 6)), "test": ("test_batch",)},
    "cifar-100-python": {"train": ("train",), "test": ("test",)},
}
META = {"cifar-10-batches-py": ("batches.meta", "label_names"), "cifar-100-python": ("meta", "fine_label_names")}
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
    """CIFAR-10 or -100 in the folder that torchvision unpacks."""

    root: str
    folder: str
    ordered: bool = True
    notes: tuple[Reading, ...] = ()
    several: bool = False

    def entries(self) -> Iterator[Entry]:
        """The images of the training batches, then those of the test batch."""
        folder = Path(self.folder)
        meta, names = META[folder.name]
        classes = _loaded(str(folder / meta))[names]
        for split, batches in BATCHES[folder.name].items():
            for batch in batches:
                path = folder / batch
                state = path.stat()
                content = _loaded(str(path))
                for number, label in enumerate(content.get("labels") or content["fine_labels"]):
                    yield Entry(
                        str(path), split, _text(classes[label]), True, f"cifar|{number}|{number:05d}", state.st_size,
                        state.st_mtime_ns,
                    )  # fmt: skip

    def expected(self) -> tuple[tuple[str, str], ...]:
        """Always empty: each class comes from an image's label."""
        return ()


def find_cifar(folder: Path) -> Cifar | None:
    """CIFAR's files in a folder or just below it; None if there are none. Raises InputError for damaged ones."""
    for place in (folder, *(folder / name for name in BATCHES)):
        if place.name in BATCHES and (place / META[place.name][0]).is_file():
            try:
                for batches in BATCHES[place.name].values():
                    for batch in batches:
                        _loaded(str(place / batch))
            except Exception as fault:  # a damaged pickle may raise anything
                raise InputError(f"{printable(str(place))} cannot be read ({fault}): get the files again.") from None
            return Cifar(str(folder), str(place))
    return None


def read(path: str, arguments: str) -> bytes:
    """One image as a PPM file: `number|name`."""
    row = _loaded(path)["data"][int(arguments.partition("|")[0])]
    pixels = row.reshape(3, SIDE, SIDE).transpose(1, 2, 0)
    return b"P6 %d %d 255\n" % (SIDE, SIDE) + bytes(pixels.tobytes())


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
