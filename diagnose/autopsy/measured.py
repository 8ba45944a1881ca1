"""How a program feeds its network, measured: which file each image is, and what was done to its pixels.

Each image that reached the network is held against its file under every way of resizing, and the values against the
pixels by a straight line for each channel: its slope and offset are what scaling and normalisation came to.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from diagnose.autopsy.evaluation import Evaluation
from diagnose.autopsy.inputs import SHARP, decoded, shaped
from diagnose.autopsy.job import Job
from diagnose.autopsy.orders import Order
from diagnose.model.checkpoint import CHANNELS, GEOMETRY, GREY, GREY_THRICE, NORMALISATION, RANGE, Feed, Known

Array = NDArray[np.float64]
COMPARED = 12  # images
SIGNED = 12  # px of each side of an image's signature
COARSE = (Feed(48), Feed(48, "crop", 48), Feed(48, "crop", 55), Feed(48, "letterbox"))  # ways to look at a file
ALIKE = 0.9  # correlation of two signatures from which on they are of one image
FITTED = 0.97  # share of the values' variance that a file's pixels have to explain for a way to be the program's
NEARLY = 0.002  # of that share, by which two ways are alike
# Of the shorter side, what a centre crop keeps.
SHARES = (1.0, 0.875, 0.9, 0.95, 224 / 232, 0.857, 0.8, 0.75, 0.7, 2 / 3, 0.6, 0.5)
SURE = 0.8  # share of a class's images that have to have the same number
RED, GREEN, BLUE = 0.299, 0.587, 0.114  # ITU-R BT.601, as Pillow's "L"
SNAPPED = 0.012  # of the range 0..1, by which a measured mean or deviation may differ from a round one
USUAL = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)), ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


@dataclass(frozen=True)
class Measured:
    """feed: None where no way of resizing explains the values; order: for each class the number that the program gives
    it, None where it can't be known. places: of the images seen, the index in the job's, -1 where unknown."""

    feed: Feed | None
    order: Order | None
    places: tuple[int, ...]
    known: tuple[Known, ...] = ()


def measured(job: Job, seen: Evaluation) -> Measured:
    """What the evaluation shows of the job's images."""
    places = _places(job, seen)
    images = [image for batch in seen.batches for image in batch.images]
    found = _feed(job, images, places)
    if found is not None and seen.training:
        found = replace(found, mode="train")
    parts = (RANGE, NORMALISATION, GEOMETRY, CHANNELS) if found is not None else ()
    return Measured(found, _order(job, seen, places), places, tuple(Known(part) for part in parts))


def _places(job: Job, seen: Evaluation) -> tuple[int, ...]:
    """By the files that were opened for a batch, else by what the images look like."""
    number = {os.path.realpath(path): at for at, (path, _) in enumerate(job.held_out)}
    places: list[int] = []
    signs: Array | None = None
    for batch in seen.batches:
        if batch.files:
            places += [number.get(os.path.realpath(file), -1) for file in batch.files]
            continue
        if signs is None:
            files = [decoded(path) for path, _ in job.held_out]
            signs = np.stack([[_sign(shaped(file, way).astype(np.float64)) for file in files] for way in COARSE])
        mine = np.stack([_sign(np.moveaxis(image, 0, -1)) for image in batch.images])
        alike = np.abs(mine @ signs.transpose(0, 2, 1)).max(0)
        best = alike.argmax(1)
        places += [int(at) if alike[row, at] >= ALIKE else -1 for row, at in enumerate(best)]
    return tuple(places)


def _sign(image: Array) -> Array:
    """(SIGNED * SIGNED,): the brightness on a coarse grid, of mean 0 and length 1."""
    grey = np.nan_to_num(image.astype(np.float64)).mean(axis=-1)
    high, wide = grey.shape
    rows = np.linspace(0, high, SIGNED + 1).astype(int)
    columns = np.linspace(0, wide, SIGNED + 1).astype(int)
    sums = np.add.reduceat(np.add.reduceat(grey, rows[:-1], axis=0), columns[:-1], axis=1)
    counts = np.outer(np.maximum(1, np.diff(rows)), np.maximum(1, np.diff(columns)))
    flat: Array = (sums / counts).ravel()
    flat = flat - flat.mean()
    return flat / max(float(np.linalg.norm(flat)), 1e-9)


def _feed(job: Job, images: Sequence[Array], places: Sequence[int]) -> Feed | None:
    """The feed under which the files' pixels explain the values best; None where none does."""
    pairs = [(image.astype(np.float64), at) for image, at in zip(images, places, strict=True) if at >= 0]
    pairs = pairs[:: max(1, len(pairs) // COMPARED)][:COMPARED]
    if len(pairs) < 2 or len({image.shape for image, _ in pairs}) > 1:
        return None
    channels, high, wide = pairs[0][0].shape
    if high != wide or channels not in (1, 3):
        return None
    given = np.stack([image for image, _ in pairs])
    if not np.isfinite(given).all():
        return None
    files = [decoded(job.held_out[at][0]) for _, at in pairs]
    best: tuple[float, Feed] | None = None
    for way in _ways(high, files):
        pixels = np.stack([shaped(file, way) for file in files]).astype(np.float64) / 255
        for order, values in _orders(np.moveaxis(pixels, -1, 1), channels):
            share, slope, offset = _line(values, given)
            if best is None or share > best[0] + NEARLY:
                best = share, _named(replace(way, order=order), slope, offset)
    return best[1] if best is not None and best[0] >= FITTED else None


def _ways(size: int, files: Sequence[Image.Image]) -> Iterator[Feed]:
    """Ways to a square, the usual ones first."""
    square = all(file.width == file.height for file in files)
    for how in ("bilinear", SHARP, "bicubic", "nearest"):
        yield Feed(size, interpolation=how)
        for share in SHARES:
            if share < 1 or not square:
                yield Feed(size, "crop", round(size / share), how)
        if not square:
            yield Feed(size, "letterbox", interpolation=how)
    sides = {min(file.size) for file in files}
    if len(sides) == 1 and (side := sides.pop()) > size:
        yield Feed(size, "crop", side)


def _orders(pixels: Array, channels: int) -> Iterator[tuple[str, Array]]:
    """(N, channels, H, W) in each order that a network of so many channels may be given."""
    grey = (pixels * np.array([RED, GREEN, BLUE]).reshape(1, 3, 1, 1)).sum(1, keepdims=True)
    if channels == 1:
        yield GREY, grey
        return
    yield "RGB", pixels
    if np.abs(pixels - pixels[:, :1]).max() > 2 / 255:  # colours
        yield "BGR", pixels[:, ::-1]
        yield GREY_THRICE, np.repeat(grey, 3, axis=1)


def _line(pixels: Array, given: Array) -> tuple[float, Array, Array]:
    """By channel, the slope and offset of `given` over `pixels`; and the share of its variance that they explain."""
    x, y = (np.moveaxis(one, 1, 0).reshape(one.shape[1], -1) for one in (pixels, given))
    mean_x, mean_y = x.mean(1, keepdims=True), y.mean(1, keepdims=True)
    slope = ((x - mean_x) * (y - mean_y)).sum(1) / np.maximum(((x - mean_x) ** 2).sum(1), 1e-9)
    offset = (mean_y - slope[:, None] * mean_x)[:, 0]
    rest = ((y - slope[:, None] * x - offset[:, None]) ** 2).sum(1)
    whole = ((y - mean_y) ** 2).sum(1)
    varied = whole > 1e-9 * y.shape[1]
    explained = 1 - rest[varied] / whole[varied]
    return float(explained.min(initial=1.0)) if varied.any() else 0.0, slope, offset


def _named(feed: Feed, slope: Array, offset: Array) -> Feed:
    """The feed with the unit, mean and std that a slope and an offset by channel come to."""
    if np.abs(slope).min() < 1e-9:
        return feed
    mean, std = -offset / slope, 1 / slope
    for unit, unit_slope, unit_offset in (("0..255", 255.0, 0.0), ("0..1", 1.0, 0.0), ("-1..1", 2.0, -1.0)):
        close = SNAPPED * abs(unit_slope)
        if np.abs(slope - unit_slope).max() < close and np.abs(offset - unit_offset).max() < close:
            return replace(feed, unit=unit)
    if np.abs(slope - 255).max() < SNAPPED * 255:  # a mean is subtracted from whole pixels
        return replace(feed, unit="0..255", mean=tuple(np.round(-offset, 2).tolist()), std=(1.0,) * len(mean))
    for usual_mean, usual_std in USUAL:
        if len(mean) == 3 and np.abs(mean - usual_mean).max() < SNAPPED and np.abs(std - usual_std).max() < SNAPPED:
            return replace(feed, mean=usual_mean, std=usual_std)
    return replace(feed, mean=tuple(np.round(mean, 4).tolist()), std=tuple(np.round(std, 6).tolist()))


def _order(job: Job, seen: Evaluation, places: Sequence[int]) -> Order | None:
    """The number that the program gives each class, by the labels of images that are known; None where a class has
    none, or several."""
    at = iter(places)
    numbers: list[list[int]] = [[] for _ in job.classes]
    for batch in seen.batches:
        for row in range(len(batch.images)):
            place = next(at)
            if place >= 0 and batch.labels is not None:
                numbers[job.held_out[place][1]].append(int(batch.labels[row]))
    order = []
    for given in numbers:
        if not given:
            return None
        most = max(set(given), key=given.count)
        if given.count(most) < SURE * len(given):
            return None
        order.append(most)
    return tuple(order) if len(set(order)) == len(order) else None
