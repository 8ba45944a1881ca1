"""LMDB databases: images under one key and labels under another, or both in a Caffe Datum."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from diagnose.dataset.sources.protobuf import fields, number
from diagnose.dataset.sources.source import Entry, Joined, Listing, Source, loose_split
from diagnose.dataset.sources.tree import is_image_beginning
from diagnose.model import WHOLE, InputError, printable

LOOKED_AT = 400  # keys that are read to find a database's layout
DIGITS = re.compile(rb"(.*?)(\d+)(.*)$", re.S)


class Datum(NamedTuple):
    """Caffe's record of an image."""

    channels: int
    height: int
    width: int
    data: bytes
    label: int
    encoded: bool


def find_keyed(path: Path) -> Source | None:
    """The database at a path, or those of the splits in a folder; None if there are none. Raises InputError for one
    whose values aren't labelled images."""
    if _is_database(path):
        return _one(path, path, WHOLE)
    if not path.is_dir():
        return None
    inner = [one for one in sorted(path.iterdir()) if _is_database(one)]
    if not inner:
        return None
    parts = tuple(_one(one, path, loose_split(one.stem) or WHOLE) for one in inner)
    return parts[0] if len(parts) == 1 else Joined(str(path), parts, ordered=True)


def read(path: str, arguments: str) -> bytes:
    """One image: `key (hexadecimal)|name`."""
    with _environment(path).begin() as transaction:
        value = transaction.get(bytes.fromhex(arguments.partition("|")[0]))
    if value is None:
        raise OSError("the database has no such key any more")
    file = bytes(value)
    if is_image_beginning(file):
        return file
    datum = datum_of(file)
    if datum is None:
        return file
    if datum.encoded:
        return datum.data
    import numpy as np

    from diagnose.dataset.sources.raster import ppm

    pixels = np.frombuffer(datum.data, np.uint8).reshape(datum.channels, datum.height, datum.width)
    return ppm(pixels[::-1] if datum.channels == 3 else pixels)  # Caffe's channels are blue, green, red


def datum_of(file: bytes) -> Datum | None:
    """Caffe's Datum; None if the bytes aren't one."""
    try:
        values = dict(fields(file))
        channels, height, width, label = (number(values.get(key, 0)) for key in (1, 2, 3, 5))
        data = values.get(4, b"")
        encoded = bool(number(values.get(7, 0)))
    except (ValueError, IndexError, TypeError):
        return None
    if not isinstance(data, bytes) or not data:
        return None
    encoded = encoded or is_image_beginning(data)
    whole = encoded or len(data) == channels * height * width
    return Datum(channels, height, width, data, label, encoded) if whole else None


def _is_database(path: Path) -> bool:
    return (path / "data.mdb").is_file() if path.is_dir() else path.suffix in (".lmdb", ".mdb") and path.is_file()


def _one(path: Path, root: Path, split: str) -> Listing:
    try:
        environment = _environment(str(path))
        with environment.begin() as transaction:
            some = []
            for key, value in transaction.cursor():
                some.append((bytes(key), bytes(value)))
                if len(some) >= LOOKED_AT:
                    break
    except InputError:
        raise
    except Exception as fault:  # lmdb's own errors
        raise InputError(f"{printable(str(path))} cannot be read as an LMDB database ({fault}).") from None
    images = [key for key, value in some if is_image_beginning(value)]
    datums = [key for key, value in some if not is_image_beginning(value) and datum_of(value) is not None]
    if not images and not datums:
        keys = printable(", ".join(key.decode("utf-8", "replace") for key, _ in some[:4]))
        raise InputError(
            f"{printable(str(path))} holds values that are neither image files nor a Caffe Datum (keys {keys}): "
            "write them out "
            "as class/1.jpg, or give package.module:factory of the Dataset that reads them."
        )
    pattern = None if datums else _label_keys(str(path), images)
    if pattern is None and not datums:
        keys = printable(", ".join(key.decode("utf-8", "replace") for key in images[:3]))
        raise InputError(
            f"{printable(str(path))} holds images (keys {keys}) without labels beside them: store each label under its "
            "image's key with label- in front, or write them out as class/1.jpg."
        )

    def rows() -> Iterator[Entry]:
        changed = max(one.stat().st_mtime_ns for one in (path, path / "data.mdb") if one.exists())
        with _environment(str(path)).begin() as transaction:
            for key, value in transaction.cursor():
                if pattern is None:
                    datum = datum_of(bytes(value))
                    label = None if datum is None else str(datum.label)
                else:
                    stored = transaction.get(pattern(bytes(key))) if is_image_beginning(bytes(value[:16])) else None
                    label = None if stored is None else _label(bytes(stored))
                if label is not None:
                    name = bytes(key).decode("utf-8", "replace")
                    yield Entry(str(path), split, label, True, f"lmdb|{bytes(key).hex()}|{name}", len(value), changed)

    return Listing(str(root), rows)


def _label_keys(path: str, images: list[bytes]) -> Callable[[bytes], bytes] | None:
    """The function from an image's key to its label's key; None if no label can be found."""
    guesses: list[Callable[[bytes], bytes]] = [
        lambda key: b"label-" + key,
        lambda key: b"label_" + key,
        lambda key: key + b"_label",
        lambda key: key + b"-label",
        lambda key: key + b".cls",
        lambda key: key.replace(b"image", b"label"),
        lambda key: key.replace(b"img", b"label"),
        lambda key: key.replace(b"data", b"label"),
        lambda key: DIGITS.sub(rb"label-\2", key),
        lambda key: DIGITS.sub(rb"label_\2", key),
        lambda key: DIGITS.sub(rb"label\2", key),
        lambda key: key.rpartition(b".")[0] + b".cls",
    ]
    with _environment(path).begin() as transaction:
        for guess in guesses:
            if all(guess(key) != key and transaction.get(guess(key)) is not None for key in images[:20]):
                return guess
    return None


def _label(value: bytes) -> str:
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if text and text.isprintable():
        return text
    return str(int.from_bytes(value, "little")) if len(value) <= 8 else value[:40].decode("utf-8", "replace")


@lru_cache(maxsize=4)
def _environment(path: str) -> Any:
    try:
        lmdb: Any = import_module("lmdb")
    except ImportError:
        raise InputError(f"{printable(path)} needs lmdb: pip install 'diagnose-training[formats]'.") from None

    return lmdb.open(path, readonly=True, lock=False, readahead=False, subdir=Path(path).is_dir(), max_readers=32)
