"""What 100 million images would take, reckoned from what this machine measures: bytes, hours, dollars, memory.

    python tests/benchmarks/scale.py FOLDER [IMAGES]

The scan of FOLDER gives images a second and core, bytes an image and bytes an image in the store; its search for
near-same pictures gives the seconds of a core that an image takes, but for the proposals. Those are measured at SIZE
(near_index.py) with vectors in files and dealt into cells, as of many: their time goes with the products of vectors
that are made, which are counted. Then the cluster is simulated: cores that
decode behind a store that gives so many bytes a second, for the slower of which a scan waits. Prices are assumptions,
and printed.
"""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from diagnose.dataset.buckets import CELL, LOOKED_INTO
from diagnose.dataset.near import near_pairs
from diagnose.dataset.rows import IN_MEMORY, Rows
from diagnose.dataset.scan import scan
from diagnose.dataset.sources.find import find_source
from diagnose.dataset.store import Store
from diagnose.dataset.summary import surveyed, with_near_copies
from diagnose.dataset.thumbnails import BYTES

CORE_HOUR = 0.04  # dollars, of a core in a large cloud
READ_GIGABYTE = 0.004  # dollars, of requests for objects of about 100 kB (0.4 for a million)
STORE_BANDWIDTH = 10.0  # gigabytes a second that an object store gives a cluster in its own region
SIZE = 240_000
NEAR = Path(__file__).with_name("near_index.py")
LOW, EDGES = 93, 128  # numbers per vector
VECTORS, PAIRS = 1.9, 4.4  # of low frequencies, and proposed, per image of CIFAR-10
NEW = 0.77  # of the pictures of the pairs that follow each other: those that lie elsewhere in the file
# Bytes per image in the memory of the process that directs the search: id, picture and class; per pair its number,
# twice while they are sorted out, score, answer, and twice a class. Counted, not measured.
DIRECTED = 24 + PAIRS * (16 + 5 + 16)
DISK = 1e-4  # seconds of one read on a disk, of what the system doesn't keep in memory


def scanned(folder: str) -> tuple[float, float, float, float]:
    """Images a second and core, bytes an image, bytes an image in the store, and seconds of a core an image in the
    search for near-same pictures."""
    with tempfile.TemporaryDirectory() as place, Store(Path(place)) as store:
        source = find_source(folder)
        begin = time.perf_counter()
        for _ in scan(source, store, threading.Event()):
            pass
        seconds = time.perf_counter() - begin
        data = surveyed(store, source)
        (size,) = store.execute("SELECT sum(bytes) FROM entry").fetchone()
        begin = time.process_time()
        pairs = near_pairs(store.db)
        searched = time.process_time() - begin
        store.keep(with_near_copies(data, store, pairs), source)
        kept = sum(path.stat().st_size for path in Path(place).glob("*.sqlite"))
    return data.images / seconds / (os.cpu_count() or 1), size / data.images, kept / data.images, searched / data.images


def products(images: float) -> float:
    """Products of two numbers that the proposals make: vectors with middles, and vectors with those of their cells."""
    made = 0.0
    for width, each in ((LOW, VECTORS), (EDGES, 1.0)):
        size = max(CELL, math.sqrt(each * images / 4))
        made += width * each * images * (each * images / size) + width * images * (1 + LOOKED_INTO) * size
    return made


def read_one() -> float:
    """Seconds of reading one thumbnail anywhere in a file that the system keeps in memory."""
    count = 2 * IN_MEMORY // BYTES
    with Rows() as stored:
        for _ in range(10):
            stored.append(np.zeros((count // 10, BYTES), np.uint8))
        places = np.random.default_rng(0).integers(0, len(stored), 20_000)
        begin = time.perf_counter()
        stored.take(places)
        return (time.perf_counter() - begin) / len(places)


def proposed() -> float:
    """Seconds of cores of the proposals at SIZE."""
    words = [sys.executable, NEAR, "--pieces", "--one", str(SIZE)]
    ran = subprocess.run(words, capture_output=True, text=True, check=True)
    print(ran.stdout, end="", flush=True)
    seconds = re.search(r"images\s+([\d.]+) s", ran.stdout)
    assert seconds
    return float(seconds[1])


def main() -> None:
    images = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000_000
    rate, size, kept, search = scanned(sys.argv[1])
    print(f"measured: {rate:,.0f} images/s a core, {size / 1e3:,.1f} kB an image, {kept:,.0f} bytes an image kept, "
          f"{1e3 * search:.2f} ms of a core an image in the search")  # fmt: skip
    dealt = proposed() / products(SIZE) * products(images)
    cores_seconds = search * images + dealt
    files = BYTES + 4 * (LOW * VECTORS + EDGES)
    print(f"\n{images:,} images: {images * size / 1e12:,.1f} TB to read, {images * kept / 1e9:,.0f} GB in the store")
    print(f"near-same pictures: {cores_seconds / 3600:,.0f} core hours, {dealt / 3600:,.0f} of them for proposals; "
          f"{images * files / 1e9:,.0f} GB of temporary files, {images * DIRECTED / 1e9:,.0f} GB of memory where it "
          "is directed")  # fmt: skip
    reads = PAIRS * NEW * images / 3600
    print(f"its pieces are read by one thread: {reads * read_one():,.1f} h where {images * BYTES / 1e9:,.0f} GB stay "
          f"in memory, {reads * DISK:,.0f} h from a disk")  # fmt: skip
    print(f"\n{'cores':>7}{'decode, h':>12}{'read, h':>10}{'scan, h':>10}{'search, h':>11}{'dollars':>10}")
    for cores in (2, 64, 512):
        decode = images / rate / cores / 3600
        read = images * size / 1e9 / STORE_BANDWIDTH / 3600
        hours, searching = max(decode, read), cores_seconds / cores / 3600
        dollars = (hours + searching) * cores * CORE_HOUR + images * size / 1e9 * READ_GIGABYTE
        print(f"{cores:>7,}{decode:>12,.2f}{read:>10,.2f}{hours:>10,.2f}{searching:>11,.2f}{dollars:>10,.0f}")
    print(f"at {CORE_HOUR} dollars a core hour, {READ_GIGABYTE} a gigabyte read, {STORE_BANDWIDTH:g} GB/s of the "
          "store; a reckoning, not a run: that reading keeps up with the cores is assumed")  # fmt: skip


if __name__ == "__main__":
    main()
