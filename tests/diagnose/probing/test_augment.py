import math

import pytest
import torch
from torchvision.transforms.v2.functional import resized_crop

from diagnose.probing import augment
from diagnose.probing.augment import AUGMENTATIONS, BATCHED, augmentation, batch_augmentation, crop_boxes, mixing

PIXELS = torch.randint(0, 256, (64, 3, 16, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("name", [*AUGMENTATIONS, "hflip", "zoom", "RandomRotation", "Cutout"])
def test_every_known_augmentation_keeps_size_and_type(name):
    transform, unknown = augmentation((name,), 16)
    assert unknown == ()
    assert (transform(PIXELS[0]).shape, transform(PIXELS[0]).dtype) == ((3, 16, 16), torch.uint8)


def test_deterministic_steps_are_no_augmentation_and_strangers_are_named():
    assert augmentation(("resize", "normalize"), 16) == (None, ())
    assert augmentation(("mosaic",), 16) == (None, ("mosaic",))


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_a_batch_keeps_size_and_type_and_every_image_has_draws_of_its_own(name, at_once):
    torch.manual_seed(0)
    same = PIXELS[:1].expand(64, -1, -1, -1)
    changed = batch_augmentation((name,), 16, at_once)(same)
    assert (changed.shape, changed.dtype) == (same.shape, torch.uint8)
    assert len(changed.unique(dim=0)) > 1 or name == "gaussian_blur"


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_the_same_seed_draws_the_same(name):
    change = batch_augmentation((name,), 16, at_once=True)
    torch.manual_seed(3)
    one = change(PIXELS)
    torch.manual_seed(3)
    assert torch.equal(change(PIXELS), one)


def test_steps_follow_each_other_and_strangers_are_left_out():
    change = batch_augmentation(("hflip", "resize", "mosaic", "vflip"), 16, at_once=True)
    torch.manual_seed(0)
    which = torch.rand(64) < 0.5, torch.rand(64) < 0.5
    torch.manual_seed(0)
    changed = change(PIXELS)
    for number, (across, down) in enumerate(zip(*which, strict=True)):
        axes = [axis for axis, flipped in ((-1, across), (-2, down)) if flipped]
        assert torch.equal(changed[number], PIXELS[number].flip(axes))
    assert batch_augmentation(("resize", "mosaic"), 16, at_once=True) is None


def test_a_crop_is_a_window_of_the_padded_image():
    torch.manual_seed(0)
    padded = torch.nn.functional.pad(PIXELS, (2, 2, 2, 2))
    for number, image in enumerate(BATCHED["random_crop"](PIXELS)):
        windows = [padded[number, :, top : top + 16, left : left + 16] for top in range(5) for left in range(5)]
        assert any(torch.equal(image, window) for window in windows)


def test_a_resized_crop_is_torchvisions_of_the_same_box(monkeypatch):
    boxes = torch.tensor([[0, 0, 16, 16], [3, 2, 5, 7], [10, 10, 6, 6], [0, 9, 12, 7]])
    monkeypatch.setattr(augment, "crop_boxes", lambda count, size: boxes)
    for image, box, changed in zip(PIXELS, boxes.tolist(), BATCHED["random_resized_crop"](PIXELS[:4]), strict=False):
        wanted = resized_crop(image, *box, [16, 16], antialias=True)
        assert (changed.int() - wanted.int()).abs().max() <= 1  # rounding


def test_boxes_are_drawn_as_torchvision_draws_them():
    torch.manual_seed(0)
    top, left, high, wide = crop_boxes(20_000, 64).double().T
    assert ((top >= 0) & (left >= 0) & (top + high <= 64) & (left + wide <= 64)).all()
    area, ratio = high * wide / 64**2, (wide / high).log()
    theirs = [augment.v2.RandomResizedCrop(64).make_params([PIXELS.new_empty(3, 64, 64)]) for _ in range(5_000)]
    their_area = torch.tensor([p["height"] * p["width"] / 64**2 for p in theirs])
    their_ratio = torch.tensor([math.log(p["width"] / p["height"]) for p in theirs])
    for ours, other in ((area, their_area), (ratio, their_ratio)):
        assert abs(ours.mean() - other.mean()) < 4 * other.std() / math.sqrt(len(other))
        assert abs(ours.std() - other.std()) < 0.03 * other.std() + 0.005


def test_a_configured_strength_takes_the_place_of_the_usual():
    turned, _ = augmentation(("rotation",), 16, {"random_rotation": 90})
    assert turned.transforms[0].degrees == [-90.0, 90.0]
    jitter, _ = augmentation(("color_jitter",), 16, {"color_jitter": (0.1, 0.2)})
    assert jitter.transforms[0].brightness == (0.9, 1.1)
    assert jitter.transforms[0].contrast == (0.8, 1.2)
    crop, _ = augmentation(("random_resized_crop",), 16, {"random_resized_crop": (0.5, 1.0)})
    assert crop.transforms[0].scale == (0.5, 1.0)
    always = batch_augmentation(("hflip",), 16, True, {"random_horizontal_flip": 1.0})
    assert torch.equal(always(PIXELS), PIXELS.flip(-1))


@pytest.mark.parametrize("names", [("mixup",), ("CutMix",), ("mixup", "cutmix")])
def test_mixed_images_have_mixed_labels(names):
    torch.manual_seed(0)
    images, shares = mixing(names, 3)(PIXELS.float(), torch.arange(64) % 3)
    assert (images.shape, shares.shape) == (PIXELS.shape, (64, 3))
    torch.testing.assert_close(shares.sum(1), torch.ones(64))
    assert ((shares > 0) & (shares < 1)).any()
    assert augmentation(names, 16) == (None, ())


def test_nothing_is_mixed_where_nothing_says_so():
    assert mixing(("hflip",), 3) is None
