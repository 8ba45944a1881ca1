"""Registration of pictures."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from diagnose.dataset.registration import SIDE, fine, registered, shifted


@pytest.fixture(scope="module")
def scene():
    """A picture of much larger size with structure at every scale."""
    rng = np.random.default_rng(0)
    layers = [
        np.asarray(
            Image.fromarray(rng.integers(0, 255, (n, n)).astype(np.uint8)).resize((256, 256), Image.Resampling.BICUBIC)
        )
        for n in (4, 12, 32, 64)
    ]
    return Image.fromarray(np.mean(layers, axis=0).astype(np.uint8))


def luma(image):
    return np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX), np.float32)[None]


def agreement(one, other):
    first = shifted(luma(one), luma(other))
    return float(registered(luma(one), luma(other), first.map).score[0])


@pytest.mark.parametrize(
    "change",
    [
        lambda image: image,
        lambda image: image.point(lambda value: 0.6 * value + 60),
        lambda image: image.filter(ImageFilter.GaussianBlur(3)),
        lambda image: image.crop((20, 10, 246, 236)),
        lambda image: image.rotate(4, Image.Resampling.BICUBIC).crop((12, 12, 244, 244)),
        lambda image: image.resize((40, 40)),
        lambda image: image.crop((0, 20, 256, 236)),
    ],
    ids=["same", "contrast", "blur", "crop", "turned", "small", "flattened"],
)
def test_a_copy_agrees(scene, change):
    assert agreement(scene, change(scene)) > 0.85


def test_another_picture_does_not(scene):
    other = Image.fromarray(np.asarray(scene)[::-1, ::-1].copy())
    assert agreement(scene, other) < 0.6


def test_brightness_isnt_fine_structure():
    assert np.abs(fine(np.full((1, SIDE, SIDE), 90.0, np.float32))).max() < 1e-3
