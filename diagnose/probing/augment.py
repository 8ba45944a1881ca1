"""Random changes of training images, as configurations name them: of one image, and of a batch where it lies.

A batch of small images takes a GPU less time than the calls of as many transforms do: there the usual ones draw for all
images at once and change the whole batch in a few steps. A CPU is faster image by image: it changes only those that are
drawn, and what it changes stays in its cache.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import grid_sample, pad
from torchvision.transforms import v2

# Names of augmentations in configurations, and torchvision's transform for each at the given image size.
# Strengths are torchvision's defaults or those of its reference training scripts.
AUGMENTATIONS = {
    "random_horizontal_flip": lambda size: v2.RandomHorizontalFlip(),
    "random_vertical_flip": lambda size: v2.RandomVerticalFlip(),
    "random_resized_crop": lambda size: v2.RandomResizedCrop(size, antialias=True),
    "random_crop": lambda size: v2.RandomCrop(size, padding=max(1, size // 8)),
    "random_rotation": lambda size: v2.RandomRotation(15),
    "color_jitter": lambda size: v2.ColorJitter(0.4, 0.4, 0.4),
    "random_affine": lambda size: v2.RandomAffine(10, translate=(0.1, 0.1), scale=(0.8, 1.2), shear=10),
    "random_grayscale": lambda size: v2.RandomGrayscale(),
    "gaussian_blur": lambda size: v2.GaussianBlur(3),
    "auto_augment": lambda size: v2.AutoAugment(),
    "rand_augment": lambda size: v2.RandAugment(),
    "trivial_augment": lambda size: v2.TrivialAugmentWide(),
    "random_perspective": lambda size: v2.RandomPerspective(),
}
SAME = {
    "horizontal_flip": "random_horizontal_flip",
    "randomhorizontalflip": "random_horizontal_flip",
    "flip": "random_horizontal_flip",
    "hflip": "random_horizontal_flip",
    "vertical_flip": "random_vertical_flip",
    "vflip": "random_vertical_flip",
    "randomverticalflip": "random_vertical_flip",
    "randomresizedcrop": "random_resized_crop",
    "resized_crop": "random_resized_crop",
    "crop": "random_crop",
    "randomcrop": "random_crop",
    "rotation": "random_rotation",
    "randomrotation": "random_rotation",
    "colorjitter": "color_jitter",
    "jitter": "color_jitter",
    "zoom": "random_affine",
    "shear": "random_affine",
    "affine": "random_affine",
    "randaugment": "rand_augment",
    "autoaugment": "auto_augment",
    "trivial_augment_wide": "trivial_augment",
}
# Deterministic steps: the probe's own resize to a square does their work.
PLAIN = ("resize", "center_crop", "centercrop", "to_tensor", "totensor", "normalize")

Augment = Callable[[Tensor], Tensor]

CROP_SHARE, CROP_RATIO = (0.08, 1.0), (3 / 4, 4 / 3)  # of a random resized crop: torchvision's defaults
TRIES = 10  # boxes drawn for an image before the middle is taken: torchvision's


def augmentation(names: tuple[str, ...], size: int) -> tuple[v2.Transform | None, tuple[str, ...]]:
    """The transform for one uint8 image (3, size, size), and the names that the probe does not know."""
    known, unknown = _sorted_out(names)
    return (v2.Compose([AUGMENTATIONS[name](size) for name in known]) if known else None), unknown


def batch_augmentation(names: tuple[str, ...], size: int, at_once: bool) -> Augment | None:
    """The same for uint8 batches (N, 3, size, size), each image with draws of its own; None where nothing changes.

    at_once: the whole batch in one step where that is known, as a GPU likes it. Draws come from torch's generator on
    the CPU, wherever the images lie.
    """
    if not at_once:
        transform, _ = augmentation(names, size)
        return _one_by_one(transform) if transform else None
    known, _ = _sorted_out(names)
    steps = [BATCHED.get(name) or _one_by_one(AUGMENTATIONS[name](size)) for name in known]

    def augment(pixels: Tensor) -> Tensor:
        for step in steps:
            pixels = step(pixels)
        return pixels

    return augment if steps else None


def _sorted_out(names: tuple[str, ...]) -> tuple[list[str], tuple[str, ...]]:
    """Names of AUGMENTATIONS, and those that mean nothing here."""
    wanted = [SAME.get(name, name) for name in names]
    known = [name for name in wanted if name in AUGMENTATIONS]
    return known, tuple(name for name in wanted if name not in AUGMENTATIONS and name not in PLAIN)


def _one_by_one(transform: v2.Transform) -> Augment:
    return lambda pixels: torch.stack([transform(image) for image in pixels])


def _flip(axis: int) -> Augment:
    def flip(pixels: Tensor) -> Tensor:
        which = (torch.rand(len(pixels)) < 0.5).to(pixels.device)
        return torch.where(which[:, None, None, None], pixels.flip(axis), pixels)

    return flip


def _crop(pixels: Tensor) -> Tensor:
    """A window of the same size somewhere in the image with an edge of zeros, an eighth of its side."""
    size = pixels.shape[-1]
    edge = max(1, size // 8)
    top, left = torch.randint(0, 2 * edge + 1, (2, len(pixels), 1)).to(pixels.device)
    places = torch.arange(size, device=pixels.device)
    image = torch.arange(len(pixels), device=pixels.device)[:, None, None]
    # Indices apart from a slice put the channels last.
    window = pad(pixels, (edge,) * 4)[image, :, (top + places)[:, :, None], (left + places)[:, None, :]]
    return window.permute(0, 3, 1, 2)


def _resized_crop(pixels: Tensor) -> Tensor:
    """A box of random area and shape, brought to the image's size: enlarged, so that no smoothing is due."""
    size = pixels.shape[-1]
    boxes = crop_boxes(len(pixels), size).to(pixels.device, torch.float32)
    top, left, high, wide = boxes.T[:, :, None]
    # Centres of the new pixels in the box, kept inside it: the outermost repeat, as in torchvision's resize.
    inside = (torch.arange(size, device=pixels.device) + 0.5) / size
    rows = top + torch.minimum((inside * high).clamp(min=0.5), high - 0.5)
    columns = left + torch.minimum((inside * wide).clamp(min=0.5), wide - 0.5)
    grid = torch.stack((columns[:, None, :].expand(-1, size, -1), rows[:, :, None].expand(-1, -1, size)), dim=-1)
    sampled = grid_sample(pixels.float(), grid * (2 / size) - 1, align_corners=False, padding_mode="border")
    return sampled.round().clamp(0, 255).to(torch.uint8)


def crop_boxes(count: int, size: int) -> Tensor:
    """(count, 4) top, left, height, width in whole pixels of square images, drawn as torchvision's RandomResizedCrop
    does: area and the logarithm of the ratio evenly, up to ten times, until the box fits."""
    area = torch.empty(count, TRIES).uniform_(*CROP_SHARE) * size**2
    ratio = torch.empty(count, TRIES).uniform_(*map(math.log, CROP_RATIO)).exp()
    wide, high = (area * ratio).sqrt().round(), (area / ratio).sqrt().round()
    fits = (wide > 0) & (wide <= size) & (high > 0) & (high <= size)
    first = fits.to(torch.uint8).argmax(1, keepdim=True)
    whole = torch.full((count,), float(size))
    any_fits = fits.any(1)
    wide = torch.where(any_fits, wide.gather(1, first)[:, 0], whole)
    high = torch.where(any_fits, high.gather(1, first)[:, 0], whole)
    top = (torch.rand(count) * (size - high + 1)).floor()
    left = (torch.rand(count) * (size - wide + 1)).floor()
    return torch.stack((top, left, high, wide), dim=1).long()


BATCHED: dict[str, Augment] = {
    "random_horizontal_flip": _flip(-1),
    "random_vertical_flip": _flip(-2),
    "random_crop": _crop,
    "random_resized_crop": _resized_crop,
}
