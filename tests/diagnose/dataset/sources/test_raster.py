import numpy as np
import pytest

from diagnose.dataset.sources.raster import ppm, shaped, to_bytes


@pytest.mark.parametrize(
    ("shape", "becomes"),
    [((4, 5), (4, 5)), ((4, 5, 1), (4, 5)), ((4, 5, 3), (4, 5, 3)), ((3, 6, 5), (6, 5, 3)), ((1, 6, 5), (6, 5)),
     ((6, 5, 4), (6, 5, 3)), ((13, 20, 21), (20, 21, 3)), ((20, 21, 13), (20, 21, 3)), ((784,), (28, 28)),
     ((3072,), (32, 32, 3))],
)  # fmt: skip
def test_any_order_of_channels(shape, becomes):
    assert shaped(np.zeros(shape, np.uint8)).shape == becomes


@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (7,), (0, 4)])
def test_an_array_that_isnt_an_image(shape):
    with pytest.raises(OSError, match=r"isn't an image|no square image"):
        ppm(np.zeros(shape))


def test_planar_and_interleaved_pixels_are_distinguished():
    ramp = np.linspace(0, 255, 32 * 32).reshape(32, 32).astype(np.uint8)
    image = np.stack([ramp, 255 - ramp, ramp], -1)
    assert (shaped(image.reshape(-1)) == image).all()
    assert (shaped(image.transpose(2, 0, 1).reshape(-1)) == image).all()


@pytest.mark.parametrize(
    ("values", "bytes_"),
    [([0.0, 1.0], [0, 255]), ([-1.0, 1.0], [0, 255]), ([0, 65_535], [0, 255]), ([0, 4_095], [0, 255]),
     ([-1_000, 1_000], [0, 255]), ([0, 200], [0, 200]), ([False, True], [0, 255])],
)  # fmt: skip
def test_any_range_of_values(values, bytes_):
    array = np.array(values)
    array = array.astype(np.uint16) if array.max() > 255 and array.min() >= 0 else array
    assert to_bytes(array).tolist() == bytes_


def test_two_channels_are_the_first(tmp_path):
    pixels = np.stack([np.full((6, 5), 9, np.uint8), np.zeros((6, 5), np.uint8)])
    assert ppm(pixels).endswith(bytes([9]) * 30)
