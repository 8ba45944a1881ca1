"""Measuring one image file: the work of a scan's worker processes."""

from __future__ import annotations

import io
import warnings
from typing import NamedTuple

import numpy as np
import xxhash
from PIL import Image, UnidentifiedImageError

UNREADABLE, TRUNCATED, NOT_AN_IMAGE = "unreadable", "truncated", "not-an-image"

JPEG_SCAN, JPEG_END = b"\xff\xda", b"\xff\xd9"
# How JPEG, PNG, GIF, BMP, TIFF (both byte orders) and WebP files begin.
BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"RIFF")
STEP = 2  # grey levels below which neighbours count as equal, so that noise on a flat ground flips no bit
LEVELS = np.arange(256, dtype=np.float64)


class Measure(NamedTuple):
    """What a worker learns of one file. Sums run over the pixels of (R, G, B), each in 0..255.

    digest: 64-bit hash of size and RGB pixels, so the same picture in another container has the same.
    hash: 64-bit perceptual hash, close for pictures that look the same.
    fault: None, or one of unreadable, truncated, not-an-image; then only `detail` is meaningful.
    """

    fault: str | None = None
    detail: str = ""
    width: int = 0
    height: int = 0
    mode: str = ""
    digest: int = 0
    hash: int = 0
    sums: tuple[float, ...] = (0.0, 0.0, 0.0)
    squares: tuple[float, ...] = (0.0, 0.0, 0.0)


def decode(file: bytes) -> tuple[Image.Image, str]:
    """The picture as RGB, by the conversion that torchvision's loader uses, and its mode in the file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of palettes and sizes; a scan reports instead
        image = Image.open(io.BytesIO(file))
        mode = image.mode
        return image.convert("RGB"), mode


def measure(path: str) -> Measure:
    """Reads and decodes the file at `path` once. Never raises: what is wrong with it is the result."""
    try:
        with open(path, "rb") as stream:
            file = stream.read()
    except OSError as fault:
        return Measure(UNREADABLE, fault.strerror or str(fault))
    if not file:
        return Measure(NOT_AN_IMAGE, "the file is empty")
    try:
        image, mode = decode(file)
    except UnidentifiedImageError:
        if file.startswith(BEGINNINGS):
            kind = TRUNCATED if end_is_missing(file) else UNREADABLE
            return Measure(kind, "the image's header is damaged or cut off")
        return Measure(NOT_AN_IMAGE, f"the file starts with {file[:8]!r}, no known image format")
    except Exception as fault:  # decoders raise whatever they like on hostile bytes
        cut = "truncated" in str(fault).lower() or end_is_missing(file)
        return Measure(TRUNCATED if cut else UNREADABLE, str(fault) or type(fault).__name__)
    if end_is_missing(file):
        return Measure(TRUNCATED, "the end marker is missing")
    return _statistics(image, mode)


def end_is_missing(file: bytes) -> bool:
    """Whether a JPEG or PNG lacks its end marker. Whatever follows the marker, such as the film of a phone's
    live picture, is no fault."""
    if file.startswith(b"\x89PNG"):
        return b"IEND" not in file
    if not file.startswith(b"\xff\xd8"):
        return False
    # Segment by segment to the first scan: the thumbnail inside a segment has an end marker of its own.
    place = 2
    while file[place : place + 1] == b"\xff" and file[place : place + 2] != JPEG_SCAN:
        place += 2 + int.from_bytes(file[place + 2 : place + 4], "big")
    return file.find(JPEG_END, place) < 0


def _statistics(image: Image.Image, mode: str) -> Measure:
    counts = np.array(image.histogram(), dtype=np.float64).reshape(3, 256)
    digest = xxhash.xxh3_64(image.tobytes(), seed=image.width).intdigest()
    return Measure(
        width=image.width,
        height=image.height,
        mode=mode,
        digest=digest - (1 << 63),  # SQLite's integers are signed
        hash=difference_hash(image),
        sums=tuple((counts @ LEVELS).tolist()),
        squares=tuple((counts @ LEVELS**2).tolist()),
    )


def difference_hash(image: Image.Image) -> int:
    """64 bits, as a signed integer: whether each of 8 x 8 places is darker than the one to its right (dHash,
    Krawetz 2013)."""
    grey = np.asarray(image.convert("L").resize((9, 8), Image.Resampling.BOX), dtype=np.int16)
    bits = grey[:, 1:] - grey[:, :-1] > STEP
    return int.from_bytes(np.packbits(bits).tobytes(), "big", signed=True)


def measure_all(paths: list[str]) -> list[Measure]:
    """`measure` for a chunk of files, one message to a worker process."""
    return [measure(path) for path in paths]
