import io
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from diagnose.dataset.image import BOMB, NOT_AN_IMAGE, TRUNCATED, UNREADABLE, look_closer, measure
from diagnose.dataset.measure import OUT_OF_BOUNDS, TOO_LARGE

FAULTS = (None, UNREADABLE, TRUNCATED, NOT_AN_IMAGE, BOMB, OUT_OF_BOUNDS, TOO_LARGE)


def photo(format="JPEG", mode="RGB", size=(40, 30)):
    pixels = np.random.default_rng(0).integers(0, 255, (size[1], size[0], 3)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(file, format)
    return file.getvalue()


@pytest.fixture
def written(tmp_path):
    def write(file: bytes):
        path = tmp_path / "image"
        path.write_bytes(file)
        return measure(str(path))

    return write


def test_statistics_equal_numpys(written):
    file = photo("PNG")
    pixels = np.asarray(Image.open(io.BytesIO(file))).reshape(-1, 3).astype(float)
    m = written(file)
    assert (m.fault, m.width, m.height, m.mode) == (None, 40, 30, "RGB")
    assert (m.red, m.green, m.blue) == pytest.approx(tuple(pixels.mean(0)))
    assert (m.red2, m.green2, m.blue2) == pytest.approx(tuple((pixels**2).mean(0)))
    grey = pixels @ (0.299, 0.587, 0.114)
    assert (m.brightness, m.contrast) == pytest.approx((grey.mean(), grey.std()), rel=1e-4)
    assert (m.dark, m.bright) == pytest.approx(np.percentile(grey, (1, 99)), abs=4)


def scene(size=(500, 375), quality=90):
    """A smooth picture with some detail, as photographs are."""
    rng = np.random.default_rng(0)
    coarse = Image.fromarray(rng.integers(0, 255, (12, 16, 3)).astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)
    pixels = np.clip(np.asarray(coarse) + rng.normal(0, 8, (size[1], size[0], 3)), 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return file.getvalue()


def test_a_large_jpeg_is_measured_at_an_eighth(written):
    file = scene()
    pixels = np.asarray(Image.open(io.BytesIO(file))).reshape(-1, 3).astype(float)
    m = written(file)
    assert (m.scale, m.width, m.height, m.format, m.sharpness) == (8, 500, 375, "JPEG", None)
    assert (m.red, m.green, m.blue) == pytest.approx(tuple(pixels.mean(0)), abs=0.5)


def test_a_closer_look_is_the_full_decode(written, tmp_path):
    file = scene()
    written(file)
    closer = look_closer(str(tmp_path / "image"))
    pixels = np.asarray(Image.open(io.BytesIO(file))).reshape(-1, 3).astype(float)
    assert (closer.red2, closer.green2, closer.blue2) == pytest.approx(tuple((pixels**2).mean(0)))
    assert 0 < closer.sharpness <= 1


def test_the_orientation_and_the_encoder_are_read(written):
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.new("RGB", (40, 30)).save(file, "JPEG", exif=exif)
    assert written(file.getvalue()).orientation == 6
    assert written(scene(quality=90)).tables != written(scene(quality=60)).tables


def test_the_same_picture_in_another_format_has_the_same_digest(written):
    assert written(photo("PNG")).picture == written(photo("BMP")).picture


def test_another_shape_of_the_same_bytes_is_another_picture(written):
    def flat(size):
        file = io.BytesIO()
        Image.new("RGB", size).save(file, "PNG")
        return file.getvalue()

    assert written(flat((40, 30))).picture != written(flat((30, 40))).picture


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1", "LA", "I;16"])
def test_every_mode_is_measured_as_rgb(written, mode):
    file = io.BytesIO()
    Image.new(mode, (8, 8)).save(file, "PNG")
    m = written(file.getvalue())
    assert (m.fault, m.mode) == (None, mode)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_cut_files_are_truncated(written, format, share):
    file = photo(format, size=(200, 150))
    assert written(file[: int(len(file) * share)]).fault == TRUNCATED


def test_a_jpeg_without_its_last_bytes_is_truncated(written):
    assert written(photo()[:-2]).fault == TRUNCATED


@pytest.mark.parametrize("progressive", [False, True])
def test_an_end_marker_inside_a_thumbnail_is_not_the_pictures(written, progressive):
    file = io.BytesIO()
    exif = b"Exif\x00\x00" + photo(size=(8, 8))
    Image.open(io.BytesIO(photo("PNG"))).save(file, "JPEG", exif=exif, progressive=progressive)
    whole = file.getvalue()
    assert written(whole).fault is None
    assert written(whole[:-2]).fault == TRUNCATED


def test_data_after_the_end_marker_isnt_a_fault(written):
    film = np.random.default_rng(1).bytes(200_000)
    assert written(photo() + film).fault is None
    assert written(photo("PNG") + film).fault is None


@pytest.mark.parametrize("file", [b"", b"<html>not found</html>", b"\x00" * 100])
def test_no_image_at_all(written, file):
    assert written(file).fault == NOT_AN_IMAGE


def test_a_missing_file_is_unreadable(tmp_path):
    assert measure(str(tmp_path / "gone.jpg")).fault == UNREADABLE
    (tmp_path / "link.jpg").symlink_to(tmp_path / "gone.jpg")
    assert measure(str(tmp_path / "link.jpg")).fault == UNREADABLE


def test_a_bomb_is_a_finding(written):
    bomb = bytearray(photo("PNG"))
    bomb[16:24] = (200_000).to_bytes(4, "big") * 2
    bomb[29:33] = zlib.crc32(bomb[12:29]).to_bytes(4, "big")
    assert written(bytes(bomb)).fault == BOMB


def test_a_bomb_of_a_jpeg_is_a_finding(written):
    bomb = bytearray(photo())
    place = bomb.index(b"\xff\xc0") + 5
    bomb[place : place + 4] = (60_000).to_bytes(2, "big") * 2
    assert written(bytes(bomb)).fault == BOMB


@settings(max_examples=70, deadline=None)
@given(st.data())
def test_mutated_files_never_raise(tmp_path_factory, data):
    file = bytearray(photo(data.draw(st.sampled_from(["JPEG", "PNG", "BMP", "TIFF", "WEBP"]))))
    for _ in range(data.draw(st.integers(1, 8))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("mutated") / "image.jpg"
    path.write_bytes(bytes(file))
    assert measure(str(path)).fault in FAULTS
