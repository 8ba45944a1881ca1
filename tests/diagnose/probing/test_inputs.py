"""What the network is given, on tensors whose numbers are known."""

import base64
import io

import numpy as np
import torch
from PIL import Image

from diagnose.probing.inputs import BINS, given_inputs
from diagnose.probing.recipe import Recipe
from diagnose.probing.train import Images

IMAGENET = {"scaling": ("1/255",), "mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}


def images(value=None):
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (10, 3, 16, 16), generator=generator, dtype=torch.uint8)
    if value is not None:
        pixels = torch.full_like(pixels, value)
    labels = torch.arange(10) % 2
    return Images(pixels, labels, pixels, labels)


def decoded(picture):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(picture))))


def test_the_numbers_are_those_of_the_tensor():
    given = given_inputs(images(), Recipe(**IMAGENET), ("cat", "dog"), seed=0)
    assert given.images == 10
    assert given.low[0] == round((0 / 255 - 0.485) / 0.229, 4)
    assert given.high[2] == round((255 / 255 - 0.406) / 0.225, 4)
    assert all(sum(one.counts) == 10 * 16 * 16 for one in (*given.before, *given.after))
    assert len(given.after[0].edges) == BINS + 1
    assert [name for name, _ in given.pictures] == ["cat", "dog"] * 4


def test_what_is_not_normalised_looks_wrong():
    raw = given_inputs(images(200), Recipe(scaling=(), mean=(0.0,) * 3, std=(1.0,) * 3), ("cat", "dog"), seed=0)
    assert decoded(raw.pictures[0][1]).min() > 250  # white
    right = given_inputs(images(200), Recipe(**IMAGENET), ("cat", "dog"), seed=0)
    assert 180 < decoded(right.pictures[0][1]).mean() < 230


def test_the_draws_of_the_trainings_stay_the_same():
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    given_inputs(images(), Recipe(augmentations=("random_horizontal_flip",)), ("cat", "dog"), seed=0)
    assert torch.equal(torch.rand(3), expected)


def test_what_is_not_finite_has_no_picture():
    recipe = Recipe(scaling=(), mean=(0.0,) * 3, std=(0.0,) * 3)
    assert given_inputs(images(), recipe, ("cat", "dog"), seed=0) is None
