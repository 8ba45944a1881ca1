import numpy as np
import pytest
from PIL import Image, ImageFilter

from diagnose.dataset.sharpness import sharpness


@pytest.fixture
def picture():
    rng = np.random.default_rng(0)
    blocks = Image.fromarray(rng.integers(0, 255, (30, 40, 3)).astype(np.uint8)).resize(
        (400, 300), Image.Resampling.NEAREST
    )
    return blocks.filter(ImageFilter.GaussianBlur(0.5))


def test_the_more_it_is_blurred_the_less_sharp_it_is(picture):
    values = [sharpness(np.asarray(picture.filter(ImageFilter.GaussianBlur(radius)))) for radius in (0, 1, 2, 4, 8)]
    assert values == sorted(values, reverse=True)
    assert values[0] > 0.6 > 0.3 > values[-1]


def test_contrast_makes_no_difference(picture):
    pixels = np.asarray(picture).astype(float)
    assert sharpness((pixels / 4 + 90).astype(np.uint8)) == pytest.approx(sharpness(np.asarray(picture)), abs=0.1)


def test_a_flat_or_tiny_picture_says_nothing():
    assert sharpness(np.full((100, 100, 3), 128, np.uint8)) is None
    assert sharpness(np.random.default_rng(0).integers(0, 255, (40, 100, 3)).astype(np.uint8)) is None
