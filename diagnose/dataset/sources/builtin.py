"""torchvision's datasets on disk, recognised by their files: images in one folder, labels in lists or .mat files.

Datasets with class folders, arrays or idx files need nothing here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from diagnose.dataset.sources import blocks
from diagnose.dataset.sources.arrays import mat
from diagnose.dataset.sources.source import TOGETHER, Entry, Listing, listed
from diagnose.model import InputError, Reading, printable

Row = tuple[str, str, str]  # path below the root, split, class
INNER = ("flowers-102", "oxford-iiit-pet", "stanford_cars", "dtd", "food-101", "CUB_200_2011", "stl10_binary", "celeba",
         "cifar-100-binary", "cifar-10-batches-bin",
         "fgvc-aircraft-2013b/data", "fgvc-aircraft-2013b", "data")  # fmt: skip


def find_builtin(folder: Path) -> Listing | None:
    """The dataset in a folder, or in the one that torchvision creates in it; None if it isn't one of them. Raises
    InputError for damaged lists."""
    for place in (folder, *(folder / name for name in INNER)):
        if not place.is_dir():
            continue
        for find in (_flowers, _pets, _cars, _lists_of_paths, _cub, _stl, _cifar_binary, _celeba, _aircraft):
            try:
                found = find(place)
            except Exception as fault:  # scipy has its own errors
                raise InputError(
                    f"{printable(str(place))} looks like a set of torchvision's, but its lists cannot be read "
                    f"({type(fault).__name__}: {printable(str(fault))}): get the files again."
                ) from None
            if found is not None:
                return found
    return None


def _listing(root: Path, rows: Callable[[], Iterator[Row]], *notes: Reading, several: bool = False) -> Listing:
    def entries() -> Iterator[Entry]:
        anchor = str(root / "list")
        for path, split, label in rows():
            yield listed(anchor, path, split, label)

    return Listing(str(root), entries, notes=notes, several=several)


def _have(root: Path, *names: str) -> bool:
    return all((root / name).exists() for name in names)


def _lines(file: Path) -> list[str]:
    return [line.strip() for line in file.read_text("utf-8", "replace").splitlines() if line.strip()]


def _flowers(root: Path) -> Listing | None:
    if not _have(root, "jpg", "imagelabels.mat", "setid.mat"):
        return None

    def rows() -> Iterator[Row]:
        labels = mat(str(root / "imagelabels.mat"))["labels"].reshape(-1)
        ids = mat(str(root / "setid.mat"))
        for split, key in (("train", "trnid"), ("val", "valid"), ("test", "tstid")):
            for number in ids[key].reshape(-1):
                yield f"jpg/image_{number:05d}.jpg", split, str(labels[number - 1])

    next(rows())
    return _listing(
        root, rows, Reading("labels-beside", "Labels and splits are those of imagelabels.mat and setid.mat.")
    )


def _pets(root: Path) -> Listing | None:
    lists = {"train": root / "annotations" / "trainval.txt", "test": root / "annotations" / "test.txt"}
    if not (root / "images").is_dir() or not all(file.is_file() for file in lists.values()):
        return None
    if any(len(line.split()) != 4 for file in lists.values() for line in _lines(file)[:3]):
        return None

    def rows() -> Iterator[Row]:
        for split, file in lists.items():
            for line in _lines(file):
                name = line.split()[0]
                yield f"images/{name}.jpg", split, name.rpartition("_")[0]

    return _listing(
        root, rows, Reading("labels-beside", "Splits are those of annotations/; classes are in file names.")
    )


def _cars(root: Path) -> Listing | None:
    sheets = {
        "cars_train": ("cars_train_annos.mat",),
        "cars_test": ("cars_test_annos_withlabels.mat", "cars_test_annos.mat"),
    }
    found: dict[str, Path] = {}
    for folder, names in sheets.items():
        places = [root / inner / name for name in names for inner in (".", "devkit", "car_devkit/devkit")]
        file = next((place for place in places if place.is_file()), None)
        if (root / folder).is_dir() and file is not None:
            found[folder] = file
    if not found:
        return None
    meta = next((p for p in (root / "cars_meta.mat", root / "devkit" / "cars_meta.mat") if p.is_file()), None)

    def rows() -> Iterator[Row]:
        names = [_inner(one) for one in mat(str(meta))["class_names"].reshape(-1)] if meta else []
        for folder, file in found.items():
            for row in mat(str(file))["annotations"].reshape(-1):
                if "class" not in (row.dtype.names or ()):
                    continue  # the test list without labels
                number = int(_inner(row["class"]))
                label = str(names[number - 1]) if 0 < number <= len(names) else str(number)
                yield f"{folder}/{_inner(row['fname'])}", "train" if folder == "cars_train" else "test", label

    next(rows())
    return _listing(
        root, rows, Reading("labels-beside", f"Labels are those of {', '.join(p.name for p in found.values())}.")
    )


def _inner(value: Any) -> Any:
    """The value that MATLAB has wrapped in arrays of one element."""
    while hasattr(value, "reshape") and hasattr(value, "dtype") and value.shape:
        value = value.reshape(-1)[0]
    return value


def _lists_of_paths(root: Path) -> Listing | None:
    """DTD and Food-101: class folders in images/, with lists of their splits beside it."""
    kinds = (
        ("labels", "{}1.txt", ""),
        ("meta", "{}.txt", ".jpg"),
        ("splits", "{}.txt", ""),
        ("imagelists", "{}.txt", ""),
    )
    for folder, pattern, ending in kinds:
        lists = {split: root / folder / pattern.format(split) for split in ("train", "val", "test")}
        lists = {split: file for split, file in lists.items() if file.is_file()}
        if len(lists) < 2 or not (root / "images").is_dir():
            continue
        first = _lines(next(iter(lists.values())))[:5]
        if not first or not all(
            (root / "images" / f"{line.split()[0]}{ending}").is_file() and "/" in line for line in first
        ):
            continue

        def rows(lists: dict[str, Path] = lists, ending: str = ending) -> Iterator[Row]:
            for split, file in lists.items():
                for line in _lines(file):
                    yield f"images/{line}{ending}", split, line.rpartition("/")[0]

        said = f"Splits are those of {folder}/, such as {next(iter(lists.values())).name}."
        step = "A loader that is given images/ mixes them."
        return _listing(root, rows, Reading("labels-beside", said, step, differs=True))
    return None


def _cub(root: Path) -> Listing | None:
    if not _have(root, "images", "images.txt", "image_class_labels.txt", "train_test_split.txt"):
        return None

    def rows() -> Iterator[Row]:
        columns = [dict(line.split(None, 1) for line in _lines(root / name))
                for name in ("images.txt", "image_class_labels.txt", "train_test_split.txt")]  # fmt: skip
        for number, path in columns[0].items():
            yield f"images/{path}", "train" if columns[2][number] == "1" else "test", path.partition("/")[0]

    step = "A loader that is given images/ mixes train and test."
    return _listing(
        root, rows, Reading("labels-beside", "Splits are those of train_test_split.txt.", step, differs=True)
    )


def _stl(root: Path) -> Listing | None:
    pairs = [(split, root / f"{split}_X.bin", root / f"{split}_y.bin") for split in ("train", "test")]
    pairs = [pair for pair in pairs if pair[1].is_file() and pair[2].is_file()]
    if not pairs:
        return None
    names = _lines(root / "class_names.txt") if (root / "class_names.txt").is_file() else []

    def entries() -> Iterator[Entry]:
        for split, images, labels in pairs:
            state = images.stat()
            for number, label in enumerate(labels.read_bytes()):
                name = names[label - 1] if 0 < label <= len(names) else str(label)
                member = blocks.member(number * 27_648, (3, 96, 96), "210", f"{number:05d}")
                yield Entry(str(images), split, name, True, member, state.st_size, state.st_mtime_ns)

    return Listing(str(root), entries)


def _cifar_binary(root: Path) -> Listing | None:
    """CIFAR's binary version: a byte per label, two for CIFAR-100, followed by 3,072 bytes of pixels."""
    batches = [("train", file) for file in sorted(root.glob("data_batch_*.bin"))]
    kinds = (("train", "train.bin"), ("test", "test.bin"), ("test", "test_batch.bin"))
    batches += [(split, root / name) for split, name in kinds if (root / name).is_file()]
    names_file = next(
        (root / name for name in ("fine_label_names.txt", "batches.meta.txt") if (root / name).is_file()), None
    )
    labels = 2 if (root / "fine_label_names.txt").is_file() else 1
    length = labels + 3_072
    if names_file is None or not batches or any(file.stat().st_size % length for _, file in batches):
        return None
    names = _lines(names_file)

    def entries() -> Iterator[Entry]:
        for split, file in batches:
            state = file.stat()
            with open(file, "rb") as stream:
                for number in range(state.st_size // length):
                    stream.seek(number * length)
                    label = stream.read(labels)[-1]
                    member = blocks.member(number * length + labels, (3, 32, 32), "120", f"{number:05d}")
                    name = names[label] if label < len(names) else str(label)
                    yield Entry(str(file), split, name, True, member, state.st_size, state.st_mtime_ns)

    return Listing(str(root), entries)


def _celeba(root: Path) -> Listing | None:
    attributes, folder = root / "list_attr_celeba.txt", root / "img_align_celeba"
    if not attributes.is_file() or not folder.is_dir():
        return None
    inner = "img_align_celeba/img_align_celeba" if (folder / "img_align_celeba").is_dir() else "img_align_celeba"
    partition = root / "list_eval_partition.txt"

    def rows() -> Iterator[Row]:
        splits = dict(line.split() for line in _lines(partition)) if partition.is_file() else {}
        with open(attributes, encoding="utf-8") as stream:
            next(stream)
            names = next(stream).split()
            for line in stream:
                file, *values = line.split()
                label = TOGETHER.join(name for name, value in zip(names, values, strict=True) if value == "1")
                split = {"0": "train", "1": "val", "2": "test"}.get(splits.get(file, ""), "all")
                yield f"{inner}/{file}", split, label or "(no label)"

    said = "CelebA was read by its 40 attributes, several labels an image."
    step = f"For identities give {os.path.join(printable(str(root)), 'identity_CelebA.txt')} as DATA."
    return _listing(root, rows, Reading("several-labels", said, step), several=True)


def _aircraft(root: Path) -> Listing | None:
    lists = {split: root / f"images_variant_{split}.txt" for split in ("train", "val", "test")}
    lists = {split: file for split, file in lists.items() if file.is_file()}
    if not lists or not (root / "images").is_dir():
        return None

    def rows() -> Iterator[Row]:
        for split, file in lists.items():
            for line in _lines(file):
                name, _, label = line.partition(" ")
                yield f"images/{name}.jpg", split, label

    return _listing(root, rows, Reading("labels-beside", "Classes are the variants of images_variant_*.txt."))
