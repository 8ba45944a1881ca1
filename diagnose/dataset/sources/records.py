"""TFRecord files, including TensorFlow Datasets': read without TensorFlow, record by record.

An Example's image is a contiguous part of the file, so it is read in place.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from diagnose.dataset.sources import blocks
from diagnose.dataset.sources.protobuf import numbers, placed
from diagnose.dataset.sources.source import Entry, Listing, exact_split
from diagnose.dataset.sources.tree import is_image_beginning
from diagnose.model import WHOLE, InputError, printable

ENDING = re.compile(r".*\.(tfrecords?|tfrec)(\.gz)?(-\d+-of-\d+)?|.*tfrecord.*|.*-\d{5}-of-\d{5}", re.I)
LABELS = ("image/class/label", "label", "class", "target", "labels", "image/label", "category", "cls", "y", "class_id")
TEXTS = ("image/class/text", "class_name", "label_name", "image/class/synset", "label/text", "species", "breed")
MOST_RECORD = 1 << 28  # bytes
DEPTH = 3  # nested folders
FIRST = 12  # files of a folder that are checked for records
LOOKED_AT = 100  # sibling folders that are searched
SIZES = (
    ("height", "image/height", "rows", "h"),
    ("width", "image/width", "cols", "w"),
    ("depth", "channels", "image/channels", "c"),
)


class Feature(NamedTuple):
    """A value of an Example: bytes with their offset in the file, or integers."""

    data: bytes = b""
    place: int = 0
    whole: tuple[int, ...] = ()


def find_records(path: Path) -> Listing | None:
    """The records in a file, in a folder or a folder or two below it; None if there are none. Raises InputError for
    records without labelled images."""
    files = ([path] if ENDING.fullmatch(path.name) else []) if path.is_file() else sorted(_files(path, DEPTH))
    if not files:
        return None
    first = _first(files[0])
    image, label = _image_key(first), _label_key(first)
    if image is None or label is None:
        lacking = "image" if image is None else "label"
        raise InputError(
            f"{printable(str(files[0]))} has no {lacking} among its features "
            f"{printable(', '.join(sorted(first)[:10]))}: "
            "name them image/encoded and image/class/label, or write the images out as class/1.jpg."
        )
    names = _class_names(files[0].parent, label)

    def rows() -> Iterator[Entry]:
        for file in files:
            state, split = file.stat(), _split_of(file, path)
            for number, (begin, record) in enumerate(_records(file)):
                features = _features(record)
                member = _member(features, image, begin, f"{number:06d}")
                class_name = _text(features.get(label, Feature()), names)
                if member is not None and class_name is not None:
                    yield Entry(str(file), split, class_name, True, member, state.st_size, state.st_mtime_ns)

    return Listing(str(path if path.is_dir() else path.parent), rows)


def _files(folder: Path, depth: int) -> Iterator[Path]:
    """The record files below a folder. A folder whose first files aren't records is skipped."""
    found = []
    folders = []
    with suppress(OSError), os.scandir(folder) as items:
        for number, item in enumerate(items):
            if item.is_dir():
                folders.append(Path(item.path))
            elif ENDING.fullmatch(item.name) and item.is_file():
                found.append(Path(item.path))
            elif number > FIRST and not found and not folders:
                return
    yield from found
    for inner in folders[:LOOKED_AT] if depth > 1 else ():
        yield from _files(inner, depth - 1)


def _records(file: Path) -> Iterator[tuple[int, bytes]]:
    """(offset, bytes) of each record. Raises InputError for a file that isn't TFRecord."""
    with open(file, "rb") as stream:
        head = stream.read(12)
        while len(head) == 12:
            (length,) = struct.unpack("<Q", head[:8])
            if length > MOST_RECORD:
                raise InputError(_no_records(file, head))
            begin = stream.tell()
            record = stream.read(length)
            if len(record) < length:
                return  # cut off
            yield begin, record
            stream.seek(4, 1)
            head = stream.read(12)


def _no_records(file: Path, head: bytes) -> str:
    if head.startswith(b"\x1f\x8b"):
        name = printable(file.name)
        return f"{printable(str(file))} is compressed: decompress it (gunzip -c {name} > plain.tfrecord) and give that."
    return f"{printable(str(file))} cannot be read as TFRecord: its first record would be larger than any."


def _first(file: Path) -> dict[str, Feature]:
    for _, record in _records(file):
        try:
            return _features(record)
        except (ValueError, IndexError):
            break
    raise InputError(f"{printable(str(file))} holds no tf.train.Example: write the images out as class/1.jpg.")


def _features(record: bytes) -> dict[str, Feature]:
    """The features of an Example, by name."""
    found: dict[str, Feature] = {}
    for key, value, at in placed(record):
        if key != 1 or not isinstance(value, bytes):
            continue
        for inner, entry, inner_at in placed(record, at, at + len(value)):
            if inner == 1 and isinstance(entry, bytes):
                name, feature = _entry(record, inner_at, inner_at + len(entry))
                found[name] = feature
    return found


def _entry(record: bytes, begin: int, end: int) -> tuple[str, Feature]:
    name, feature = "", Feature()
    for key, value, at in placed(record, begin, end):
        if not isinstance(value, bytes):
            continue
        if key == 1:
            name = value.decode("utf-8", "replace")
        elif key == 2:
            for kind, inside, inside_at in placed(record, at, at + len(value)):
                if kind == 1 and isinstance(inside, bytes):
                    texts = [(one, place) for k, one, place in placed(record, inside_at, inside_at + len(inside))
                             if k == 1 and isinstance(one, bytes)]  # fmt: skip
                    feature = Feature(*texts[0]) if texts else feature
                elif kind == 3 and isinstance(inside, bytes):
                    whole: list[int] = []
                    for k, one, _ in placed(record, inside_at, inside_at + len(inside)):
                        if k == 1:
                            whole += numbers(one) if isinstance(one, bytes) else [one]
                    feature = Feature(whole=tuple(whole))
    return name, feature


def _image_key(features: dict[str, Feature]) -> str | None:
    coded = [name for name, one in features.items() if is_image_beginning(one.data)]
    named = ("image/encoded", "image", "img", "image_raw", "jpeg", "image/raw", "x")
    return next((name for name in named if name in coded), None) or next(
        iter(coded), next((name for name in named if name in features and _sides(features, features[name])), None)
    )


def _label_key(features: dict[str, Feature]) -> str | None:
    texts = next((name for name in TEXTS if name in features and features[name].data), None)
    return texts or next(
        (name for name in LABELS if name in features and (features[name].whole or features[name].data)), None
    )


def _sides(features: dict[str, Feature], image: Feature) -> tuple[int, ...] | None:
    """Height, width and channels of raw pixels."""
    sides = [next((features[n].whole[0] for n in names if n in features and features[n].whole), 0) for names in SIZES]
    length = len(image.data)
    if sides[0] and sides[1]:
        channels = sides[2] or length // (sides[0] * sides[1])
        return (sides[0], sides[1], channels) if sides[0] * sides[1] * channels == length else None
    for channels in (1, 3):
        side = round((length / channels) ** 0.5)
        if side > 3 and side * side * channels == length:
            return side, side, channels
    return None


def _member(features: dict[str, Feature], key: str, begin: int, name: str) -> str | None:
    image = features.get(key)
    if image is None or not image.data:
        return None
    if is_image_beginning(image.data) or (sides := _sides(features, image)) is None:
        return f"slice|{begin + image.place}|{len(image.data)}|{name}"
    return blocks.member(begin + image.place, sides, "012", name)


def _text(feature: Feature, names: list[str]) -> str | None:
    if feature.data:
        return feature.data.decode("utf-8", "replace")
    if not feature.whole:
        return None
    number = feature.whole[0]
    return names[number] if 0 <= number < len(names) else str(number)


def _class_names(folder: Path, label: str) -> list[str]:
    """The class names that TensorFlow Datasets stores beside its records."""
    file = folder / f"{label.rpartition('/')[2]}.labels.txt"
    return file.read_text("utf-8").split("\n") if file.is_file() else []


def _split_of(file: Path, root: Path) -> str:
    """The split named by the file, or by its folder below the root."""
    folder = file.parent.name if file.parent != root and file != root else ""
    words = re.split(r"[^A-Za-z]+", f"{folder} {file.name}")
    return next((split for word in reversed(words) if (split := exact_split(word)) is not None), WHOLE)
