"""How long `diagnose --help` takes, beside the bare interpreter: `python tests/benchmarks/startup.py`."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 30
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "diagnose --help": ["-m", "diagnose", "--help"],
    "diagnose --version": ["-m", "diagnose", "--version"],
    "diagnose --list-checks": ["-m", "diagnose", "--list-checks"],
}


def milliseconds(arguments: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    return 1000 * (time.perf_counter() - start)


def main() -> None:
    # In turns, so that a busy moment of the machine meets all of them.
    times = {name: [] for name in COMMANDS}
    for _ in range(ROUNDS):
        for name, arguments in COMMANDS.items():
            times[name].append(milliseconds(arguments))
    bare = statistics.median(times["python -c pass"])
    for name, taken in times.items():
        median = statistics.median(taken)
        print(f"{name:24} {median:6.0f} ms  {median / bare:5.1f} x")


if __name__ == "__main__":
    main()
