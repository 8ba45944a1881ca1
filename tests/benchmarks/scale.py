"""What 100 million images would take, from what this machine measures on a folder: bytes, hours, dollars, memory.

    python tests/benchmarks/scale.py FOLDER [IMAGES]

The scan of FOLDER gives images a second and core, bytes an image and bytes an image in the store. The index of
near-same pictures is measured at three sizes; its memory is linear in the images, its time has a part that grows
with the square (hashes that agree by chance in a band), and both are fitted. Then the cluster is simulated: cores
that decode behind a store that gives so many bytes a second, for the slower of which a scan waits. Prices are
assumptions, and printed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from diagnose.dataset.scan import scan
from diagnose.dataset.sources.find import find_source
from diagnose.dataset.store import Store
from diagnose.dataset.summary import summarise

CORE_HOUR = 0.04  # dollars, of a core in a large cloud
READ_GIGABYTE = 0.004  # dollars, of requests for objects of about 100 kB (0.4 for a million)
STORE_BANDWIDTH = 10.0  # gigabytes a second that an object store gives a cluster in its own region
SIZES = (250_000, 500_000, 1_000_000)
NEAR = Path(__file__).with_name("near_index.py")


def scanned(folder: str) -> tuple[float, float, float]:
    """Images a second and core, bytes an image, and bytes an image in the store."""
    with tempfile.TemporaryDirectory() as place, Store(Path(place)) as store:
        source = find_source(folder)
        begin = time.perf_counter()
        for _ in scan(source, store, threading.Event()):
            pass
        seconds = time.perf_counter() - begin
        data = summarise(store, source)
        (size,) = store.execute("SELECT sum(bytes) FROM entry").fetchone()
        store.keep(data, source)
        kept = sum(path.stat().st_size for path in Path(place).glob("*.sqlite"))
    return data.images / seconds / (os.cpu_count() or 1), size / data.images, kept / data.images


def indexed() -> tuple[np.ndarray, np.ndarray]:
    """Seconds and megabytes of the near index at each size."""
    told = []
    for size in SIZES:
        ran = subprocess.run([sys.executable, NEAR, "--one", str(size)], capture_output=True, text=True, check=True)
        print(ran.stdout, end="", flush=True)
        numbers = re.search(r"images\s+([\d.]+) s.*?(\d+) MB", ran.stdout)
        assert numbers
        told.append((float(numbers[1]), float(numbers[2])))
    seconds, memory = np.array(told).T
    return seconds, memory


def main() -> None:
    images = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000_000
    rate, size, kept = scanned(sys.argv[1])
    print(f"measured: {rate:,.0f} images/s a core, {size / 1e3:,.0f} kB an image, {kept:,.0f} bytes an image kept")
    seconds, memory = indexed()
    counts = np.array(SIZES, dtype=float)
    linear, square = np.linalg.lstsq(np.stack([counts, counts**2], 1), seconds, rcond=None)[0]
    each = np.polyfit(counts, memory, 1)[0]
    print(f"\n{images:,} images: {images * size / 1e12:,.1f} TB to read, {images * kept / 1e9:,.0f} GB in the store")
    print(
        f"index of near-same pictures, in one piece: {each * images / 1e3:,.0f} GB of memory, "
        f"{(linear * images + max(0.0, square) * images**2) / 3600:,.1f} h on one core"
    )
    print(f"\n{'cores':>7}{'decode, h':>12}{'read, h':>10}{'scan, h':>10}{'dollars':>10}")
    for cores in (2, 64, 512, 2048):
        decode = images / rate / cores / 3600
        read = images * size / 1e9 / STORE_BANDWIDTH / 3600
        hours = max(decode, read)
        dollars = hours * cores * CORE_HOUR + images * size / 1e9 * READ_GIGABYTE
        print(f"{cores:>7,}{decode:>12,.2f}{read:>10,.2f}{hours:>10,.2f}{dollars:>10,.0f}")
    print(f"at {CORE_HOUR} dollars a core hour, {READ_GIGABYTE} a gigabyte read, {STORE_BANDWIDTH:g} GB/s of the store")


if __name__ == "__main__":
    main()
