"""The probe's images: decoded once for all arms into one uint8 tensor per split."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms import v2
from torchvision.transforms.v2.functional import pil_to_tensor

from diagnose.dataset.decoding import decode
from diagnose.model import SYMMETRIC_STEP, UNIT_STEP

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


def augmentation(names: tuple[str, ...], size: int) -> tuple[v2.Transform | None, tuple[str, ...]]:
    """The transform for one uint8 image (3, size, size), and the names that the probe does not know."""
    known, unknown = [], []
    for name in names:
        name = SAME.get(name, name)
        if name in AUGMENTATIONS:
            known.append(AUGMENTATIONS[name](size))
        elif name not in PLAIN:
            unknown.append(name)
    return (v2.Compose(known) if known else None), tuple(unknown)


def load(paths: list[str], size: int) -> Tensor:
    """uint8 (N, 3, size, size): shorter side resized to `size`, centre cropped."""

    def one(path: str) -> Tensor:
        with open(path, "rb") as file:
            image, _ = decode(file.read())
        scale = size / min(image.size)
        wide, high = (max(size, round(side * scale)) for side in image.size)
        image = image.resize((wide, high), Image.Resampling.BILINEAR)
        left, top = (wide - size) // 2, (high - size) // 2
        pixels: Tensor = pil_to_tensor(image.crop((left, top, left + size, top + size)))
        return pixels

    with ThreadPoolExecutor() as pool:
        return torch.stack(list(pool.map(one, paths)))


def normalise(images: Tensor, scaling: tuple[str, ...], mean: tuple[float, ...], std: tuple[float, ...]) -> Tensor:
    """What the network is fed: uint8 (N, 3, H, W) after the configured scaling steps and statistics, float32."""
    fed = images.float()
    for step in scaling:
        if step == UNIT_STEP:
            fed = fed / 255
        elif step == SYMMETRIC_STEP:
            fed = fed / 127.5 - 1
    shape = (1, 3, 1, 1)
    centre, spread = torch.tensor(mean, device=fed.device), torch.tensor(std, device=fed.device)
    return ((fed - centre.view(shape)) / spread.view(shape)).contiguous(memory_format=torch.channels_last)
