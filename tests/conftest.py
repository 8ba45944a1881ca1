"""Fixtures that make real images on disk, and one thread for torch.

Tensors of a test are too small for two threads to gain anything, and beside other work the threads of OpenMP wait for
each other in a loop: three files of probe tests took 456 s beside other work, and 55 s with one thread.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported, and for the processes that tests start

from pathlib import Path

import pytest
from folders import fill


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    """Results and preferences are kept for each test alone, never with those of the person who runs the tests."""
    for name in ("CACHE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path_factory.mktemp(name.lower())))


@pytest.fixture
def image_folder(tmp_path):
    """A function that writes a folder of noise images: {"train/cat": 5, ...} gives their numbers."""

    def make(counts: dict[str, int], size: int = 32, root: Path = tmp_path / "images") -> Path:
        return fill(root, counts, size)

    return make
