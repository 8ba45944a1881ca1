"""Many real image files, and what the command takes for them.

    python tests/benchmarks/many_images.py make ORIGINALS OUT COUNT       (CIFAR-10 as class folders of files)
    python tests/benchmarks/many_images.py run OUT [WORDS OF THE COMMAND …]

Each of the COUNT images is a file of its own: two originals, drawn at random, turned, cropped and mixed half and half,
32 px, JPEG. No two have the same pair of originals, so that none is a copy of another. One in a hundred is a planted
copy in val/ of an image of train/, by one of CHANGES. `run` prints the seconds of the real command from an empty cache,
the most memory at once of the process and of its workers (resident, and what is theirs alone), and how many of the
planted copies are found, by change, and how many other pairs.
"""

from __future__ import annotations

import io
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import psutil
from PIL import Image, ImageEnhance, ImageOps

SIDE = 32  # px
ONE_IN = 100  # images is a planted copy
CLASSES = 10
FOLDER = 10_000  # files per folder at most
EVERY = 0.5  # seconds between two looks at the memory
CHANGES = {
    "quality 40": lambda image: image,
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.8),
    "enlarged": lambda image: image.resize((48, 48), Image.Resampling.BICUBIC),
    "mirrored": ImageOps.mirror,
    "cropped": lambda image: image.crop((1, 1, SIDE - 1, SIDE - 2)),
}


def mixed(originals: list[Image.Image], one: int, other: int, rng: random.Random) -> Image.Image:
    """Two originals, each turned by any angle and cropped to 60% to 90% of its sides, half of each, contrast kept."""
    parts = []
    for number in (one, other):
        side = SIDE * rng.uniform(0.6, 0.9)
        left, top = rng.uniform(0, SIDE - side), rng.uniform(0, SIDE - side)
        part = originals[number].resize((SIDE, SIDE), Image.Resampling.BILINEAR, (left, top, left + side, top + side))
        parts.append(part.transpose(rng.choice(list(Image.Transpose))) if rng.random() < 0.8 else part)
    return ImageEnhance.Contrast(Image.blend(*parts, 0.5)).enhance(1.4)


def make(source: Path, out: Path, count: int) -> None:
    originals = []
    for path in sorted(source.rglob("*.jpg")):
        with Image.open(path) as opened:
            originals.append(opened.convert("RGB"))
    rng = random.Random(0)
    seen: set[tuple[int, int]] = set()

    def write(split: str, number: int, name: str, image: Image.Image, quality: int) -> None:
        folder = out / split / f"class {number // ONE_IN % CLASSES}" / f"{number // (FOLDER * CLASSES):02}"
        folder.mkdir(parents=True, exist_ok=True)
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality)
        (folder / f"{name}.jpg").write_bytes(file.getvalue())

    copies = count // ONE_IN
    for number in range(count - copies):
        while (pair := (rng.randrange(len(originals)), rng.randrange(len(originals)))) in seen or pair[0] == pair[1]:
            pass
        seen.update((pair, pair[::-1]))
        image = mixed(originals, *pair, rng)
        write("train" if number % 10 else "val", number, f"{number:07}", image, 90)
        if number % 10 == 1 and number // 10 % (ONE_IN // 10) == 0 and number // ONE_IN < copies:
            change = list(CHANGES)[number // ONE_IN % len(CHANGES)]
            write("val", number, f"{number:07} {change}", CHANGES[change](image), 40 if change == "quality 40" else 85)


class Memory(threading.Thread):
    """The most bytes at once of a process, and of all that it started: resident, and unshared (USS)."""

    def __init__(self, process: psutil.Process) -> None:
        super().__init__(daemon=True)
        self._process = process
        self.most: Counter[str] = Counter()

    def run(self) -> None:
        while self._process.is_running():
            try:
                own, workers = self._process.memory_full_info(), 0
                for child in self._process.children(recursive=True):
                    workers += child.memory_full_info().uss
                together = own.uss + workers
            except psutil.Error:
                continue
            finally:
                time.sleep(EVERY)
            for name, value in (("process, resident", own.rss), ("process", own.uss), ("workers", workers),
                                ("together", together)):  # fmt: skip
                self.most[name] = max(self.most[name], value)


def run(folder: Path, words: list[str]) -> None:
    images = sum(len(files) for _, _, files in os.walk(folder))
    size = sum(
        entry.stat().st_size for place, _, _ in os.walk(folder) for entry in os.scandir(place) if entry.is_file()
    )
    with tempfile.TemporaryDirectory() as cache:
        command = [sys.executable, "-m", "diagnose", str(folder), "--report", "--no-probes", "--format", "json", *words]
        begin, before = time.perf_counter(), os.times()
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, "XDG_CACHE_HOME": cache}
        ) as process:
            memory = Memory(psutil.Process(process.pid))
            memory.start()
            report = json.loads(process.communicate()[0])
        seconds, after = time.perf_counter() - begin, os.times()
        busy = after.children_user + after.children_system - before.children_user - before.children_system
        (kept,) = Path(cache).rglob("*.sqlite")
        with sqlite3.connect(kept) as db:
            (dataset,) = db.execute("SELECT value FROM told WHERE name = 'dataset'").fetchone()
        stored = kept.stat().st_size
    leaks = json.loads(dataset)["near_leaks"]
    print(
        f"{images:,} images of {size / images:,.0f} bytes, {' '.join(words)}: {seconds:,.0f} s, {busy:,.0f} s of cores"
    )
    print(", ".join(f"{name} {value / 1e6:,.0f} MB" for name, value in memory.most.items()), end="")
    print(f", {stored / images:,.0f} bytes an image in the store, code {process.returncode}")
    numbers = [(Path(train).stem, Path(held).stem) for train, held in leaks]
    right = Counter(held.partition(" ")[2] for train, held in numbers if held.startswith(f"{train} "))
    planted = Counter(path.stem.partition(" ")[2] for path in (folder / "val").rglob("* *.jpg"))
    print(", ".join(f"{change} {right[change]} of {number}" for change, number in sorted(planted.items())))
    print(f"{right.total():,} of {planted.total():,} planted copies, {len(leaks) - right.total():,} other pairs across "
          f"the splits; findings: {' '.join(finding['code'] for finding in report['findings'])}")  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
    else:
        run(Path(sys.argv[2]), sys.argv[3:])
