"""Makes the sample images: eight materials under changing colour, light, scale and clutter.

`python sample_data/make.py` writes `photos/` (50 training and 40 validation images a class) and `few/` (five
training images a class) beside itself. Colour, brightness, size and position say nothing of the class; its
texture does, which is what ImageNet features know and a few hundred images hardly teach. Every image is
drawn from a generator seeded by its name, so the set is the same wherever it is made.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

HERE = Path(__file__).parent
SIDE = 96
QUALITY = 82
COUNTS = {("photos", "train"): 50, ("photos", "val"): 40, ("few", "train"): 5, ("few", "val"): 20}

Field = NDArray[np.float64]  # (height, width), about 0..1
Generator = np.random.Generator


def noise(rng: Generator, x: Field, y: Field, octaves: int = 4) -> Field:
    """Smooth fractal noise at the given coordinates, about 0..1."""
    total, weight = np.zeros_like(x), 0.0
    for octave in range(octaves):
        lattice = rng.random((64, 64))
        u, v = x * 2**octave + rng.uniform(0, 64), y * 2**octave + rng.uniform(0, 64)
        i, j = np.floor(u).astype(int), np.floor(v).astype(int)
        a, b = smooth(u - i), smooth(v - j)
        i, j, i2, j2 = i % 64, j % 64, (i + 1) % 64, (j + 1) % 64
        top = lattice[j, i] * (1 - a) + lattice[j, i2] * a
        bottom = lattice[j2, i] * (1 - a) + lattice[j2, i2] * a
        total += (top * (1 - b) + bottom * b) / 2**octave
        weight += 1 / 2**octave
    return total / weight


def smooth(t: Field) -> Field:
    return t * t * (3 - 2 * t)


def nearest(rng: Generator, x: Field, y: Field) -> tuple[Field, Field]:
    """Distances to the nearest and second nearest of random points, one in each unit cell."""
    i, j = np.floor(x).astype(int), np.floor(y).astype(int)
    jitter = rng.random((32, 32, 2))
    distances = []
    for di in (-1, 0, 1):
        for dj in (-1, 0, 1):
            point = jitter[(j + dj) % 32, (i + di) % 32]
            distances.append(np.hypot(i + di + point[..., 0] - x, j + dj + point[..., 1] - y))
    ordered = np.sort(np.stack(distances), axis=0)
    return ordered[0], ordered[1]


def bricks(rng: Generator, x: Field, y: Field) -> Field:
    row = np.floor(y)
    u = (x / 2 + 0.5 * (row % 2)) % 1
    mortar = (np.minimum(u, 1 - u) < 0.06) | (np.minimum(y % 1, 1 - y % 1) < 0.1)
    tone = np.sin(37.7 * row + 91.3 * np.floor(x / 2 + 0.5 * (row % 2))) * 0.15
    return np.where(mortar, 0.9, 0.45 + tone)


def cracks(rng: Generator, x: Field, y: Field) -> Field:
    first, second = nearest(rng, x + 0.3 * noise(rng, x, y), y)
    return np.where(second - first < 0.07, 0.05, 0.7)


def grass(rng: Generator, x: Field, y: Field) -> Field:
    bend = 0.6 * noise(rng, x, y, 2)
    return noise(rng, x * 5 + 4 * bend, y * 0.6, 2)


def marble(rng: Generator, x: Field, y: Field) -> Field:
    return np.abs(np.sin(1.2 * x + 5 * noise(rng, x / 2, y / 2, 5))) ** 0.6


def pebbles(rng: Generator, x: Field, y: Field) -> Field:
    first, second = nearest(rng, x, y)
    return np.clip((second - first) * 1.8, 0, 1) ** 0.5


def spots(rng: Generator, x: Field, y: Field) -> Field:
    first, _ = nearest(rng, x + 0.2 * noise(rng, x, y), y)
    return np.where(np.abs(first - 0.28) < 0.1, 0.1, 0.75)


def weave(rng: Generator, x: Field, y: Field) -> Field:
    over = (np.floor(x) + np.floor(y)) % 2
    across, along = np.sin(np.pi * (x % 1)), np.sin(np.pi * (y % 1))
    return np.where(over > 0, across, along * 0.8)


def wood(rng: Generator, x: Field, y: Field) -> Field:
    radius = np.hypot(x * 0.35 + 2, y * 1.6 + 3) + 0.5 * noise(rng, x / 2, y, 3)
    return 0.5 + 0.5 * np.sin(2 * np.pi * radius)


MATERIALS: dict[str, Callable[[Generator, Field, Field], Field]] = {
    "bricks": bricks,
    "cracks": cracks,
    "grass": grass,
    "marble": marble,
    "pebbles": pebbles,
    "spots": spots,
    "weave": weave,
    "wood": wood,
}


def picture(material: str, name: str) -> Image.Image:
    """The photograph-like image of a material; all its chance comes from `name`."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    width, height = SIDE + int(rng.integers(0, 25)), SIDE + int(rng.integers(0, 25))
    v, u = np.mgrid[0:height, 0:width] / SIDE
    angle, scale = rng.uniform(0, 2 * np.pi), rng.uniform(4.5, 9)
    tilt = 1 + rng.uniform(0, 0.7) * v  # a plane seen at a slant
    x = scale * tilt * (u * np.cos(angle) - v * np.sin(angle)) + rng.uniform(0, 20)
    y = scale * tilt * (u * np.sin(angle) + v * np.cos(angle)) + rng.uniform(0, 20)
    pattern = MATERIALS[material](rng, x + 0.25 * noise(rng, u * 3, v * 3, 3), y + 0.25 * noise(rng, u * 3, v * 3, 3))
    pattern = 0.75 * pattern + 0.25 * noise(rng, u * 12, v * 12, 3)
    image = between(rng, pattern)
    image = clutter(rng, image, u, v)
    light = 0.55 + 0.6 * noise(rng, u * 1.5, v * 1.5, 2) + rng.uniform(-0.2, 0.2) * (u - 0.5)
    image = np.clip(image * light[..., None] + rng.normal(0, 0.035, image.shape), 0, 1)
    return Image.fromarray((255 * image).astype(np.uint8)).filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 1.0)))


def between(rng: Generator, pattern: Field) -> Field:
    """(height, width, 3): from one random colour to another, apart enough to be seen."""
    while True:
        dark, bright = rng.random(3), rng.random(3)
        if np.abs(dark - bright).mean() > 0.25:
            return dark + (bright - dark) * pattern[..., None]


def clutter(rng: Generator, image: Field, u: Field, v: Field) -> Field:
    """One to three plain things lie in front."""
    for _ in range(rng.integers(1, 4)):
        centre, size, turn = rng.random(2), rng.uniform(0.08, 0.22, 2), rng.uniform(0, np.pi)
        a, b = u - centre[0], v - centre[1]
        a, b = a * np.cos(turn) - b * np.sin(turn), a * np.sin(turn) + b * np.cos(turn)
        inside = (a / size[0]) ** 2 + (b / size[1]) ** 2 < 1
        shade = 0.7 + 0.3 * np.clip(1 - (a / size[0]), 0, 1)
        image = np.where(inside[..., None], rng.random(3) * shade[..., None], image)
    return image


def make(root: Path = HERE) -> None:
    """Writes every image of every set below `root`."""
    for (name, split), count in COUNTS.items():
        for material in MATERIALS:
            folder = root / name / split / material
            folder.mkdir(parents=True, exist_ok=True)
            for number in range(count):
                title = f"{material}_{number:03d}"
                picture(material, f"{name}/{split}/{title}").save(folder / f"{title}.jpg", quality=QUALITY)


if __name__ == "__main__":
    make()
