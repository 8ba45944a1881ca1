"""Arrays of images and labels: .npz, .npy, .mat, .h5, whatever the names of the arrays.

A file is a set of named arrays; pairs are found by name (x_train and y_train, train_images and train_labels, X.npy and
y.npy beside each other) and by length. Images are read one by one: nothing that doesn't fit in memory is loaded.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from diagnose.dataset.sources.source import CAMEL, TOGETHER, Entry, loose_split
from diagnose.model import WHOLE, InputError, Reading, printable

if TYPE_CHECKING:
    from numpy.typing import NDArray

HDF5 = (".h5", ".hdf5", ".hdf")
ENDINGS = (".npz", ".npy", ".mat", *HDF5)
IMAGES = {
    "x", "images", "image", "imgs", "img", "data", "features", "pixels", "inputs", "input", "pics", "photos", "xs",
}  # fmt: skip
LABELS = {
    "y", "labels", "label", "targets", "target", "classes", "class", "lbl", "lbls", "ys", "gt", "truth", "categories",
}  # fmt: skip
MASKS = {"mask", "masks", "seg", "segmentation", "segmentations"}
NAMES = ("list_classes", "class_names", "label_names", "classnames", "names", "classes")
LARGEST_MAT = 700 << 20  # bytes of a .mat file, which is loaded whole
LARGEST_LABELS = 50_000_000
LEAST_PIXELS = 49  # in a row
FILES = 40  # of a folder that are read
WHOLE_IMAGE, TURNED = -1, -2  # instead of an axis: the whole array is one image
FEWEST_DIMENSIONS = 3  # of an array of images: one of their number, two or more of their pixels


class Held(NamedTuple):
    """An array in a file: its key, shape and dtype kind."""

    file: str
    key: str
    shape: tuple[int, ...]
    kind: str


class Pair(NamedTuple):
    """Images and their labels. axis: the axis of the images; label: the class of all of them."""

    split: str
    images: Held
    labels: Held | None  # None: all images have the class `label`
    axis: int
    label: str = ""


@dataclass(frozen=True)
class Arrays:
    """Pairs of arrays of one root."""

    root: str
    pairs: tuple[Pair, ...]
    several: bool = False
    notes: tuple[Reading, ...] = ()
    ordered: bool = True

    def entries(self) -> Iterator[Entry]:
        """The images of each pair, in order."""
        for split, images, labels, axis, one_label in self.pairs:
            state = Path(images.file).stat()
            texts = _texts(labels) if labels else repeat(one_label, images.shape[axis])
            for number, label in enumerate(texts):
                member = f"array|{images.key}|{axis}|{number}|{number:06d}"
                yield Entry(images.file, split, label, True, member, state.st_size, state.st_mtime_ns)

    def expected(self) -> tuple[tuple[str, str], ...]:
        """Always empty: each class comes from an image's label."""
        return ()


def find_arrays(path: Path) -> Arrays | None:
    """The arrays in a file, or in the files of a folder; None if there are no such files, and for a folder whose arrays
    form no pair. Raises InputError for a file whose arrays form none."""
    if path.is_file():
        files = [path] if path.name.lower().endswith(ENDINGS) else []
    else:
        files = sorted(one for one in path.iterdir() if one.name.lower().endswith(ENDINGS) and one.is_file())[:FILES]
    if not files:
        return None
    if path.is_file() and path.suffix.lower() == ".npy":  # its labels are beside it
        files = sorted(one for one in path.parent.glob("*.npy") if one.is_file())[:40]
    held: list[Held] = []
    for file in files:
        try:
            held += contents(str(file))
        except InputError:
            if path.is_file():
                raise
        except Exception as fault:  # each format has its own errors
            if path.is_file():
                raise InputError(f"{printable(str(file))} cannot be read ({printable(str(fault))}).") from None
    pairs = paired(held)
    if not pairs and path.is_dir():
        return None
    if not pairs:
        shapes = printable(", ".join(f"{one.key} {one.shape}" for one in held[:6])) or "no arrays"
        raise InputError(
            f"{printable(str(path))} holds {shapes}: no array of images with one of as many labels; call them images "
            "and labels, or x_train and y_train."
        )
    root = str(path if path.is_dir() else path.parent)
    several = any(_several(pair.labels) for pair in pairs if pair.labels)
    notes = [Reading("several-labels", "Rows of the labels have several ones: several labels an image.")] * several
    return Arrays(root, tuple(pairs), several, (*notes, *_unpaired(held, pairs)))


def _unpaired(held: list[Held], pairs: list[Pair]) -> list[Reading]:
    """Notes on images without as many labels, beside others that have them."""
    used = {(one.file, one.key) for pair in pairs for one in (pair.images, pair.labels) if one is not None}
    left = [one for one in held if _is_images(one) and (one.file, one.key) not in used and _split(one)]
    if not left:
        return []
    name = printable(Path(left[0].file).name if left[0].key == Path(left[0].file).stem else left[0].key)
    labels = [one.shape[0] for one in held if one.shape and _split(one) == _split(left[0]) and _words(one) & LABELS]
    beside = f", beside {labels[0]} labels" if labels else ""
    said = f"{name} holds {left[0].shape[0]} images{beside}: no array has as many labels, and it was left out."
    return [Reading("unpaired", said, "Save images and labels together, after any rows are dropped.")]


def paired(held: list[Held]) -> list[Pair]:
    """Images and labels that belong together, by the names of their arrays and files."""
    images = [one for one in held if _is_images(one)]
    labels = [one for one in held if not _is_images(one) and _is_labels(one)]
    pairs = []
    for one in images:
        split = _split(one)
        axis = _axis(one, labels)
        fitting = [
            other for other in labels if other.shape[0] == one.shape[axis] or (len(other.shape) == 2
            and other.shape[0] == 1 and other.shape[1] == one.shape[axis])
        ]  # fmt: skip
        own = [other for other in fitting if _split(other) == split]
        named = [other for other in own if _words(other) & LABELS] or own
        best = next((other for other in named if other.file == one.file), named[0] if named else None)
        if best is not None:
            pairs.append(Pair(split or WHOLE, one, best, axis))
    return pairs


def read(path: str, arguments: str) -> bytes:
    """One image as a PPM or PGM file: `key|axis|number|name`."""
    from diagnose.dataset.sources.raster import ppm

    key, axis, number, _ = arguments.rsplit("|", 3)
    return ppm(image_at(path, key, int(axis), int(number)))


def image_at(path: str, key: str, axis: int, number: int) -> NDArray[Any]:
    """The pixels of one image of an array."""
    import numpy as np

    if path.lower().endswith(".npz"):
        if axis < 0:
            return np.asarray(loaded(path)[key])
        return _members(path, key).row(number) if axis == 0 else np.take(loaded(path)[key], number, axis)
    array = opened(path, key)
    if axis < 0:  # a file of one image, which MATLAB's newer format transposes
        return np.asarray(array[...]).T if axis == TURNED else np.asarray(array[...])
    return np.asarray(array[number] if axis == 0 else array[..., number])


def contents(file: str) -> list[Held]:
    """The arrays of a file. Raises InputError if a library is missing or the file is too large for it."""
    import numpy as np

    ending = Path(file).suffix.lower()
    if ending == ".npy":
        array = np.load(file, mmap_mode="r", allow_pickle=False)
        return [Held(file, Path(file).stem, array.shape, array.dtype.kind)]
    if ending == ".npz":
        return [Held(file, name, *_members(file, name).described) for name in _keys(file)]
    if ending == ".mat" and not is_hdf5(file):
        if Path(file).stat().st_size > LARGEST_MAT:
            raise InputError(
                f"{printable(file)} has {Path(file).stat().st_size / 1e9:.1f} GB, which scipy loads whole: save its "
                "arrays as .npy files."
            )
        from scipy.io import whosmat

        return [Held(file, name, tuple(shape), "U" if kind in ("cell", "char") else "O" if kind == "struct" else "u")
                for name, shape, kind in whosmat(file)]  # fmt: skip
    found: list[Held] = []

    def visit(name: str, item: Any) -> None:
        if hasattr(item, "dtype") and hasattr(item, "shape"):
            found.append(Held(file, name, tuple(item.shape), "U" if item.dtype.kind in "SO" else item.dtype.kind))

    hdf5(file).visititems(visit)
    return found


@lru_cache(maxsize=4)
def hdf5(file: str) -> Any:
    """An open HDF5 file. Raises InputError if h5py is missing."""
    try:
        import h5py
    except ImportError:
        raise InputError(f"{printable(file)} needs h5py: pip install 'diagnose-training[formats]'.") from None
    return h5py.File(file, "r")


def mat(file: str) -> dict[str, Any]:
    """The variables of a MATLAB file."""
    return _mat(file, Path(file).stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _mat(file: str, changed: int) -> dict[str, Any]:
    from scipy.io import loadmat

    return dict(loadmat(file, squeeze_me=False))


def values(held: Held) -> NDArray[Any]:
    """All of a small array."""
    import numpy as np

    if held.file.lower().endswith(".npz"):
        return np.asarray(loaded(held.file)[held.key])
    return np.asarray(opened(held.file, held.key)[...])


# ------------------------------------------------------------------ images and labels


def _words(one: Held) -> set[str]:
    stem = Path(one.file).stem
    own = {word.lower() for word in CAMEL.split(one.key) if word}
    own |= {word.lower().removesuffix("train").removesuffix("test") for word in (one.key,) if word}
    return own if own & (IMAGES | LABELS) else own | {word.lower() for word in CAMEL.split(stem) if word}


def _split(one: Held) -> str | None:
    words = " ".join(word for word in CAMEL.split(one.key) if word)
    for fused in ("x", "y"):
        words = words.replace(f"{fused}train", "train").replace(f"{fused}test", "test").replace(f"{fused}val", "val")
    return loose_split(words) or loose_split(Path(one.file).stem)


def _is_images(one: Held) -> bool:
    if one.kind not in "uifb" or len(one.shape) < 2 or _of_masks(one):
        return False
    if len(one.shape) >= FEWEST_DIMENSIONS:
        return len(one.shape) <= 4 and min(sorted(one.shape)[-2:]) >= 4
    return bool(_words(one) & IMAGES) and not _words(one) & LABELS and one.shape[1] >= 64


def _of_masks(one: Held) -> bool:
    """Whether an array is named like masks, which are stored beside images."""
    words = {word.lower() for name in (one.key, Path(one.file).stem) for word in CAMEL.split(name) if word}
    return bool(words & MASKS) and not words & IMAGES


def _is_labels(one: Held) -> bool:
    count = one.shape[0] if one.shape else 0
    flat = len(one.shape) == 1 or (len(one.shape) == 2 and min(one.shape) <= 2_000) or set(one.shape[1:]) == {1}
    return flat and count > 0 and max(one.shape) <= LARGEST_LABELS and one.kind in "uifbUS" and one.key not in NAMES


def _axis(one: Held, labels: list[Held]) -> int:
    """The axis of the images: the last one in SVHN's files."""
    counts = {max(other.shape) if len(other.shape) == 2 and 1 in other.shape else other.shape[0] for other in labels}
    if one.shape[0] not in counts and one.shape[-1] in counts and len(one.shape) == 4:
        return len(one.shape) - 1
    return 0


def _several(labels: Held) -> bool:
    array = _rows(labels)
    return bool(array.ndim == 2 and (array.sum(axis=1) != 1).any())


def _rows(labels: Held) -> NDArray[Any]:
    """The labels: one per row, or a row of zeros and ones."""
    import numpy as np

    array = values(labels)
    if array.ndim > 1 and array.size == max(array.shape):
        array = array.reshape(-1)
    if array.ndim == 2 and not np.isin(array, (0, 1)).all():
        array = array.argmax(axis=1) if array.dtype.kind == "f" else array[:, -1]
    return array


def _texts(labels: Held) -> Iterator[str]:
    array = _rows(labels)
    if array.ndim == 2:
        for row in array:
            held = [str(number) for number in row.nonzero()[0]]
            yield TOGETHER.join(held) or "(no label)"
        return
    for value in array.tolist():
        if isinstance(value, bytes):
            yield value.decode("utf-8", "replace")
        elif isinstance(value, list):
            yield str(value[0]) if value else "(no label)"
        else:
            yield str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


# ------------------------------------------------------------------ files


def is_hdf5(file: str) -> bool:
    """Whether a file is HDF5, as MATLAB's newer files are."""
    with open(file, "rb") as stream:
        head = stream.read(520)
    return head.startswith(b"\x89HDF") or head[512:516] == b"\x89HDF"


@lru_cache(maxsize=4)
def opened(file: str, key: str) -> Any:
    """An array of a file, read lazily where it is indexed."""
    import numpy as np

    if file.lower().endswith(".npy"):
        return np.load(file, mmap_mode="r", allow_pickle=False)
    if file.lower().endswith(".mat") and not is_hdf5(file):
        return _field(mat(file), key)
    return hdf5(file)[key]


def _field(variables: dict[str, Any], key: str) -> Any:
    """A variable, or a field of a structure: cjdata/image."""
    name, _, inner = key.partition("/")
    return variables[name][inner].reshape(-1)[0] if inner else variables[name]


@lru_cache(maxsize=2)
def loaded(file: str) -> Any:
    """An .npz file's arrays by name."""
    import numpy as np

    return np.load(file, allow_pickle=False)


def _keys(file: str) -> list[str]:
    with zipfile.ZipFile(file) as archive:
        return [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]


class _Member:
    """An array inside an .npz, read one row at a time."""

    def __init__(self, file: str, key: str) -> None:
        from numpy.lib import format as layout

        self._stream = zipfile.ZipFile(file).open(f"{key}.npy")  # noqa: SIM115  rows are read from it one by one
        version = layout.read_magic(self._stream)
        header = layout.read_array_header_1_0 if version == (1, 0) else layout.read_array_header_2_0
        self.shape, self._fortran, self._dtype = header(self._stream)
        self._begin = self._stream.tell()

    @property
    def described(self) -> tuple[tuple[int, ...], str]:
        """Its shape and dtype kind."""
        return tuple(self.shape), "O" if self._fortran and len(self.shape) > 1 else str(self._dtype.kind)

    def row(self, number: int) -> NDArray[Any]:
        import numpy as np

        count = int(np.prod(self.shape[1:]))
        self._stream.seek(self._begin + number * count * self._dtype.itemsize)
        file = self._stream.read(count * self._dtype.itemsize)
        return np.frombuffer(file, self._dtype).reshape(self.shape[1:])


@lru_cache(maxsize=4)
def _members(file: str, key: str) -> _Member:
    return _Member(file, key)
