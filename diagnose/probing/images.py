"""The probe's images: decoded once for all arms into one uint8 tensor per split."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms.v2.functional import pil_to_tensor

from diagnose.dataset.decoding import decode
from diagnose.model import SYMMETRIC_STEP, UNIT_STEP
from diagnose.probing.device import constant

OVERSAMPLED = 2  # times the wanted size, that a JPEG is decoded at: half the time for the same picture


def load(paths: list[str], size: int) -> Tensor:
    """uint8 (N, 3, size, size): shorter side resized to `size`, centre cropped."""

    def one(path: str) -> Tensor:
        with open(path, "rb") as file:
            image, _ = decode(file.read(), OVERSAMPLED * size)
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
    centre, spread = (constant(tuple(numbers), fed.device) for numbers in (mean, std))
    return ((fed - centre.view(shape)) / spread.view(shape)).contiguous(memory_format=torch.channels_last)
