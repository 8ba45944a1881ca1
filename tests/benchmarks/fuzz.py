"""Twenty thousand damaged pictures, configurations, programs, checkpoints, logs and datasets each: what became of them.

    python tests/benchmarks/fuzz.py [TIMES] [SEED] [KIND]

An exception other than InputError, a check that crashes, or more than five seconds for one input ends it with a
traceback. The process's memory is told before and after, and the slowest thousand.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzzing import fuzz_pictures, fuzz_texts
from fuzzing_files import fuzz_checkpoints, fuzz_layouts, fuzz_logs


def resident() -> int:
    """Megabytes of this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) // 1024
    return 0


def main() -> None:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    fuzzed = {
        "pictures": fuzz_pictures,
        "configurations": lambda n, s: fuzz_texts("config", n, s),
        "programs": lambda n, s: fuzz_texts("program", n, s),
        "checkpoints": fuzz_checkpoints,
        "logs": fuzz_logs,
        "layouts": fuzz_layouts,
    }
    for name, fuzz in fuzzed.items():
        if sys.argv[3:] and name not in sys.argv[3:]:
            continue
        outcome = fuzz(min(times, 500), seed - 1)  # what it caches is no leak
        before, begin = resident(), time.perf_counter()
        outcome = fuzz(times, seed)
        print(
            f"{name}: {times:,} in {time.perf_counter() - begin:.0f} s, {dict(outcome)}, no crash, none over 5 s; "
            f"memory {before} -> {resident()} MB",
            flush=True,
        )


if __name__ == "__main__":
    main()
