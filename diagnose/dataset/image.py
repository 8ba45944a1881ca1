"""Measure image files: the work of a scan's worker processes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import xxhash
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from diagnose.dataset.blocks import blockiness
from diagnose.dataset.decoding import Bomb, Header, Pixels, TooSlow, decode, end_is_missing, opened, reduced
from diagnose.dataset.formats import MissingLibrary, TooLarge
from diagnose.dataset.measure import (
    BOMB,
    NOT_AN_IMAGE,
    OUT_OF_BOUNDS,
    TOO_LARGE,
    TRUNCATED,
    UNREADABLE,
    Closer,
    Measure,
)
from diagnose.dataset.pixels import statistics
from diagnose.dataset.reading import LargeFile, OutOfBounds, read
from diagnose.dataset.sharpness import middle, sharpness

# How JPEG, PNG, GIF, BMP, TIFF (both byte orders) and WebP files begin.
BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"RIFF")
MOMENTS = ("red", "green", "blue", "red2", "green2", "blue2")
LEVELS = np.arange(256, dtype=np.float64)
LARGEST_SIDE = 160  # pixels; a larger image that had to be decoded in full is measured on a box-reduced copy


class Decoded(NamedTuple):
    """A valid file: a small copy of its picture, RGB (height, width, 3), and the fields of Measure known so far.
    whole: whether the copy has the picture's own size."""

    pixels: Pixels
    fields: dict[str, Any]
    whole: bool = False


def measure_all(places: list[tuple[str, str | None]]) -> list[Measure]:
    """The measures of a chunk of files, each read and decoded once. Never raises: a file's fault is its result."""
    looked_at = [_looked_at(*place) for place in places]
    shapes: dict[tuple[tuple[int, ...], bool], list[int]] = {}
    for number, one in enumerate(looked_at):
        if isinstance(one, Decoded):
            shapes.setdefault((one.pixels.shape, one.whole), []).append(number)
    measures = {number: one for number, one in enumerate(looked_at) if isinstance(one, Measure)}
    for (_, whole), numbers in shapes.items():
        alike = [one for number in numbers if isinstance(one := looked_at[number], Decoded)]
        measured = statistics(np.stack([one.pixels for one in alike]), whole)
        for number, one, fields in zip(numbers, alike, measured, strict=True):
            measures[number] = Measure(**{**fields, **one.fields})
    return [measures[number] for number in range(len(places))]


def measure(path: str, member: str | None = None) -> Measure:
    """The measures of one file."""
    return measure_all([(path, member)])[0]


def _looked_at(path: str, member: str | None) -> Decoded | Measure:
    """The decoded file, or what is wrong with it."""
    try:
        file = read(path, member)
    except OutOfBounds as fault:
        return Measure(TOO_LARGE if isinstance(fault, LargeFile) else OUT_OF_BOUNDS, str(fault))
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
    except TooLarge as fault:
        return Measure(TOO_LARGE, str(fault))
    except TooSlow as fault:
        return Measure(OUT_OF_BOUNDS, str(fault))
    except MissingLibrary as fault:
        return Measure(UNREADABLE, str(fault))
    except Exception as fault:  # decoders may raise anything on hostile bytes
        cut = "truncated" in str(fault).lower() or end_is_missing(file)
        return Measure(TRUNCATED if cut else UNREADABLE, str(fault) or type(fault).__name__)
    if end_is_missing(file):
        return Measure(TRUNCATED, "the end marker is missing")
    return decoded._replace(fields=decoded.fields | _header_fields(header, file))


def _header_fields(header: Header, file: bytes) -> dict[str, Any]:
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
    factor = max(1, min(colour.size) // LARGEST_SIDE)
    fields = {"picture": _picture(whole), "sharpness": sharpness(whole), **_moments(colour)}
    if factor > 1:
        fields["blocks"] = _blocks(whole)
    return Decoded(np.asarray(colour.reduce(factor)), fields, factor == 1)


def _moments(image: Image.Image) -> dict[str, Any]:
    """Means and mean squares over all pixels, by field name."""
    counts = np.array(image.histogram(), dtype=np.float64).reshape(3, 256)
    total = max(1, image.width * image.height)
    return _named(counts @ LEVELS / total, counts @ LEVELS**2 / total)


def _named(means: NDArray[np.floating], squares: NDArray[np.floating]) -> dict[str, Any]:
    return dict(zip(MOMENTS, (*means.tolist(), *squares.tolist()), strict=True))


def _picture(pixels: Pixels) -> int:
    shape = pixels.shape[1] * 65_599 + pixels.shape[0]
    return _signed(xxhash.xxh3_64_intdigest(np.ascontiguousarray(pixels).data, seed=shape))


def _blocks(pixels: Pixels) -> float | None:
    strength = blockiness(middle(pixels)[None])
    return None if strength is None else float(strength[0])


def _signed(number: int) -> int:
    return number - (1 << 63)  # SQLite's integers are signed


def look_closer(path: str, member: str | None = None) -> Closer | None:
    """What a full decode adds; None if the file has changed and can't be decoded any more."""
    try:
        image, _ = decode(read(path, member))
        whole = np.asarray(image)
        return Closer(picture=_picture(whole), sharpness=sharpness(whole), blocks=_blocks(whole), **_moments(image))
    except Exception:  # as in measure
        return None


def look_closer_at_all(places: list[tuple[str, str | None]]) -> list[Closer | None]:
    """`look_closer` for a chunk of files."""
    return [look_closer(*place) for place in places]
