"""Fixtures that make real images on disk, and one thread for torch.

Tensors of a test are too small for two threads to gain anything, and beside other work the threads of OpenMP wait for
each other in a loop: four files of probe tests took 456 s beside three busy processes, and 55 s with one thread.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported, and for the processes that tests start

from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    """Results and preferences are kept for each test alone, never with those of the person who runs the tests."""
    for name in ("CACHE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path_factory.mktemp(name.lower())))


@pytest.fixture
def image_folder(tmp_path):
    """A function that writes a folder of noise images: {"train/cat": 5, ...} gives their numbers.

    Each class has a colour of its own, so that a model can learn it in a few steps.
    """

    def make(counts: dict[str, int], size: int = 32, root: Path = tmp_path / "images") -> Path:
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

    return make
