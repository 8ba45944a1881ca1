import pytest
from torchvision.transforms import v2

from diagnose.catalogue import augmentations
from diagnose.probing.augment import AUGMENTATIONS, MIXED


def test_every_random_transform_of_torchvision_is_known():
    random = {name for name in dir(v2) if name.startswith("Random") and name not in augmentations.CHOICES}
    unknown = {name for name in random if augmentations.find(name) is None}
    assert unknown == {"RandomIoUCrop", "RandomResize"}  # of detection; the probes resize


def test_the_probes_make_the_catalogues():
    assert set(AUGMENTATIONS) | set(MIXED) <= {one.name for one in augmentations.AUGMENTATIONS}


@pytest.mark.parametrize(
    ("name", "swapped"),
    [("hflip", ("left", "right")), ("RandomVerticalFlip", ("up", "down")), ("color_jitter", None), ("mine", None)],
)
def test_flips_swap_words(name, swapped):
    assert augmentations.mirrors(name) == swapped


def test_what_draws_and_what_does_not():
    assert augmentations.draws("ColorJitter")
    assert augmentations.draws("RandomMine")
    assert not augmentations.draws("Resize")
    assert augmentations.mixes("CutMix")
    assert augmentations.steady("RandomCrop")
    assert augmentations.named("mosaic") == "mosaic"
