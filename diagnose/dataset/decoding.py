"""Bytes to pixels: in full, as a training program's loader sees them, and JPEGs at a fraction of their size."""

from __future__ import annotations

import io
import warnings
from math import isqrt
from typing import NamedTuple

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile

from diagnose.dataset.formats import TooLarge, many_bands, other_image

Pixels = NDArray[np.uint8]

JPEG_BEGIN, JPEG_SCAN, JPEG_END = b"\xff\xd8", b"\xff\xda", b"\xff\xd9"
PNG_BEGIN = b"\x89PNG"
SCALES = (8, 4, 2)
LEAST_SIDE = 32  # pixels of a reduced image's shorter side: the hashes sample 9 x 8 places
# Pillow's limit, above which Image.open raises and a training run stops: twice its MAX_IMAGE_PIXELS.
MOST_PIXELS = 178_956_970
# Pixels times scans of a JPEG: a progressive one is decoded in full once per scan. The usual ten scans of the largest
# picture that Pillow opens are within the limit; a file of a few hundred kB may hold thousands of empty scans.
MOST_WORK = 2_000_000_000
PROGRAMS = ("EPS", "WMF")  # decoded by running them, by Ghostscript without a time limit
ORIENTATION = 0x0112  # EXIF's tag
MOST_MEMORY = 360_000_000  # bytes that decoding one picture may take
# Bytes of memory per byte of the decoded picture, measured with Pillow 12 on pictures of 16 million pixels: WebP's
# decoder keeps two canvases and the bytes, OpenJPEG 32 bits per sample. The others decode into the picture.
DECODER = {"WEBP": 4, "JPEG2000": 5, "AVIF": 2.5, "HEIF": 2.5, "BMP": 1.75, "TGA": 1.75}
LARGE = 20_000_000  # pixels of a picture, above which a box-reduced copy is measured instead
STRIP = 64  # rows of that copy that are computed at a time


class Bomb(Exception):
    """An image whose header promises more pixels than Pillow agrees to open."""


class TooSlow(Exception):
    """A JPEG whose scans would take longer to decode than any real picture's."""


class Header(NamedTuple):
    """What a file declares. tables: a JPEG's quantisation, which depends on the encoder and the quality."""

    format: str
    mode: str
    width: int
    height: int
    orientation: int = 1
    tables: bytes = b""


def decode(file: bytes, side: int | None = None) -> tuple[Image.Image, str]:
    """The picture as RGB, converted as torchvision's loader does, and its mode in the file.

    side: px needed on each side; a larger JPEG is decoded at 1/2, 1/4 or 1/8.
    """
    image = _opened(file)
    if side is not None:
        image.draft(None, (side, side))
        image = _smaller(image)
    elif image.width * image.height > LARGE:
        raise TooLarge(f"{image.width} x {image.height} pixels are not decoded in full")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns about palettes and sizes; the scan reports those
        return image.convert("RGB"), image.mode


def opened(file: bytes) -> tuple[Header, Image.Image]:
    """The file's header, and the image, not decoded yet. Raises Bomb, TooSlow, and whatever Pillow raises."""
    image = _opened(file)
    tables = b""
    if isinstance(image, JpegImageFile):
        tables = b"".join(
            bytes(min(value, 255) for value in table) if max(table) > 255 else bytes(table)
            for table in image.quantization.values()
        )
    turned = image.getexif().get(ORIENTATION, 1) if b"Exif" in file[:4096] or b"eXIf" in file[:4096] else 1
    header = Header(image.format or "", image.mode, *image.size, turned if turned in range(1, 9) else 1, tables)
    return header, _smaller(image)


def _smaller(image: Image.Image) -> Image.Image:
    """The picture; a large one as a copy whose pixels are means over boxes, computed in strips."""
    wide, high = image.size
    if wide * high <= LARGE:
        return image
    if isinstance(image, JpegImageFile):
        image.draft(None, (wide // SCALES[0], high // SCALES[0]))
        return image
    factor = -(-max(wide, high) // isqrt(LARGE))
    small = Image.new("RGB", (-(-wide // factor), -(-high // factor)))
    small.format = image.format
    for top in range(0, high, STRIP * factor):
        strip = image.crop((0, top, wide, min(high, top + STRIP * factor))).convert("RGB")
        small.paste(strip.reduce((min(factor, wide), min(factor, strip.height))), (0, top // factor))
    return small


def _memory(image: Image.Image, file: bytes) -> int:
    """Approximate bytes of memory needed to decode the picture."""
    pixels = image.width * image.height
    if isinstance(image, JpegImageFile):  # decoded at a fraction, except the coefficients of several scans
        if "progressive" not in image.info and file.count(JPEG_SCAN) < 3:  # a thumbnail has one too
            return 0
        blocks = [across * down for _, across, down, _ in image.layer]
        return int(2 * pixels * sum(blocks) / max(1, *blocks))
    each = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}.get(image.mode, 4)
    return int(pixels * each * DECODER.get(image.format or "", 1))


def reduced(file: bytes, header: Header) -> tuple[Pixels, int] | None:
    """A JPEG as RGB (height, width, 3) at 1/8, 1/4 or 1/2, and that factor; None where it needs a full decode.

    Every block of the file is decoded, so that a truncated file is detected; libjpeg then skips the finer cosines.
    """
    if header.format not in ("JPEG", "MPO") or header.mode not in ("RGB", "L"):
        return None  # CMYK is converted as Pillow converts it
    scale = next((scale for scale in SCALES if min(header.width, header.height) >= scale * LEAST_SIDE), None)
    if scale is None:
        return None
    least_high, least_wide = -(-header.height // scale), -(-header.width // scale)
    try:
        pixels: Pixels = simplejpeg.decode_jpeg(file, "RGB", min_height=least_high, min_width=least_wide)
    except ValueError:
        return None  # damaged; Pillow reports how
    return pixels, scale


def end_is_missing(file: bytes) -> bool:
    """Whether a JPEG or PNG lacks its end marker. Data after the marker, such as the video of a phone's live photo,
    isn't a fault."""
    if file.startswith(PNG_BEGIN):
        return b"IEND" not in file
    if not file.startswith(JPEG_BEGIN):
        return False
    if file.endswith(JPEG_END):
        return False
    # Segment by segment to the first scan: a thumbnail inside a segment has its own end marker.
    place = 2
    while file[place : place + 1] == b"\xff" and file[place : place + 2] != JPEG_SCAN:
        place += 2 + int.from_bytes(file[place + 2 : place + 4], "big")
    return file.find(JPEG_END, place) < 0


def _by_pillow(file: bytes) -> Image.Image:
    try:
        found: Image.Image = Image.open(io.BytesIO(file))
        if found.format in PROGRAMS:
            raise UnidentifiedImageError("a program that draws a picture")
        return found
    except UnidentifiedImageError:
        if (image := many_bands(file)) is not None:
            return image
        raise


def _opened(file: bytes) -> Image.Image:
    if file.startswith(JPEG_BEGIN + b"\xff"):
        image: Image.Image = JpegImageFile(io.BytesIO(file))  # Image.open tries every other format first
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                image = other_image(file) or _by_pillow(file)
            except Image.DecompressionBombError as fault:
                raise Bomb(str(fault)) from None
    if image.width * image.height > MOST_PIXELS:
        raise Bomb(f"the header promises {image.width} x {image.height} pixels")
    if (memory := _memory(image, file)) > MOST_MEMORY:
        raise TooLarge(f"decoding its {image.width} x {image.height} pixels takes {memory / 1e6:,.0f} MB of memory")
    if isinstance(image, JpegImageFile) and image.width * image.height * (scans := file.count(JPEG_SCAN)) > MOST_WORK:
        raise TooSlow(
            f"it holds {scans:,} scans of {image.width} x {image.height} pixels, which takes too long to decode"
        )
    return image
