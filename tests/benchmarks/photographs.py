"""Pictures of the size of photographs, composed of real ones: stamps of a topic on a texture with a natural spectrum.

    python tests/benchmarks/photographs.py STAMPS_TOPICS OUT COUNT [BLUR]

STAMPS_TOPICS is what `real_images.py stamps` writes. Each picture is 500 x 375, a JPEG of quality 90 in the folder of
its stamps' topic, different from every other. Without BLUR every pixel is sharp and has its own noise (103 kB a
picture); BLUR is the radius in pixels of a lens and of a camera's noise reduction (1: 59 kB).
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

SIZE = (500, 375)
STAMPS = 4  # on each picture
GRAIN = 2.0  # levels of noise, as a good camera's


def texture(rng: np.random.Generator) -> np.ndarray:
    """Colours whose power falls with the square of the frequency, as in natural scenes (Field 1987)."""
    wide, high = SIZE
    frequency = np.hypot(np.fft.fftfreq(high)[:, None], np.fft.rfftfreq(wide)[None]) + 1 / wide
    channels = []
    for _ in range(3):
        noise = rng.normal(size=frequency.shape) + 1j * rng.normal(size=frequency.shape)
        channels.append(np.fft.irfft2(noise / frequency, s=(high, wide)))
    mixed = np.stack([channels[0] + 0.4 * one for one in channels], axis=2)
    mixed = (mixed - mixed.mean()) / mixed.std()
    return 110 + 45 * mixed + rng.normal(0, GRAIN, mixed.shape)


def picture(number: int, stamps: list[Path]) -> Image.Image:
    """The picture of this number, the same every time."""
    rng = np.random.default_rng(number)
    image = Image.fromarray(np.clip(texture(rng), 0, 255).astype(np.uint8))
    for place in rng.choice(len(stamps), STAMPS):
        with Image.open(stamps[place]) as stamp:
            stamp = stamp.convert("RGBA")
        scale = rng.uniform(120, 260) / max(stamp.size)
        stamp = stamp.resize((max(1, round(stamp.width * scale)), max(1, round(stamp.height * scale))))
        image.paste(stamp, tuple(int(rng.integers(-40, side - 80)) for side in SIZE), stamp)
    return image


def write(number: int, source: Path, out: Path, topics: list[str], blur: float) -> None:
    topic = topics[number % len(topics)]
    stamps = sorted((source / topic).iterdir())
    picture(number, stamps).filter(ImageFilter.GaussianBlur(blur)).save(out / topic / f"{number:05}.jpg", quality=90)


def make(source: Path, out: Path, count: int, blur: float = 0.0) -> None:
    topics = sorted(path.name for path in source.iterdir())
    for topic in topics:
        (out / topic).mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor() as pool:
        list(pool.map(partial(write, source=source, out=out, topics=topics, blur=blur), range(count), chunksize=50))


if __name__ == "__main__":
    make(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), *map(float, sys.argv[4:]))
