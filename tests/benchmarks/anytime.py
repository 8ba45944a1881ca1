"""How soon a run has its first measured answer, and whether it ends with one, also on a busy machine.

    python tests/benchmarks/anytime.py [--busy 4] [--runs 20] [--budget 180] [--data FOLDER --config FILE]

Each run is a fresh one of the real engine, without anything kept from another, beside so many processes that only
count. Printed: seconds to the first measured answer as a share of the budget, to the first training's end, the whole
time, and what was measured at the end.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SAMPLES = Path(__file__).parents[2] / "sample_data"
SOON = 0.15  # of the budget, within which the first answer has to come
ONE = """
import sys, time
begin = time.monotonic()
from diagnose import diagnose
from diagnose.events import ProbesMeasured
data, config, budget = sys.argv[1:]
first = training = 0.0
run = diagnose(data, config, budget=float(budget), offline=True)
for event in run:
    if isinstance(event, ProbesMeasured):
        first = first or time.monotonic() - begin
        if event.probes.runs and not training:
            training = time.monotonic() - begin
probes = run.diagnosis.evidence.measured
share = probes.share if probes else None
print(first, training, time.monotonic() - begin, len(probes.runs) if probes else 0, share or 0)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--busy", type=int, default=4)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--budget", type=float, default=180.0)
    parser.add_argument("--data", default=str(SAMPLES / "photos"))
    parser.add_argument("--config", default=str(SAMPLES / "rate_too_high.yaml"))
    given = parser.parse_args()
    loops = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True) for _ in range(given.busy)
    ]
    firsts: list[float] = []
    answered = 0
    try:
        for number in range(given.runs):
            with tempfile.TemporaryDirectory() as cache:
                done = subprocess.run(
                    [sys.executable, "-c", ONE, given.data, given.config, str(given.budget)],
                    capture_output=True, text=True, env={**os.environ, "XDG_CACHE_HOME": cache},
                )  # fmt: skip
            if done.returncode:
                print(f"{number}: {done.stderr.strip().splitlines()[-1]}")
                continue
            first, training, whole, runs, share = map(float, done.stdout.split()[-5:])
            answered += first > 0
            firsts.append(first or float("inf"))
            print(
                f"{number}: first answer after {first:.0f} s ({first / given.budget:.0%}), first training "
                f"{training:.0f} s, whole run {whole:.0f} s; {runs:.0f} trainings, a processor {share:.0%} of the "
                "time it was wanted",
                flush=True,
            )
    finally:
        for loop in loops:
            loop.kill()
    soon = sum(first <= SOON * given.budget for first in firsts)
    print(
        f"a result in {answered} of {given.runs}; the first within {SOON:.0%} of the budget in {soon} of {given.runs}"
    )
    print(f"median of the first answers {statistics.median(firsts):.0f} s; on {time.strftime('%Y-%m-%d')}")
    return int(answered < given.runs)


if __name__ == "__main__":
    sys.exit(main())
