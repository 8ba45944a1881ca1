"""The edges of JPEG's blocks in pixels."""

import io

import numpy as np
import pytest
from PIL import Image, ImageFilter

from diagnose.dataset.blocks import blockiness


@pytest.fixture
def scene():
    noise = np.random.default_rng(0).integers(0, 255, (120, 160), np.uint8)
    return Image.fromarray(noise).filter(ImageFilter.GaussianBlur(2))


def saved(image, quality):
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file)


def strength(image):
    return float(blockiness(np.asarray(image, np.float32)[None])[0])


def test_a_scene_has_no_blocks(scene):
    assert abs(strength(scene)) < 0.1


def test_blocks_outlive_a_better_encoder(scene):
    once = saved(scene, 15)
    assert strength(saved(once, 92)) > 0.2 > strength(saved(scene, 92)) + 0.1


def test_one_line_on_an_edge_isnt_a_block(scene):
    lined = np.asarray(scene).copy()
    lined[:16] = 0
    assert abs(strength(lined)) < 0.1


def test_too_small_to_measure():
    assert blockiness(np.zeros((2, 63, 100), np.float32)) is None
