"""Measuring one image file: the work of a scan's worker processes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import xxhash
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from diagnose.dataset.decoding import Bomb, Header, Pixels, decode, end_is_missing, opened, reduced
from diagnose.dataset.pixels import statistics
from diagnose.dataset.reading import read
from diagnose.dataset.sharpness import sharpness

UNREADABLE, TRUNCATED, NOT_AN_IMAGE, BOMB = "unreadable", "truncated", "not-an-image", "bomb"

# How JPEG, PNG, GIF, BMP, TIFF (both byte orders) and WebP files begin.
BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"RIFF")
MOMENTS = ("red", "green", "blue", "red2", "green2", "blue2")
LEVELS = np.arange(256, dtype=np.float64)
LARGEST_SIDE = 160  # pixels; of larger ones that had to be decoded in full a box-reduced copy is measured


class Measure(NamedTuple):
    """What a worker learns of one file. Pixel values are 0..255.

    fault: None, or one of unreadable, truncated, not-an-image, bomb; then only `detail` is meaningful.
    format, mode, orientation: as the file says (orientation is EXIF's 1..8). file_bytes: its length. tables: hash of a
    JPEG's quantisation. scale: the pixels were decoded at 1/scale. picture: 64-bit hash of size and RGB pixels at that
    scale, so the same picture in another container has the same; file: of the bytes. across, down: difference hashes,
    64 bits each. thumbnail: 8 x 8 of the luma. red..blue, red2..blue2: means of the values and of their squares.
    brightness, contrast: mean and deviation of the luma; dark, bright: its 1st and 99th percentile. rim_*: colour of
    the outermost pixels, and their deviation. sharpness: 0..1, None where the pixels were not decoded in full.
    """

    fault: str | None = None
    detail: str = ""
    format: str = ""
    mode: str = ""
    width: int = 0
    height: int = 0
    orientation: int = 1
    file_bytes: int = 0
    tables: int = 0
    scale: int = 1
    picture: int = 0
    file: int = 0
    across: int = 0
    down: int = 0
    thumbnail: bytes = b""
    red: float = 0.0
    green: float = 0.0
    blue: float = 0.0
    red2: float = 0.0
    green2: float = 0.0
    blue2: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    dark: float = 0.0
    bright: float = 0.0
    rim_red: float = 0.0
    rim_green: float = 0.0
    rim_blue: float = 0.0
    rim_spread: float = 0.0
    sharpness: float | None = None


class Closer(NamedTuple):
    """What a full decode adds to a reduced one: the hash of all pixels, their means and mean squares, sharpness."""

    picture: int
    red: float
    green: float
    blue: float
    red2: float
    green2: float
    blue2: float
    sharpness: float | None


class Decoded(NamedTuple):
    """A sound file: a small copy of its picture, RGB (height, width, 3), and the fields of Measure known by then."""

    pixels: Pixels
    fields: dict[str, Any]


def measure_all(places: list[tuple[str, str | None]]) -> list[Measure]:
    """What is learned of a chunk of files, each read and decoded once. Never raises: what is wrong with a file is the
    result."""
    looked_at = [_looked_at(*place) for place in places]
    shapes: dict[tuple[int, ...], list[int]] = {}
    for number, one in enumerate(looked_at):
        if isinstance(one, Decoded):
            shapes.setdefault(one.pixels.shape, []).append(number)
    measures = {number: one for number, one in enumerate(looked_at) if isinstance(one, Measure)}
    for numbers in shapes.values():
        alike = [one for number in numbers if isinstance(one := looked_at[number], Decoded)]
        told = statistics(np.stack([one.pixels for one in alike]))
        for number, one, fields in zip(numbers, alike, told, strict=True):
            measures[number] = Measure(**{**fields, **one.fields})
    return [measures[number] for number in range(len(places))]


def measure(path: str, member: str | None = None) -> Measure:
    """What is learned of one file."""
    return measure_all([(path, member)])[0]


def _looked_at(path: str, member: str | None) -> Decoded | Measure:
    """The decoded file, or what is wrong with it."""
    try:
        file = read(path, member)
    except OSError as fault:
        return Measure(UNREADABLE, fault.strerror or str(fault))
    if not file:
        return Measure(NOT_AN_IMAGE, "the file is empty")
    try:
        header, image = opened(file)
        small = reduced(file, header)
        decoded = (
            _full(image) if small is None else Decoded(small[0], {"scale": small[1], "picture": _picture(small[0])})
        )
    except (UnidentifiedImageError, SyntaxError):
        if file.startswith(BEGINNINGS):
            kind = TRUNCATED if end_is_missing(file) else UNREADABLE
            return Measure(kind, "the image's header is damaged or cut off")
        return Measure(NOT_AN_IMAGE, f"the file starts with {file[:8]!r}, no known image format")
    except Bomb as fault:
        return Measure(BOMB, str(fault))
    except Exception as fault:  # decoders raise whatever they like on hostile bytes
        cut = "truncated" in str(fault).lower() or end_is_missing(file)
        return Measure(TRUNCATED if cut else UNREADABLE, str(fault) or type(fault).__name__)
    if end_is_missing(file):
        return Measure(TRUNCATED, "the end marker is missing")
    return Decoded(decoded.pixels, decoded.fields | _told(header, file))


def _told(header: Header, file: bytes) -> dict[str, Any]:
    return {
        "format": header.format,
        "mode": header.mode,
        "width": header.width,
        "height": header.height,
        "orientation": header.orientation,
        "file_bytes": len(file),
        "tables": _signed(xxhash.xxh3_64_intdigest(header.tables)) if header.tables else 0,
        "file": _signed(xxhash.xxh3_64_intdigest(file)),
    }


def _full(image: Image.Image) -> Decoded:
    colour = image.convert("RGB")
    whole = np.asarray(colour)
    small = np.asarray(colour.reduce(max(1, min(colour.size) // LARGEST_SIDE)))
    return Decoded(small, {"picture": _picture(whole), "sharpness": sharpness(whole), **_moments(colour)})


def _moments(image: Image.Image) -> dict[str, Any]:
    """Means and mean squares over all pixels, by the fields' names."""
    counts = np.array(image.histogram(), dtype=np.float64).reshape(3, 256)
    total = max(1, image.width * image.height)
    return _named(counts @ LEVELS / total, counts @ LEVELS**2 / total)


def _named(means: NDArray[np.floating], squares: NDArray[np.floating]) -> dict[str, Any]:
    return dict(zip(MOMENTS, (*means.tolist(), *squares.tolist()), strict=True))


def _picture(pixels: Pixels) -> int:
    shape = pixels.shape[1] * 65_599 + pixels.shape[0]
    return _signed(xxhash.xxh3_64_intdigest(np.ascontiguousarray(pixels).data, seed=shape))


def _signed(number: int) -> int:
    return number - (1 << 63)  # SQLite's integers are signed


def look_closer(path: str, member: str | None = None) -> Closer | None:
    """What a full decode adds; None where the file has changed and cannot be decoded any more."""
    try:
        image, _ = decode(read(path, member))
        whole = np.asarray(image)
        return Closer(picture=_picture(whole), sharpness=sharpness(whole), **_moments(image))
    except Exception:  # as in measure
        return None


def look_closer_at_all(places: list[tuple[str, str | None]]) -> list[Closer | None]:
    """`look_closer` for a chunk of files."""
    return [look_closer(*place) for place in places]
