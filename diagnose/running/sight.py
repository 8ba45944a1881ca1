"""Sums up what a batch of images looks like where the network gets it."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np

from diagnose.model import IMAGENET_MEAN, IMAGENET_STD, Histogram
from diagnose.model.pixels import Pixels

MOST_VALUES = 2_000_000  # that are looked at in one batch
LEVELS = 256
CHANNELS = (1, 3, 4)
BINS = 32
PICTURES, SIDE = 12, 96  # kept to be shown; px
IMAGENET_OFFSETS = tuple(-mean / std for mean, std in zip(IMAGENET_MEAN, IMAGENET_STD, strict=True))
OFF_GRID = 0.06  # of a level, that float arithmetic moves a value by at most


def planes(batch: np.ndarray) -> np.ndarray:
    """Batch, channels, height, width of images in either layout; of other shapes, one plane per image.

    Between the two layouts, the first with 1, 3 or 4 channels holds.
    """
    if batch.ndim == 4:
        if batch.shape[1] in CHANNELS:
            return batch
        return np.moveaxis(batch, -1, 1) if batch.shape[-1] in CHANNELS else batch
    if batch.ndim == 3:
        return batch[:, None]
    return batch.reshape(len(batch), 1, 1, -1)


def sight(batch: np.ndarray, dtype: str, layer: str = "") -> Pixels:
    """What a batch holds. batch: of images first; dtype: of the tensor it was."""
    images = planes(batch)
    shape = tuple(int(side) for side in images.shape[1:])
    images = images[: max(1, MOST_VALUES // max(1, int(np.prod(shape))))].astype(np.float64)
    sound = np.isfinite(images)
    finite = float(sound.mean()) if images.size else 1.0
    values = np.where(sound, images, 0.0)
    if not images.size:
        return Pixels(shape, dtype, 0.0, 0.0, 0.0, 0.0, finite=finite, first_layer=layer)
    slope, offset = _grid(values) if batch.ndim == 4 and dtype in ("float32", "float64", "uint8", "int64") else ((), ())
    return Pixels(
        shape,
        dtype,
        float(values.min()),
        float(values.max()),
        float(values.mean()),
        float(values.std()),
        tuple(float(x) for x in values.mean(axis=(0, 2, 3))) if shape[0] <= 4 else (),
        tuple(float(x) for x in values.std(axis=(0, 2, 3))) if shape[0] <= 4 else (),
        slope,
        offset,
        finite,
        _correlation(values, 1),
        _correlation(values, 3),
        layer,
    )


def _correlation(images: np.ndarray, apart: int) -> float | None:
    """Of each pixel with the one `apart` places on in its row, over all images and channels."""
    if images.shape[-1] < 12 or images.shape[-2] < 4:
        return None
    a, b = images[..., :-apart], images[..., apart:]
    a, b = a - a.mean(axis=(-1, -2), keepdims=True), b - b.mean(axis=(-1, -2), keepdims=True)
    length = np.sqrt((a**2).sum(axis=(-1, -2)) * (b**2).sum(axis=(-1, -2)))
    shown = length > 1e-9
    return float(((a * b).sum(axis=(-1, -2))[shown] / length[shown]).mean()) if shown.any() else None


def _grid(images: np.ndarray) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Slope and offset by channel of values that lie on a grid of 256 levels; empty where they don't.

    Stored pixels are whole numbers, and scaling and normalising keep the grid: its step is the slope. Where the values
    span all 255 steps the lowest is the offset; else it is only known where the grid holds 0 or a usual offset.
    """
    slopes, offsets = [], []
    for channel in range(images.shape[1]):
        values = np.unique(images[:, channel].round(6))
        if not 8 < len(values) <= LEVELS:
            return (), ()
        steps = np.diff(values)
        step = float(np.median(steps[steps < 1.5 * steps.min()]))
        places = (values - values[0]) / step
        if places[-1] > LEVELS - 1 + 0.5 or np.abs(places - places.round()).max() > OFF_GRID * max(
            1.0, places[-1] / 64
        ):
            return (), ()
        step = float((values[-1] - values[0]) / places[-1].round())
        slopes.append(step)
        offsets.append(_offset(float(values[0]), step, int(places[-1].round()), channel))
    known = all(offset is not None for offset in offsets)
    return tuple(slopes), tuple(float(offset) for offset in offsets if offset is not None) if known else ()


def _offset(lowest: float, step: float, span: int, channel: int) -> float | None:
    if span == LEVELS - 1:
        return lowest
    usual = (0.0, -1.0, IMAGENET_OFFSETS[min(channel, 2)])
    fitting = []
    for offset in usual:
        place = (lowest - offset) / step
        if abs(place - round(place)) < 0.1 and 0 <= round(place) <= LEVELS - 1 - span:
            fitting.append(offset)
    return fitting[0] if fitting else None


def joined(seen: list[Pixels]) -> Pixels | None:
    """Several batches as one: extremes over all, means weighted alike, the first grid that is known."""
    if not seen:
        return None
    first = seen[0]
    alike = [one for one in seen if one.shape[:1] == first.shape[:1]]
    grid = max(alike, key=lambda one: (len(one.offset), len(one.slope)))

    def mean(values: list[Any]) -> float:
        return float(np.mean(values))

    spread = float(np.sqrt(mean([one.std**2 + one.mean**2 for one in alike]) - mean([one.mean for one in alike]) ** 2))
    near = [one.neighbours for one in alike if one.neighbours is not None]
    third = [one.third_neighbours for one in alike if one.third_neighbours is not None]
    return Pixels(
        first.shape,
        first.dtype,
        min(one.low for one in alike),
        max(one.high for one in alike),
        mean([one.mean for one in alike]),
        spread,
        tuple(np.mean([one.means for one in alike], axis=0).tolist()) if first.means else (),
        tuple(np.mean([one.stds for one in alike], axis=0).tolist()) if first.stds else (),
        grid.slope,
        grid.offset,
        min(one.finite for one in alike),
        mean(near) if near else None,
        mean(third) if third else None,
        first.first_layer,
    )


def histograms(batch: np.ndarray) -> tuple[Histogram, ...]:
    """How often each value occurs in each channel, on one scale; none for what isn't images, or isn't finite."""
    images = planes(batch) if batch.ndim == 4 else batch
    if images.ndim != 4 or images.shape[1] not in CHANNELS or not np.isfinite(images).all():
        return ()
    low, high = float(images.min()), float(images.max())
    found = []
    for channel in range(images.shape[1]):
        counts, edges = np.histogram(images[:, channel], BINS, (low, high if high > low else low + 1.0))
        found.append(Histogram(tuple(map(float, edges)), tuple(map(int, counts))))
    return tuple(found)


def pictures(batch: np.ndarray, labels: np.ndarray | None) -> list[tuple[str, str]]:
    """The images as they are given, on one scale from their lowest to their highest value: label and JPEG in base64."""
    from PIL import Image

    if batch.ndim != 4:
        return []
    images = planes(batch)[:PICTURES]
    if images.shape[1] not in CHANNELS:
        return []
    images = np.repeat(images[:, :1], 3, axis=1) if images.shape[1] == 1 else images[:, :3]
    images = np.nan_to_num(images.astype(np.float32))
    low, high = float(images.min()), float(images.max())
    shades = ((images - low) * (255.0 / max(high - low, 1e-9))).clip(0, 255).astype(np.uint8)
    found = []
    for number, one in enumerate(np.moveaxis(shades, 1, -1)):
        picture, stream = Image.fromarray(one), io.BytesIO()
        picture.thumbnail((SIDE, SIDE))
        picture.save(stream, "JPEG", quality=85)
        label = f"label {labels[number]}" if labels is not None and number < len(labels) else f"image {number + 1}"
        found.append((label, base64.b64encode(stream.getvalue()).decode()))
    return found
