import io
import struct

import numpy as np
import pytest
from PIL import Image

from diagnose.dataset.formats import INSTALL, MissingLibrary, many_bands, other_image
from diagnose.dataset.image import measure

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 255, (40, 50, 3)).astype(np.uint8)


def saved(tmp_path, file, name="a"):
    (tmp_path / name).write_bytes(file)
    return measure(str(tmp_path / name))


def encoded(save):
    stream = io.BytesIO()
    save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("format", ["GIF", "JPEG2000", "AVIF"])
def test_what_pillow_opens_by_itself(tmp_path, format):
    file = encoded(lambda stream: Image.fromarray(PIXELS).save(stream, format))
    assert (saved(tmp_path, file).fault, saved(tmp_path, file).width) == (None, 50)


def test_heic(tmp_path):
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    assert saved(tmp_path, encoded(lambda stream: Image.fromarray(PIXELS).save(stream, "HEIF"))).format == "HEIF"


def test_arrays_that_are_and_arent_images(tmp_path):
    assert saved(tmp_path, encoded(lambda stream: np.save(stream, PIXELS))).format == "NPY"
    assert saved(tmp_path, encoded(lambda stream: np.save(stream, np.zeros(3)))).fault == "not-an-image"
    objects = encoded(lambda stream: np.save(stream, np.array([[{}, {}]]), allow_pickle=True))
    assert saved(tmp_path, objects).fault == "unreadable"


def test_tiff_of_many_bands(tmp_path):
    tifffile = pytest.importorskip("tifffile")
    bands = RNG.integers(0, 4_000, (13, 32, 40)).astype(np.uint16)
    one = saved(
        tmp_path,
        encoded(lambda stream: tifffile.imwrite(stream, bands, photometric="minisblack", planarconfig="separate")),
    )
    assert (one.fault, one.width, one.height) == (None, 40, 32)


@pytest.mark.parametrize(("compression", "fault"), [(None, "truncated"), ("tiff_adobe_deflate", "too-large")])
def test_a_tiff_that_promises_too_much(tmp_path, caplog, compression, fault):
    tifffile = pytest.importorskip("tifffile")
    file = bytearray(encoded(lambda stream: Image.fromarray(PIXELS).save(stream, "TIFF", compression=compression)))
    with tifffile.TiffFile(io.BytesIO(file)) as opened:
        tags = opened.pages[0].tags
    length, samples = tags["ImageLength"], tags["SamplesPerPixel"]
    file[length.offset + 2 : length.offset + 12] = struct.pack("<HII", 4, 1, 100_000_000)
    file[samples.offset + 2 : samples.offset + 4] = b"\xff\xff"  # a type that Pillow does not open
    assert (saved(tmp_path, bytes(file)).fault, caplog.records) == (fault, [])


def test_dicom(tmp_path):
    pytest.importorskip("pydicom")
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", "1.2.3"
    dicom = FileDataset(None, {}, file_meta=meta, preamble=bytes(128))
    dicom.Rows, dicom.Columns, dicom.BitsAllocated, dicom.BitsStored, dicom.HighBit = 6, 5, 16, 12, 11
    dicom.SamplesPerPixel, dicom.PixelRepresentation, dicom.PhotometricInterpretation = 1, 0, "MONOCHROME1"
    dicom.PixelData = np.arange(30, dtype=np.uint16).tobytes()
    dicom["PixelData"].VR = "OW"
    file = encoded(lambda stream: dicom.save_as(stream, enforce_file_format=True))
    assert (saved(tmp_path, file).format, saved(tmp_path, file).width) == ("DICOM", 5)
    assert np.asarray(other_image(file))[0, 0] > np.asarray(other_image(file))[5, 4]


@pytest.mark.parametrize(
    ("module", "file"),
    [("pydicom", bytes(128) + b"DICM"), ("pillow_heif", b"\0\0\0\x18ftypheic"), ("pillow_jxl", b"\xff\x0a")],
)
def test_a_missing_library_is_named(tmp_path, monkeypatch, module, file):
    import sys

    from diagnose.dataset import formats

    for cached in (formats._heif, formats._jpeg_xl):
        cached.cache_clear()
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingLibrary, match="pip install"):
        other_image(file)
    assert "pip install" in saved(tmp_path, file).detail
    for cached in (formats._heif, formats._jpeg_xl):
        cached.cache_clear()


def test_a_missing_tiff_library_is_named(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "tifffile", None)
    assert many_bands(b"\x89PNG") is None
    with pytest.raises(MissingLibrary, match="tifffile"):
        many_bands(b"II*\0")
    assert "formats" in INSTALL
