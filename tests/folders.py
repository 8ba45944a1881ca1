"""Folders of images for tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def fill(root: Path, counts: dict[str, int], size: int = 32) -> Path:
    """Writes noise images of size x size pixels: {"train/cat": 5, ...} gives their numbers.

    Each class has a colour of its own, so that a model can learn it in a few steps.
    """
    labels = sorted({name.rsplit("/", 1)[-1] for name in counts})
    rng = np.random.default_rng(0)
    for name, count in counts.items():
        folder = root / name
        folder.mkdir(parents=True, exist_ok=True)
        tint = np.array([40 * labels.index(folder.name) % 200, 80 * labels.index(folder.name) % 200, 100])
        for number in range(count):
            pixels = np.clip(rng.integers(0, 90, (size, size, 3)) + tint, 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / f"{number:03d}.png")
    return root


def listed(source) -> dict[str, dict[str, int]]:
    """Images per split and class, as a source lists them."""
    counts: dict[str, dict[str, int]] = {}
    for entry in source.entries():
        if entry.is_image:
            split = counts.setdefault(entry.split, {})
            split[entry.label] = split.get(entry.label, 0) + 1
    return counts
