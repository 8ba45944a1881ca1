"""The scan beside the bare decode loop and cleanvision, in turns on the same files.

    python tests/benchmarks/scan_speed.py FOLDER [ROUNDS]       (pip install cleanvision)

FOLDER holds class folders, such as photographs.py writes. Every line is images a second over the whole of it, the start
of two worker processes included; medians of the rounds. `bare` reads each file and decodes it at 1/8 by simplejpeg, and
does nothing else. `command` is the whole command from its start to its report, `again` a second scan of the unchanged
folder. cleanvision runs once, with all its checks.
"""

from __future__ import annotations

import contextlib
import io
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

PROCESSES = 2


def bare(paths: list[str]) -> int:
    import simplejpeg

    pixels = 0
    for path in paths:
        with open(path, "rb") as file:
            pixels += simplejpeg.decode_jpeg(file.read(), min_height=1, min_width=1, min_factor=8).shape[0]
    return pixels


def bare_loop(folder: Path) -> None:
    paths = [str(path) for path in sorted(folder.rglob("*.jpg"))]
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        list(pool.map(bare, [paths[start : start + 64] for start in range(0, len(paths), 64)]))


def scanned(folder: Path, cache: Path | None) -> None:
    from diagnose.dataset.scan import scan
    from diagnose.dataset.sources.find import find_source
    from diagnose.dataset.store import Store
    from diagnose.dataset.summary import summarise

    with Store(cache) as store:
        source = find_source(folder)
        for _ in scan(source, store, threading.Event(), PROCESSES):
            pass
        if store.kept is None:
            store.keep(summarise(store, source), source)


def command(folder: Path, cache: str) -> None:
    words = [
        sys.executable,
        "-m",
        "diagnose",
        str(folder),
        "--report",
        "--no-probes",
        "--offline",
        "--fail-on",
        "never",
    ]
    subprocess.run(words, env={**os.environ, "XDG_CACHE_HOME": cache}, capture_output=True, check=True)


def cleanvision(folder: Path) -> None:
    from cleanvision import Imagelab

    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        Imagelab(data_path=str(folder)).find_issues(n_jobs=PROCESSES, verbose=False)


def timed(work, *arguments) -> float:
    begin = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - begin


def main() -> None:
    folder, rounds = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3
    count = sum(1 for _ in folder.rglob("*.jpg"))
    took: dict[str, list[float]] = {"bare": [], "scan": [], "again": [], "command": []}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as cache:
            took["bare"].append(timed(bare_loop, folder))
            took["scan"].append(timed(scanned, folder, Path(cache)))
            took["again"].append(timed(scanned, folder, Path(cache)))
        with tempfile.TemporaryDirectory() as cache:
            took["command"].append(timed(command, folder, cache))
    speed = {name: count / statistics.median(seconds) for name, seconds in took.items()}
    print(f"{count:,} images; medians of {rounds}")
    for name, value in speed.items():
        print(f"{name:12} {value:10,.0f} images/s")
    print(f"scan / bare {speed['scan'] / speed['bare']:.2f}; again / scan {speed['again'] / speed['scan']:.0f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak of the parent {peak:.0f} MB")
    if "--alone" not in sys.argv:
        other = count / timed(cleanvision, folder)
        print(f"cleanvision  {other:10,.0f} images/s; scan / cleanvision {speed['scan'] / other:.1f}")
        print(f"command / cleanvision {speed['command'] / other:.1f}")


if __name__ == "__main__":
    main()
