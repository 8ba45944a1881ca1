"""Position and direction of a picture's edges."""

import numpy as np
import pytest
from PIL import Image

from diagnose.dataset.gradients import directions

RNG = np.random.default_rng(0)
SCENES = [
    Image.fromarray(RNG.integers(0, 255, (12, 12)).astype(np.uint8)).resize((256, 256), Image.Resampling.BICUBIC)
    for _ in range(30)
]


def of(images):
    small = [np.asarray(image.resize((32, 32), Image.Resampling.BOX), np.float32) for image in images]
    return directions(np.stack(small))


@pytest.mark.parametrize(
    "change",
    [
        lambda image: image.point(lambda value: 0.5 * value + 60),
        lambda image: image.crop((8, 4, 250, 248)),
        lambda image: image.resize((40, 24)),
    ],
    ids=["contrast", "crop", "stretched"],
)
def test_a_copy_is_the_likest(change):
    likeness = of(SCENES) @ of([change(image) for image in SCENES]).T
    assert (likeness.argmax(1) == np.arange(len(SCENES))).all()


def test_vectors_have_unit_length_and_no_mean_and_flat_pictures_none():
    vectors = of(SCENES)
    assert np.allclose((vectors**2).sum(1), 1, atol=1e-4)
    assert np.abs(vectors.mean(1)).max() < 1e-5
    assert not directions(np.full((1, 32, 32), 90, np.float32)).any()
