"""Which cause is named first for the networks of nets.py, through the real command:
`python tests/benchmarks/own_networks.py [--budget 10m] [NAME ...]`."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PHOTOS = HERE.parents[1] / "sample_data" / "photos"
PLANTED = {
    "MyResNet27": "shortcuts",
    "LoudNet": "He initialisation",
    "Squash": "one activation in place of two",
    "VGGish": "the batch norm that forward() never used",
    "BigStem": "a stem for small images",
    "small_resnet": "",
    "Separable": "",
}


def measured(name: str, budget: str, cache: str) -> dict:
    """The JSON report on one network."""
    words = [str(PHOTOS), "--model", f"nets:{name}", "--report", "--format", "json", "--budget", budget, "--offline"]
    done = subprocess.run(
        [sys.executable, "-m", "diagnose", *words],
        cwd=HERE,
        env={**os.environ, "PYTHONPATH": str(HERE.parents[1]), "XDG_CACHE_HOME": cache},
        capture_output=True,
        text=True,
        check=False,
    )
    if not done.stdout:
        sys.exit(done.stderr[-2000:])
    return json.loads(done.stdout)


def points(paired: dict | None) -> str:
    """A difference in points, with its interval."""
    if paired is None:
        return "-"
    low, high = (100 * paired["interval"][end] for end in ("low", "high"))
    return f"{100 * paired['difference']:+.0f} [{low:.0f}, {high:.0f}]"


def main() -> None:
    """Prints a row for each network."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--budget", default="10m")
    parser.add_argument("names", nargs="*", default=list(PLANTED))
    parser.add_argument("--cache", default="/tmp/own_networks_cache")
    given = parser.parse_args()
    print("| network | planted | named first | behind same size | behind ResNet50 | steps | other repairs | s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name in given.names:
        begin = time.monotonic()
        told = measured(name, given.budget, given.cache)
        arms = told["network"]["arms"]
        seconds = time.monotonic() - begin
        if arms is None:
            why = [gap["why"] for gap in told["not_examined"] if gap["code"] in ("network", "network.arms", "M413")]
            print(f"| {name} | {PLANTED[name]} | not trained: {why} | | | | | {seconds:.0f} |", flush=True)
            continue
        rows = [(one["name"], points(one["gain"]), one["confidence"]) for one in arms["repairs"]]
        first = next((" ".join(row) for row in rows[:1] if row[2] != "not decided" and "+" in row[1]), "none")
        same = f"{arms['same_size']['arch']} {arms['same_size']['accuracy']:.0%}" if arms["same_size"] else ""
        rest = "; ".join(" ".join(row) for row in rows if " ".join(row) != first)
        cells = [
            name, PLANTED[name], first, f"{same} {points(arms['behind_same_size'])}", points(arms["behind_resnet50"]),
            f"{arms['steps']} × {arms['own']['seeds']}, {arms['own']['accuracy']:.0%}", rest, f"{seconds:.0f}",
        ]  # fmt: skip
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
