"""What the network is given of the training images, as numbers and as pictures."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

import torch
from PIL import Image
from torch import Tensor

from diagnose.model import WHITE, GivenInputs, Histogram
from diagnose.probing.recipe import Recipe
from diagnose.probing.train import Images

MEASURED = 128  # images, whose values are counted
SHOWN = 8
SIDE = 96  # px of a picture, at most
BINS = 32


def given_inputs(images: Images, recipe: Recipe, classes: Sequence[str], seed: int) -> GivenInputs | None:
    """Of the first training images, as `recipe` prepares them for training; None where that isn't finite."""
    pixels = images.train[:MEASURED]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        augment = images.augmentation(recipe)
        changed = augment(pixels) if augment else pixels
    given = images.fed(changed, recipe).float().cpu()
    if not bool(given.isfinite().all()):
        return None
    values = given.transpose(0, 1).flatten(1)  # (3, images x pixels)
    before = pixels.float().cpu().transpose(0, 1).flatten(1)
    low, high = float(values.min()), float(values.max())
    labels = images.train_labels[:SHOWN].tolist()
    return GivenInputs(
        images=len(pixels),
        mean=_numbers(values.mean(1)),
        std=_numbers(values.std(1)),
        low=_numbers(values.amin(1)),
        high=_numbers(values.amax(1)),
        before=tuple(_histogram(one, 0.0, 255.0) for one in before),
        after=tuple(_histogram(one, low, high) for one in values),
        pictures=tuple((classes[label], _picture(one)) for label, one in zip(labels, given[:SHOWN], strict=True)),
    )


def _numbers(values: Tensor) -> tuple[float, ...]:
    return tuple(round(float(value), 4) for value in values)


def _histogram(values: Tensor, low: float, high: float) -> Histogram:
    """`values` is finite; where all are equal, one bin holds them."""
    high = high if high > low else low + 1.0
    counts = torch.histc(values, BINS, low, high).int().tolist()
    return Histogram(tuple(low + n * (high - low) / BINS for n in range(BINS + 1)), tuple(counts))


def _picture(given: Tensor) -> str:
    """(3, S, S) as a JPEG in base64: 0 mid-grey, WHITE and above white, -WHITE and below black."""
    levels = ((given / WHITE + 1) * 127.5).clamp(0, 255).byte().permute(1, 2, 0).numpy()
    image, stream = Image.fromarray(levels), io.BytesIO()
    image.thumbnail((SIDE, SIDE))
    image.save(stream, "JPEG", quality=85)
    return base64.b64encode(stream.getvalue()).decode()
