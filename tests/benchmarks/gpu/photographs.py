"""JPEGs of the size of photographs: textures with a natural spectrum, a shape and a tint for each class, noise."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path

import numpy as np
from benchmarks.gpu.setting import CLASSES, Row, Setting, processes
from PIL import Image, ImageDraw

BASES = 16  # textures, of which pictures are shifted and tinted copies: drawing one takes five times as long
GRAIN = 2.0  # levels of noise, as a good camera's


def run(setting: Setting) -> Iterator[Row]:
    """Writes them, a tenth of each class held out by folder."""
    begin = time.perf_counter()
    for split in ("train", "val"):
        for number in range(CLASSES):
            (setting.photographs / split / f"class_{number}").mkdir(parents=True, exist_ok=True)
    some = partial(write, root=setting.photographs, size=setting.picture_size)
    with ProcessPoolExecutor(processes()) as pool:
        sizes = list(pool.map(some, range(setting.pictures), chunksize=max(1, setting.pictures // 64)))
    seconds = time.perf_counter() - begin
    wide, high = setting.picture_size
    yield setting.row(
        "photographs written", setting.pictures, "files",
        note=f"{wide} x {high} px, {sum(sizes) / len(sizes) / 1000:.0f} kB each, in {seconds:.0f} s",
    )  # fmt: skip


@cache
def texture(number: int, size: tuple[int, int]) -> np.ndarray:
    """Colours whose power falls with the square of the frequency, as in natural scenes (Field 1987)."""
    rng, (wide, high) = np.random.default_rng(number), size
    frequency = np.hypot(np.fft.fftfreq(high)[:, None], np.fft.rfftfreq(wide)[None]) + 1 / wide
    noise = rng.normal(size=(3, *frequency.shape)) + 1j * rng.normal(size=(3, *frequency.shape))
    drawn = np.fft.irfft2(noise / frequency, s=(high, wide)).transpose(1, 2, 0)
    mixed = drawn + 0.4 * drawn[:, :, :1]
    return (110 + 45 * (mixed - mixed.mean()) / mixed.std()).astype(np.float32)


def write(number: int, root: Path, size: tuple[int, int]) -> int:
    """Writes the picture of this number, the same every time; returns its bytes."""
    rng, (wide, high), label = np.random.default_rng(1000 + number), size, number % CLASSES
    pixels = np.roll(texture(int(rng.integers(BASES)), size), tuple(rng.integers((high, wide))), axis=(0, 1))
    pixels = pixels + rng.normal(0, GRAIN, pixels.shape).astype(np.float32) + rng.normal(0, 12, 3).astype(np.float32)
    image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    side = round(rng.uniform(0.3, 0.6) * high)
    left, top = (int(rng.integers(0, edge - side)) for edge in size)
    box = (left, top, left + side, top + side)
    draw, colour = ImageDraw.Draw(image), tuple(int(level) for level in rng.integers(0, 256, 3))
    if label < 4:
        draw.regular_polygon((left + side / 2, top + side / 2, side / 2), 3 + label, int(rng.integers(360)), colour)
    elif label < 6:
        draw.arc(box, 0, 360 if label == 4 else 200, colour, max(2, side // 6))
    else:
        across = label == 6
        for line in range(0, side, max(2, side // 5)):
            end = (left + side, top + line) if across else (left + line, top + side)
            draw.line([(left, top + line) if across else (left + line, top), end], colour, max(1, side // 12))
    split = "val" if number // CLASSES % 5 == 0 else "train"
    path = root / split / f"class_{label}" / f"{number:05}.jpg"
    image.save(path, quality=90)
    return path.stat().st_size


def labelled(setting: Setting) -> list[tuple[str, int]]:
    """(path, class) of every photograph, the classes in turns. Raises FileNotFoundError where none were written."""
    found = sorted(setting.photographs.glob("*/*/*.jpg"), key=lambda path: path.name)
    if not found:
        raise FileNotFoundError("the photographs were not written")
    return [(str(path), int(path.parent.name.removeprefix("class_"))) for path in found]
