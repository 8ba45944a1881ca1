import io

import numpy as np
import pytest
from PIL import Image, UnidentifiedImageError

from diagnose.dataset import decoding
from diagnose.dataset.decoding import Bomb, TooLarge, decode, end_is_missing, opened, reduced


def jpeg(size=(400, 300), mode="RGB", **options):
    pixels = np.random.default_rng(0).integers(0, 255, (size[1] // 40, size[0] // 40, 3)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).resize(size).convert(mode).save(file, "JPEG", quality=90, **options)
    return file.getvalue()


@pytest.mark.parametrize(("size", "scale"), [((400, 300), 8), ((200, 150), 4), ((101, 80), 2)])
def test_a_reduced_jpeg_is_the_small_picture(size, scale):
    file = jpeg(size)
    pixels, factor = reduced(file, opened(file)[0])
    assert (factor, pixels.shape) == (scale, (-(-size[1] // scale), -(-size[0] // scale), 3))
    whole = np.asarray(decode(file)[0].resize(pixels.shape[1::-1], Image.Resampling.BOX)).astype(float)
    assert np.abs(pixels - whole).mean() < 4


@pytest.mark.parametrize("file", [jpeg((60, 60)), jpeg(mode="CMYK"), jpeg()[:5000]], ids=["small", "CMYK", "cut"])
def test_what_takes_a_full_decode(file):
    assert reduced(file, opened(file)[0]) is None


def test_grey_jpegs_are_reduced_too():
    file = jpeg(mode="L")
    header, _ = opened(file)
    assert header.mode == "L"
    assert reduced(file, header)[0].shape == (38, 50, 3)


def test_more_pixels_than_pillow_opens_are_a_bomb():
    file = bytearray(jpeg())
    place = file.index(b"\xff\xc0") + 5
    file[place : place + 4] = (65_000).to_bytes(2, "big") * 2
    with pytest.raises(Bomb, match="65000 x 65000"):
        opened(bytes(file))


def test_an_end_is_only_missing_where_there_should_be_one():
    assert not end_is_missing(jpeg())
    assert end_is_missing(jpeg()[:-2])
    assert not end_is_missing(b"BM and no more")


def encoded(image, format, **options):
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "I;16", "CMYK"])
def test_of_a_large_picture_a_smaller_one_is_measured(monkeypatch, mode):
    monkeypatch.setattr(decoding, "LARGE", 10_000)
    monkeypatch.setattr(decoding, "STRIP", 7)
    pixels = np.random.default_rng(0).integers(0, 255, (150, 301, 3)).astype(np.uint8)
    file = encoded(Image.fromarray(pixels).convert("L" if mode == "I;16" else mode).convert(mode), "TIFF")
    header, small = opened(file)
    assert (header.mode, header.width, header.height) == (mode, 301, 150)
    expected = np.asarray(Image.open(io.BytesIO(file)).convert("RGB").reduce(4))
    assert np.array_equal(np.asarray(small), expected)


def test_what_takes_too_much_memory_is_not_decoded(monkeypatch):
    monkeypatch.setattr(decoding, "MOST_MEMORY", 1_000_000)
    image = Image.new("RGB", (400, 400), (9, 90, 200))
    assert opened(encoded(image, "PNG"))[0].format == "PNG"  # 640 kB
    for format, options in (("WEBP", {"lossless": True}), ("JPEG2000", {})):
        with pytest.raises(TooLarge, match="400 x 400 pixels takes"):
            opened(encoded(image, format, **options))
    assert opened(encoded(image, "JPEG", subsampling=0))[0].format == "JPEG"  # decoded at a fraction
    image = Image.new("RGB", (500, 500), (9, 90, 200))
    with pytest.raises(TooLarge):
        opened(encoded(image, "JPEG", progressive=True, subsampling=0))
    assert opened(encoded(image, "JPEG", progressive=True))[0].format == "JPEG"  # half as many coefficients


def test_a_program_in_postscript_is_not_run():
    with pytest.raises(UnidentifiedImageError):
        opened(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n{ } loop\n")
