"""Formats that Pillow doesn't open by itself: HEIC, DICOM, NumPy arrays, TIFF with many bands.

Each library is an extra; if it is missing, the file's fault names it.
"""

from __future__ import annotations

import io
import logging
from functools import cache
from math import prod
from typing import Any

from PIL import Image, UnidentifiedImageError

NUMPY, DICOM = b"\x93NUMPY", b"DICM"
HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
JPEG_XL = (b"\xff\x0a", b"\x00\x00\x00\x0cJXL \r\n\x87\n")
TIFF = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
INSTALL = "pip install 'diagnose-training[formats]'"
MOST_BYTES = 100_000_000  # of an array, which is copied on its way to a picture


class TooLarge(Exception):
    """A picture that needs more memory to decode than a scan may use, though its loader may open it."""


class MissingLibrary(Exception):
    """A picture whose format needs a package that isn't installed."""


def other_image(file: bytes) -> Image.Image | None:
    """A picture in a format that Pillow lacks; None where Pillow can open it. Raises MissingLibrary, and whatever the
    libraries raise."""
    if file.startswith(NUMPY):
        return _of_array(_numpy(file), "NPY")
    if file[128:132] == DICOM:
        return _dicom(file)
    if file[4:8] == b"ftyp" and file[8:12] in HEIC:
        _heif()
        return None
    if file.startswith(JPEG_XL):
        _jpeg_xl()
    return None


def many_bands(file: bytes) -> Image.Image | None:
    """The first three bands of a TIFF that Pillow doesn't open; None for another file."""
    if not file.startswith(TIFF):
        return None
    try:
        import tifffile
    except ImportError:
        raise MissingLibrary(f"a TIFF of this kind needs tifffile: {INSTALL}") from None
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # the finding reports a damaged file
    with tifffile.TiffFile(io.BytesIO(file)) as opened:
        page: Any = opened.pages[0]
        _allow(page.nbytes, len(file) if page.compression == tifffile.COMPRESSION.NONE else None)
        return _of_array(page.asarray(), "TIFF")


def _allow(size: int, held: int | None = None) -> None:
    """held: the file's size in bytes, where its pixels aren't compressed."""
    if held is not None and size > held:
        raise OSError(f"truncated: its header promises {size:,} bytes of pixels, and the file has {held:,}")
    if size > MOST_BYTES:
        raise TooLarge(f"its header promises {size / 1e6:,.0f} MB of pixels")


def _of_array(array: Any, format: str) -> Image.Image:
    from diagnose.dataset.sources.raster import shaped, to_bytes

    image = Image.fromarray(to_bytes(shaped(array)))
    image.format = format
    return image


def _numpy(file: bytes) -> Any:
    import numpy as np
    from numpy.lib import format as layout

    stream = io.BytesIO(file)
    version = layout.read_magic(stream)
    header = layout.read_array_header_1_0 if version == (1, 0) else layout.read_array_header_2_0
    shape, _, kind = header(stream)
    if len(shape) not in (2, 3):
        raise UnidentifiedImageError(f"an array of {' x '.join(map(str, shape))} isn't an image")
    _allow(prod(shape) * kind.itemsize, len(file))
    return np.load(io.BytesIO(file), allow_pickle=False)


def _dicom(file: bytes) -> Image.Image:
    try:
        import pydicom
    except ImportError:
        raise MissingLibrary(f"a DICOM file needs pydicom: {INSTALL}") from None
    dataset = pydicom.dcmread(io.BytesIO(file))
    sizes = ("Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "BitsAllocated")
    _allow(prod(int(dataset.get(name, 1) or 1) for name in sizes) // 8)
    pixels = dataset.pixel_array
    if int(dataset.get("NumberOfFrames", 1) or 1) > 1:
        pixels = pixels[0]
    if dataset.get("PhotometricInterpretation") == "MONOCHROME1":  # low values are white
        pixels = pixels.max() - pixels
    return _of_array(pixels, "DICOM")


@cache
def _heif() -> None:
    try:
        import pillow_heif
    except ImportError:
        raise MissingLibrary(f"a HEIC file needs pillow-heif: {INSTALL}") from None
    pillow_heif.register_heif_opener()


@cache
def _jpeg_xl() -> None:
    try:
        import pillow_jxl  # noqa: F401  it registers itself with Pillow
    except ImportError:
        raise MissingLibrary("a JPEG XL file needs pillow-jxl-plugin: pip install pillow-jxl-plugin") from None
