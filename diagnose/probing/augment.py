"""Random changes of training images, as configurations name them: of one image, and of a batch where it lies.

A batch of small images takes a GPU less time than the calls of as many transforms do: there the usual ones draw for all
images at once and change the whole batch in a few steps. A CPU is faster image by image: it changes only those that are
drawn, and what it changes stays in its cache.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import grid_sample, pad
from torchvision.transforms import v2

from diagnose.catalogue.augmentations import DETERMINISTIC, named
from diagnose.probing.device import moved

Augment = Callable[[Tensor], Tensor]
Mix = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
Numbers = tuple[float, ...]
Strengths = Mapping[str, Any]
NONE: Strengths = {}

CROP_SHARE = (0.08, 1.0)  # of the area, of a random resized crop: torchvision's default
# torchvision's transform for each augmentation of the catalogue that the probes can make, at the given image size.
# `by`: the configured strength, a row of numbers; without one torchvision's default, or that of its reference scripts.
AUGMENTATIONS: dict[str, Callable[[int, Numbers], v2.Transform]] = {
    "random_horizontal_flip": lambda size, by: v2.RandomHorizontalFlip(*by[:1]),
    "random_vertical_flip": lambda size, by: v2.RandomVerticalFlip(*by[:1]),
    "random_resized_crop": lambda size, by: v2.RandomResizedCrop(size, scale=by[:2] or CROP_SHARE, antialias=True),
    "random_crop": lambda size, by: v2.RandomCrop(size, padding=int(by[0]) if by else max(1, size // 8)),
    "random_rotation": lambda size, by: v2.RandomRotation(by[0] if len(by) == 1 else by or 15),
    "color_jitter": lambda size, by: v2.ColorJitter(*(by or (0.4, 0.4, 0.4))),
    "random_affine": lambda size, by: v2.RandomAffine(
        *(by[:1] or (10,)), translate=(0.1, 0.1), scale=(0.8, 1.2), shear=10
    ),
    "random_grayscale": lambda size, by: v2.RandomGrayscale(*(by[:1] or (0.1,))),
    "gaussian_blur": lambda size, by: v2.GaussianBlur(int(by[0]) // 2 * 2 + 1 if by else 3),
    "auto_augment": lambda size, by: v2.AutoAugment(),
    "rand_augment": lambda size, by: v2.RandAugment(*(int(one) for one in by[:2])),
    "trivial_augment": lambda size, by: v2.TrivialAugmentWide(),
    "random_perspective": lambda size, by: v2.RandomPerspective(*by[:1]),
    "random_erasing": lambda size, by: v2.RandomErasing(*by[:1]),
}
MIXED = {"mixup": v2.MixUp, "cutmix": v2.CutMix}  # of a whole batch, images and labels
MIX_ALPHA = 1.0  # torchvision's default, of both

CROP_RATIO = (3 / 4, 4 / 3)  # of a random resized crop: torchvision's default
TRIES = 10  # boxes drawn for an image before the middle is taken: torchvision's


def augmentation(
    names: tuple[str, ...], size: int, strengths: Strengths = NONE
) -> tuple[v2.Transform | None, tuple[str, ...]]:
    """The transform for one uint8 image (3, size, size), and the names that the probe does not know.

    strengths: a number or a row of them for each augmentation of which more than the name is known.
    """
    known, unknown = _sorted_out(names)
    made = [AUGMENTATIONS[name](size, _numbers(name, strengths)) for name in known]
    return (v2.Compose(made) if made else None), unknown


def batch_augmentation(names: tuple[str, ...], size: int, at_once: bool, strengths: Strengths = NONE) -> Augment | None:
    """The same for uint8 batches (N, 3, size, size), each image with draws of its own; None where nothing changes.

    at_once: the whole batch in one step where that is known, as a GPU likes it. Draws come from torch's generator on
    the CPU, wherever the images lie.
    """
    if not at_once:
        transform, _ = augmentation(names, size, strengths)
        return _one_by_one(transform) if transform else None
    known, _ = _sorted_out(names)
    steps = [
        (None if name in strengths else BATCHED.get(name))
        or _one_by_one(AUGMENTATIONS[name](size, _numbers(name, strengths)))
        for name in known
    ]

    def augment(pixels: Tensor) -> Tensor:
        for step in steps:
            pixels = step(pixels)
        return pixels

    return augment if steps else None


def mixing(names: tuple[str, ...], classes: int, strengths: Strengths = NONE) -> Mix | None:
    """What mixes batches of normalised images (N, 3, S, S) and labels (N,) into images and shares (N, classes).

    Of several one is drawn for each batch, as in torchvision's reference scripts. A single output has two classes.
    """
    chosen = [
        MIXED[name](alpha=(_numbers(name, strengths) or (MIX_ALPHA,))[0], num_classes=max(2, classes))
        for name in dict.fromkeys(map(named, names))
        if name in MIXED
    ]
    return v2.RandomChoice(chosen) if len(chosen) > 1 else chosen[0] if chosen else None


def _numbers(name: str, strengths: Strengths) -> Numbers:
    strength = strengths.get(name, ())
    row = strength if isinstance(strength, tuple | list) else (strength,)
    return tuple(one for one in row if isinstance(one, int | float) and not isinstance(one, bool))


def _sorted_out(names: tuple[str, ...]) -> tuple[list[str], tuple[str, ...]]:
    """Names of AUGMENTATIONS, and those that mean nothing here."""
    wanted = [named(name) for name in names]
    known = [name for name in wanted if name in AUGMENTATIONS]
    passed = (*AUGMENTATIONS, *MIXED, *DETERMINISTIC)
    return known, tuple(name for name in wanted if name not in passed)


def _one_by_one(transform: v2.Transform) -> Augment:
    return lambda pixels: torch.stack([transform(image) for image in pixels])


def _flip(axis: int) -> Augment:
    def flip(pixels: Tensor) -> Tensor:
        which = moved(torch.rand(len(pixels)) < 0.5, pixels.device)
        return torch.where(which[:, None, None, None], pixels.flip(axis), pixels)

    return flip


def _crop(pixels: Tensor) -> Tensor:
    """A window of the same size somewhere in the image with an edge of zeros, an eighth of its side."""
    size = pixels.shape[-1]
    edge = max(1, size // 8)
    top, left = moved(torch.randint(0, 2 * edge + 1, (2, len(pixels), 1)), pixels.device)
    places = torch.arange(size, device=pixels.device)
    image = torch.arange(len(pixels), device=pixels.device)[:, None, None]
    # Indices apart from a slice put the channels last.
    window = pad(pixels, (edge,) * 4)[image, :, (top + places)[:, :, None], (left + places)[:, None, :]]
    return window.permute(0, 3, 1, 2)


def _resized_crop(pixels: Tensor) -> Tensor:
    """A box of random area and shape, brought to the image's size: enlarged, so that no smoothing is due."""
    size = pixels.shape[-1]
    boxes = moved(crop_boxes(len(pixels), size).float(), pixels.device)
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
