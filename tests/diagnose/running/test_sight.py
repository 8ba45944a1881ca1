import base64
import io

import numpy as np
import pytest
from PIL import Image

from diagnose.running.sight import histograms, joined, pictures, planes, sight

RNG = np.random.default_rng(0)
MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


def photographs(count=4, side=32):
    """Smooth pictures of 0..255 with black and white in each."""
    x, y = np.meshgrid(np.linspace(0, 1, side), np.linspace(0, 1, side))
    waves = [np.sin(3 * x + 5 * y + n) + np.cos(4 * x * (n + 1)) for n in range(count * 3)]
    images = np.array(waves).reshape(count, 3, side, side)
    low, high = images.min(axis=(2, 3), keepdims=True), images.max(axis=(2, 3), keepdims=True)
    return ((images - low) / (high - low) * 255).round()


def normalised(raw):
    return ((raw / 255 - MEAN[:, None, None]) / STD[:, None, None]).astype(np.float32)


@pytest.mark.parametrize(
    ("change", "scale"),
    [
        (lambda raw: raw, "0..255"),
        (lambda raw: raw / 255, "0..1"),
        (lambda raw: raw / 127.5 - 1, "-1..1"),
        (normalised, "imagenet"),
        (lambda raw: raw / 255 / 255, ""),
        (lambda raw: np.clip(normalised(raw) * 1.3 + RNG.normal(0, 0.1, raw.shape), -3, 3), ""),
    ],
)
def test_the_grid_of_256_levels_tells_the_scale(change, scale):
    seen = sight(change(photographs()).astype(np.float32), "float32")
    assert seen.scale == scale


def test_slope_and_offset_of_a_statistic_of_ones_own():
    seen = sight(((photographs() / 255 - 0.3) / 0.6).astype(np.float32), "float32")
    assert seen.slope == pytest.approx((1 / (255 * 0.6),) * 3, rel=1e-3)
    assert seen.offset == pytest.approx((-0.5,) * 3, abs=1e-3)


def test_both_layouts_are_read_and_neighbours_tell_scrambled_ones():
    raw = photographs().astype(np.float32)
    upright = sight(np.moveaxis(raw, 1, -1), "float32")
    assert upright.shape == (3, 32, 32)
    scrambled = sight(np.moveaxis(raw, 1, -1).reshape(raw.shape), "float32")
    assert upright.neighbours > upright.third_neighbours + 0.3
    assert scrambled.third_neighbours > scrambled.neighbours + 0.08


def test_values_that_are_no_numbers_are_counted():
    raw = photographs().astype(np.float32)
    raw[0, 0, 0, 0] = np.nan
    assert 0.99 < sight(raw, "float32").finite < 1


@pytest.mark.parametrize("shape", [(0, 3, 8, 8), (2, 10), (2, 8, 8), (2, 3, 4, 8, 8), (1,)])
def test_any_shape_has_an_answer(shape):
    assert sight(np.zeros(shape, np.float32), "float32").std == 0


def test_planes_of_grey_images_keep_their_channel():
    assert planes(np.zeros((2, 1, 28, 28))).shape == (2, 1, 28, 28)
    assert planes(np.zeros((2, 28, 28, 1))).shape == (2, 1, 28, 28)


def test_batches_are_joined_by_their_extremes():
    low, high = (sight(np.full((2, 3, 8, 8), value, np.float32), "float32") for value in (0.1, 0.9))
    whole = joined([low, high])
    assert (whole.low, whole.high, whole.mean) == pytest.approx((0.1, 0.9, 0.5), abs=1e-6)
    assert joined([]) is None


def test_pictures_are_small_and_named_by_their_label():
    (name, data), *_ = pictures(normalised(photographs(side=128)), np.array([3, 1, 0, 0]))
    with Image.open(io.BytesIO(base64.b64decode(data))) as picture:
        assert (name, picture.size) == ("label 3", (96, 96))
    assert pictures(np.zeros((2, 10), np.float32), None) == []


def test_histograms_of_the_channels_share_one_scale():
    batch = np.stack([np.zeros((4, 4)), np.ones((4, 4)), np.full((4, 4), 0.5)])[None]
    low, high, middle = histograms(batch)
    assert low.edges == high.edges
    assert (low.counts[0], high.counts[-1], max(middle.counts)) == (16, 16, 16)
    assert histograms(np.full((1, 3, 4, 4), np.nan)) == ()
    assert histograms(np.zeros((2, 7))) == ()
