import pytest
import torch

from diagnose.model import SYMMETRIC_STEP, UNIT_STEP
from diagnose.probing.images import load, normalise

PIXELS = torch.randint(0, 256, (2, 3, 16, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
NONE = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))


def test_images_become_squares_of_the_size_asked_for(image_folder):
    root = image_folder({"cat": 3}, size=40)
    pixels = load([str(path) for path in sorted(root.rglob("*.png"))], 16)
    assert (pixels.shape, pixels.dtype) == ((3, 3, 16, 16), torch.uint8)


@pytest.mark.parametrize(
    ("scaling", "low", "high"),
    [((), 0, 255), ((UNIT_STEP,), 0, 1), ((SYMMETRIC_STEP,), -1, 1), ((UNIT_STEP, UNIT_STEP), 0, 1 / 255)],
)
def test_scaling_steps_give_the_range_they_say(scaling, low, high):
    fed = normalise(PIXELS, scaling, *NONE)
    assert fed.min() >= low
    assert high * 0.9 < fed.max() <= high


def test_normalisation_equals_torchvisions():
    from torchvision.transforms.v2.functional import normalize

    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    expected = normalize(PIXELS.float() / 255, list(mean), list(std))
    assert torch.allclose(normalise(PIXELS, (UNIT_STEP,), mean, std), expected)
