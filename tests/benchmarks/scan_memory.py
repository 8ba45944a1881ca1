"""Peak memory and speed of a scan by the number of images.

    python tests/benchmarks/scan_memory.py FOLDER               (Fashion-MNIST, written out by real_images.py)
    python tests/benchmarks/scan_memory.py --listed 1000000     (so many links to 200 small images)

The first scans 2,000, 10,000 and 60,000 of FOLDER's images. Each size is scanned in a fresh process, and once more from
the cache; the peak is that of the parent and of its largest worker.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from itertools import islice
from pathlib import Path

SIZES = (2_000, 10_000, 60_000)
ORIGINALS = 200  # images that links stand for: a file system counts 65,000 links to one at most
FOLDERS = 10


def scan_and_print(root: str, cache: str) -> None:
    from diagnose.dataset.scan import scan
    from diagnose.dataset.sources.find import find_source
    from diagnose.dataset.store import Store
    from diagnose.dataset.summary import summarise

    for again in ("first", "again"):
        start = time.perf_counter()
        with Store(Path(cache)) as store:
            source = find_source(Path(root))
            done = max(event.done for event in scan(source, store, threading.Event()))
            if store.kept is None:
                store.keep(summarise(store, source), source)
        seconds = time.perf_counter() - start
        own, worker = (
            resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
        speed = done / seconds
        print(
            f"{done:9,} images {again}  {speed:9,.0f} images/s  parent {own:5.1f} MB  worker {worker:5.1f} MB",
            flush=True,
        )


def measured(root: Path) -> None:
    with tempfile.TemporaryDirectory() as cache:
        subprocess.run([sys.executable, __file__, "--one", str(root), cache], check=True)


def of_folder(folder: Path) -> None:
    for size in SIZES:
        with tempfile.TemporaryDirectory() as draft:
            classes = sorted((folder / "train").iterdir())
            for source in classes:
                target = Path(draft) / source.name
                target.mkdir()
                for path in islice(sorted(source.iterdir()), size // len(classes)):
                    (target / path.name).symlink_to(path.absolute())
            measured(Path(draft))


def of_links(count: int) -> None:
    import numpy as np
    from PIL import Image

    with tempfile.TemporaryDirectory() as draft:
        originals = Path(draft) / "originals"
        originals.mkdir()
        for number in range(ORIGINALS):
            pixels = np.random.default_rng(number).integers(0, 255, (16, 16, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(originals / f"{number}.png")
        for folder in range(FOLDERS):
            target = Path(draft) / "set" / f"class {folder}"
            target.mkdir(parents=True)
            for number in range(count // FOLDERS):
                os.link(originals / f"{number % ORIGINALS}.png", target / f"{number:07}.png")
        measured(Path(draft) / "set")


if __name__ == "__main__":
    if sys.argv[1] == "--one":
        scan_and_print(sys.argv[2], sys.argv[3])
    elif sys.argv[1] == "--listed":
        of_links(int(sys.argv[2]))
    else:
        of_folder(Path(sys.argv[1]))
