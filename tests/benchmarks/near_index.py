"""The proposals of the search for near-same pictures by the number of images:
`python tests/benchmarks/near_index.py [COUNT …]`.

Thumbnails of soft noise, and for one image in a hundred a copy with noise of its own, another contrast and brightness.
Printed: seconds of cores in which the pairs to look at are proposed, pairs found of those planted, the peak of memory,
and what the search adds to it (on Linux). Each count runs in a fresh process. With --pieces --one COUNT, few images
are searched as many are: from files, in cells.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

COUNTS = (10_000, 60_000, 1_000_000)
PART = 10_000


def of_memory(name: str) -> float:
    """VmRSS or VmHWM of this process, in MB."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) / 1e3


def one(count: int, pieces: bool) -> None:
    import numpy as np

    from diagnose.dataset import buckets, rows
    from diagnose.dataset.buckets import pairs_of
    from diagnose.dataset.near import proposed
    from diagnose.dataset.pieces import Pool
    from diagnose.dataset.rows import Rows
    from diagnose.dataset.thumbnails import COLOUR_SIDE, NO_COLOUR, SIDE

    if pieces:
        buckets.EXACT, rows.IN_MEMORY = 0, 1
    rng = np.random.default_rng(0)
    copies = count // 100
    first, own = np.empty(0), 0
    with Rows() as stored, ThreadPoolExecutor(os.cpu_count()) as executor:
        for start in range(0, count, PART):
            size = min(PART, count - start)
            luma = rng.normal(128, 50, (size, SIDE // 4, SIDE // 4)).astype(np.float32).repeat(4, 1).repeat(4, 2)
            colour = rng.normal(0, 15, (size, 2, COLOUR_SIDE, COLOUR_SIDE)).astype(np.float32)
            if not start:
                first = luma[:copies].copy(), colour[:copies].copy()
            if start + PART >= count:
                own = min(copies, size, len(first[0]))
                luma[-own:] = 0.7 * first[0][:own] + 20 + rng.normal(0, 8, first[0][:own].shape)
                colour[-own:] = first[1][:own]
            levels = np.concatenate([luma.reshape(size, -1), colour.reshape(size, -1) + NO_COLOUR], axis=1)
            stored.append(np.clip(levels + 0.5, 0, 255).astype(np.uint8))
        before = of_memory("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # the peak is measured from here
        begin = time.process_time()
        keys = proposed(stored, Pool(executor.submit, os.cpu_count() or 1))
        seconds = time.process_time() - begin
        peak = of_memory("VmHWM")
    pairs = pairs_of(keys, count).pairs
    wanted = {(number, count - own + number) for number in range(own)}
    found = len(wanted & set(map(tuple, pairs[np.isin(pairs[:, 0], np.arange(own))].tolist())))
    told = f"{found} of {own} planted pairs, {len(pairs) - found} others"
    print(f"{count:9,} images  {seconds:6.2f} s  {told}  {peak:.0f} MB, {peak - before:.0f} MB more than before")


if __name__ == "__main__":
    if "--one" in sys.argv:
        one(int(sys.argv[-1]), "--pieces" in sys.argv)
    else:
        for count in map(int, sys.argv[1:] or COUNTS):
            subprocess.run([sys.executable, __file__, "--one", str(count)], check=True)
