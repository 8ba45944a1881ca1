"""How long the command takes to start, as a multiple of the bare interpreter.

    python tests/benchmarks/startup.py [FOLDER]

FOLDER holds images in class folders, for `diagnose FOLDER --report --no-probes` of an unchanged folder: it is scanned
once before anything is measured. Without one, 2,700 JPEG photographs of 500 x 375 are made in a temporary folder.
Commands run in turns, so that a busy moment of the machine meets all of them. Figures are medians, of wall time and of
the processor's (user and system, which other processes disturb less).
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

ROUNDS = 15
CLASSES, IMAGES = 9, 300  # images of each class


def photographs(folder: Path) -> None:
    """Smooth colours with noise: JPEGs of about 40 kB."""
    rng = np.random.default_rng(0)
    for name in range(CLASSES):
        (folder / str(name)).mkdir(parents=True)
        for number in range(IMAGES):
            smooth = Image.fromarray(rng.integers(0, 255, (16, 21, 3), dtype=np.uint8)).resize((500, 375))
            noisy = np.asarray(smooth).astype(int) + rng.integers(-12, 12, (375, 500, 3))
            Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(folder / str(name) / f"{number}.jpg", quality=85)


def seconds(arguments: list[str]) -> tuple[float, float]:
    """Wall time and processor time of one run."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package has its bytecode beside it
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["XDG_CACHE_HOME"] = str(Path(temporary) / "cache")
        folder = Path(sys.argv[1]) if sys.argv[1:] else Path(temporary) / "photographs"
        if not sys.argv[1:]:
            photographs(folder)
        report = ["-m", "diagnose", str(folder), "--report", "--no-probes", "--fail-on", "never"]
        commands = {
            "python -c pass": ["-c", "pass"],
            "diagnose --help": ["-m", "diagnose", "--help"],
            "diagnose --version": ["-m", "diagnose", "--version"],
            "diagnose --list-checks": ["-m", "diagnose", "--list-checks"],
            "diagnose FOLDER --report --no-probes": report,
        }
        for arguments in commands.values():
            seconds(arguments)
        taken = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, arguments in commands.items():
                taken[name].append(seconds(arguments))
    medians = {name: [statistics.median(one) for one in zip(*times, strict=True)] for name, times in taken.items()}
    bare = medians["python -c pass"]
    print(f"{'medians of ' + str(ROUNDS):38} wall             user + sys")
    for name, (wall, cpu) in medians.items():
        print(f"{name:38} {1000 * wall:5.0f} ms {wall / bare[0]:5.1f} x {1000 * cpu:6.0f} ms {cpu / bare[1]:5.1f} x")


if __name__ == "__main__":
    main()
