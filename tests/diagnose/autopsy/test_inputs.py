import numpy as np
import torch
from PIL import Image
from torchvision import transforms

from diagnose.autopsy.inputs import Pictures, affine, valued
from diagnose.model.checkpoint import Feed

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def picture(tmp_path, wide=90, high=60):
    pixels = np.random.default_rng(0).integers(0, 255, (high, wide, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "one.png")
    return str(tmp_path / "one.png"), Image.fromarray(pixels)


def fed(path, feed):
    return valued(Pictures([path]).made(feed, 0, 1), feed)[0]


def test_a_squash_is_torchvisions(tmp_path):
    path, image = picture(tmp_path)
    steps = [transforms.Resize((32, 32)), transforms.ToTensor(), transforms.Normalize(MEAN, STD)]
    assert torch.allclose(fed(path, Feed(32, mean=MEAN, std=STD)), transforms.Compose(steps)(image), atol=1e-5)


def test_a_crop_is_torchvisions(tmp_path):
    path, image = picture(tmp_path)
    steps = [transforms.Resize(40), transforms.CenterCrop(32), transforms.ToTensor()]
    assert torch.allclose(fed(path, Feed(32, "crop", 40)), transforms.Compose(steps)(image), atol=1e-5)


def test_channels_units_and_bars(tmp_path):
    path, image = picture(tmp_path)
    plain = torch.from_numpy(np.array(image.resize((32, 32), Image.Resampling.BILINEAR))).permute(2, 0, 1).float()
    assert torch.equal(fed(path, Feed(32, unit="0..255", order="BGR")), plain.flip(0))
    assert torch.allclose(fed(path, Feed(32, unit="-1..1")), plain / 127.5 - 1, atol=1e-6)
    assert fed(path, Feed(32, "letterbox", unit="0..255"))[:, 0].eq(114).all()
    assert fed(path, Feed(32, order="grey")).shape == (1, 32, 32)


def test_two_ways_to_the_same_numbers_are_the_same():
    assert affine(Feed(1, unit="-1..1")) == affine(Feed(1, mean=(0.5,) * 3, std=(0.5,) * 3))
    assert affine(Feed(1)) != affine(Feed(1, unit="0..255"))
