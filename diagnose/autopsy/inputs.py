"""Pictures as a network's input: each decoded once, each geometry made once, values computed batch by batch."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import interpolate

from diagnose.dataset.decoding import decode
from diagnose.model.checkpoint import GIVEN, GREY, GREY_THRICE, Feed

OVERSAMPLED = 512  # px of each side, at least, that a larger JPEG is decoded at
# How a picture is made smaller: Pillow's filters, which average, and OpenCV's, which only interpolate.
FILTERS = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "nearest": Image.Resampling.NEAREST,
}
SHARP = "bilinear without antialiasing"
GREY_BARS = 114  # of a letterbox, as Ultralytics fills it
TWICE = "0..1, divided by 255 again"
UNITS = {"0..255": (1.0, 0.0), "0..1": (255.0, 0.0), "-1..1": (127.5, 1.0), TWICE: (65025.0, 0.0)}


class Pictures:
    """Images that are decoded when they are asked for. The first geometry that is asked for is kept."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = tuple(paths)
        self._images: list[Image.Image] = []
        self._geometry: tuple[object, ...] | None = None
        self._kept: Tensor | None = None

    def __len__(self) -> int:
        return len(self._paths)

    def _decoded(self, last: int) -> list[Image.Image]:
        if len(self._images) < last:
            with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
                self._images += pool.map(decoded, self._paths[len(self._images) : last])
        return self._images

    def made(self, feed: Feed, first: int, last: int) -> Tensor:
        """uint8 (N, 3, size, size), RGB, of the images in that range."""
        geometry = (feed.shape, feed.size, feed.side, feed.interpolation)
        if self._geometry is None:
            self._geometry = geometry
        if geometry != self._geometry:
            return self._shaped(feed, first, last)
        have = 0 if self._kept is None else len(self._kept)
        if have < last:
            more = self._shaped(feed, have, last)
            self._kept = more if self._kept is None else torch.cat([self._kept, more])
        assert self._kept is not None
        return self._kept[first:last]

    def _shaped(self, feed: Feed, first: int, last: int) -> Tensor:
        made = [shaped(image, feed) for image in self._decoded(last)[first:last]]
        return torch.from_numpy(np.stack(made)).permute(0, 3, 1, 2)

    def thumbnail(self, number: int, side: int) -> Image.Image:
        """A small copy of one image."""
        copy = self._decoded(number + 1)[number].copy()
        copy.thumbnail((side, side))
        return copy


class Given(Pictures):
    """Images that a program made itself, each as it gave it to its network. made: float32 (N, channels, H, W)."""

    def __init__(self, paths: Sequence[str], images: Tensor) -> None:
        super().__init__(paths)
        self._images_given = images

    def made(self, feed: Feed, first: int, last: int) -> Tensor:
        """The images in that range as they were given."""
        return self._images_given[first:last]


def decoded(path: str) -> Image.Image:
    """The picture of a file, in RGB."""
    with open(path, "rb") as file:
        content = file.read()
    image, _ = decode(content, OVERSAMPLED)
    return image


def shaped(image: Image.Image, feed: Feed) -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
    """The picture as (size, size, 3), squashed, cropped or with bars."""
    size = feed.size
    wide, high = image.size
    if feed.shape == "squash":
        return np.asarray(_resized(image, size, size, feed.interpolation))
    if feed.shape == "letterbox":
        scale = size / max(wide, high)
        small = _resized(image, max(1, round(wide * scale)), max(1, round(high * scale)), feed.interpolation)
        whole = Image.new("RGB", (size, size), (GREY_BARS,) * 3)
        whole.paste(small, ((size - small.width) // 2, (size - small.height) // 2))
        return np.asarray(whole)
    side = feed.side or size
    scale = side / min(wide, high)
    image = _resized(image, max(side, round(wide * scale)), max(side, round(high * scale)), feed.interpolation)
    left, top = round((image.width - size) / 2), round((image.height - size) / 2)
    return np.asarray(image.crop((left, top, left + size, top + size)))


def _resized(image: Image.Image, wide: int, high: int, how: str) -> Image.Image:
    if (wide, high) == image.size:
        return image
    if how in FILTERS:
        return image.resize((wide, high), FILTERS[how])
    pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float()
    made = interpolate(pixels, size=(high, wide), mode="bilinear", align_corners=False)
    return Image.fromarray(made[0].round().clamp(0, 255).byte().permute(1, 2, 0).numpy())


def valued(pixels: Tensor, feed: Feed) -> Tensor:
    """float32 (N, 3 or 1, H, W) of uint8 RGB pixels: channels, unit, mean and std as the feed says; of what a program
    made itself, the channels alone."""
    values = pixels.float()
    if feed.shape == GIVEN:
        return values.flip(1) if feed.order == "BGR" else values
    if feed.order == "BGR":
        values = values.flip(1)
    elif feed.order in (GREY, GREY_THRICE):
        weights = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)  # ITU-R BT.601, as Pillow's "L"
        values = (values * weights).sum(1, keepdim=True)
        values = values.repeat(1, 3, 1, 1) if feed.order == GREY_THRICE else values
    divisor, less = UNITS[feed.unit]
    values = values / divisor - less
    if feed.mean and feed.std:
        mean, std = (torch.tensor(_fitted(one, values.shape[1])).view(1, -1, 1, 1) for one in (feed.mean, feed.std))
        for _ in range(feed.times):
            values = (values - mean) / std
    return values


def _fitted(numbers: tuple[float, ...], channels: int) -> tuple[float, ...]:
    if len(numbers) == channels:
        return numbers
    return (sum(numbers) / len(numbers),) * channels


def affine(feed: Feed) -> tuple[float, ...]:
    """What the values do to black and white, rounded: two feeds with the same are the same."""
    ends = torch.tensor([0, 255], dtype=torch.uint8).view(2, 1, 1, 1).expand(2, 3, 1, 1)
    plain = Feed(1, unit=feed.unit, mean=feed.mean, std=feed.std, times=feed.times)
    return tuple(float(f"{value:.3g}") for value in valued(ends, plain).flatten().tolist())
