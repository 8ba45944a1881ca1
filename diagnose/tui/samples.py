"""The sample data, where the source tree that holds it is at hand."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parents[2] / "sample_data"
IMAGES = {"five_images": "few"}  # of which configuration; the others go with photos


def samples() -> list[tuple[str, Path, Path]]:
    """What each sample is about, its images and its configuration; the sick ones first."""
    found = []
    for config in FOLDER.glob("*.yaml"):
        with config.open(encoding="utf-8") as file:
            about = file.readline().lstrip("# ").strip()
        found.append((about, FOLDER / IMAGES.get(config.stem, "photos"), config))
    return sorted(found, key=lambda sample: (sample[2].stem == "healthy", sample[2].stem))
