"""The sample data: the TUI's list of it, and a copy wherever it is wanted."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

from diagnose.model import InputError

NAME = "sample_data"
HERE = Path(__file__).parent
FOLDER = HERE / NAME if (HERE / NAME).is_dir() else HERE.parent / NAME  # of a wheel, else of the source tree
IMAGES = {"five_images": "few"}  # of which configuration; the others go with photos


def samples() -> list[tuple[str, Path, Path]]:
    """What each sample is about, its images and its configuration; the sick ones first."""
    found = []
    for config in FOLDER.glob("*.yaml"):
        with config.open(encoding="utf-8") as file:
            about = file.readline().lstrip("# ").strip()
        found.append((about, FOLDER / IMAGES.get(config.stem, "photos"), config))
    return sorted(found, key=lambda sample: (sample[2].stem == "healthy", sample[2].stem))


def write_samples(folder: Path) -> str:
    """Copies the images (920 small JPEGs) and the configurations into `folder`; returns a command to begin with.

    Raises InputError where the folder has anything in it, or cannot be written.
    """
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise InputError(f"--samples {folder}: it exists and is not an empty folder; give the name of a new one.")
        shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"), dirs_exist_ok=True)
    except (OSError, shutil.Error) as fault:
        why = getattr(fault, "strerror", None) or "some files could not be copied"
        raise InputError(f"--samples {folder} cannot be written ({why}): choose another place.") from None
    return shlex.join(["diagnose", str(folder / "photos"), "--config", str(folder / "healthy.yaml"), "--report"])
