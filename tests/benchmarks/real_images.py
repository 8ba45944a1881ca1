"""Writes public image sets out as folders that `diagnose` reads.

    python tests/benchmarks/real_images.py fashion-mnist IDX_FOLDER OUT
    python tests/benchmarks/real_images.py stamps STAMPS_FOLDER OUT

IDX_FOLDER is where the Debian package dataset-fashion-mnist puts its four .gz files; STAMPS_FOLDER where
tuxpaint-stamps-default puts its topics. The stamps of eight topics become eight classes.
"""

from __future__ import annotations

import gzip
import shutil
import sys
from pathlib import Path

import numpy as np
from PIL import Image

GARMENTS = ("tshirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot")
TOPICS = ("animals", "food", "household", "plants", "seasonal", "symbols", "town", "vehicles")


def fashion_mnist(source: Path, out: Path) -> None:
    """train/ and test/ with 6,000 and 1,000 PNGs of 28 x 28 in each of ten classes."""
    for split, prefix in (("train", "train"), ("test", "t10k")):
        with gzip.open(source / f"{prefix}-images-idx3-ubyte.gz") as file:
            images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28)
        with gzip.open(source / f"{prefix}-labels-idx1-ubyte.gz") as file:
            labels = np.frombuffer(file.read(), np.uint8, offset=8)
        for name in GARMENTS:
            (out / split / name).mkdir(parents=True, exist_ok=True)
        for number, (image, label) in enumerate(zip(images, labels, strict=True)):
            Image.fromarray(image).save(out / split / GARMENTS[label] / f"{number:05d}.png", compress_level=1)


def stamps(source: Path, out: Path) -> None:
    """Every photograph and drawing of a topic, in one folder a topic."""
    for topic in TOPICS:
        (out / topic).mkdir(parents=True, exist_ok=True)
        for path in sorted((source / topic).rglob("*.png")):
            if not path.stem.endswith("_mirror"):
                shutil.copy(path, out / topic / "_".join(path.relative_to(source / topic).parts))


if __name__ == "__main__":
    kind, source, out = sys.argv[1:]
    {"fashion-mnist": fashion_mnist, "stamps": stamps}[kind](Path(source), Path(out))
