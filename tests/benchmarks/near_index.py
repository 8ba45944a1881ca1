"""The index of near-same pictures by the number of images: `python tests/benchmarks/near_index.py [COUNT …]`.

Hashes of 128 bits by chance, and for one image in a hundred a copy with up to seven bits flipped. Printed: seconds,
pairs found of those planted, and the peak of memory. Each count runs in a fresh process.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

COUNTS = (10_000, 100_000, 1_000_000)
FLIPPED = 7


def one(count: int) -> None:
    import numpy as np

    from diagnose.dataset.near import proposed

    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 2**64, (count, 2), dtype=np.uint64)
    copies = count // 100
    for number in range(copies):
        flips = rng.choice(128, rng.integers(0, FLIPPED + 1), replace=False)
        mask = np.zeros(2, np.uint64)
        for bit in flips.tolist():
            mask[bit // 64] ^= np.uint64(1 << (bit % 64))
        hashes[-1 - number] = hashes[number] ^ mask
    begin = time.perf_counter()
    pairs, _ = proposed(hashes)
    seconds = time.perf_counter() - begin
    wanted = {(number, count - 1 - number) for number in range(copies)}
    found = len(wanted & set(map(tuple, pairs.tolist())))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = f"{found} of {copies} planted pairs, {len(pairs) - found} others"
    print(f"{count:9,} images  {seconds:6.2f} s  {told}  {peak:.0f} MB")


if __name__ == "__main__":
    if "--one" in sys.argv:
        one(int(sys.argv[-1]))
    else:
        for count in map(int, sys.argv[1:] or COUNTS):
            subprocess.run([sys.executable, __file__, "--one", str(count)], check=True)
