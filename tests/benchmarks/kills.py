"""A run killed at random moments, and what the next one makes of it.

    python tests/benchmarks/kills.py FOLDER [TIMES] [SEED]

Each time the real command starts with an empty cache and is ended at a random moment of its usual length: by SIGKILL to
all of its processes, by SIGTERM, or by SIGKILL with the cache's files cut at a random place afterwards, as a power cut
would leave them. Then the command runs again to its end. Counted are: a second run that crashes or says something
else; findings that differ from those of a run that nobody disturbed; results that the first run had written down and
the second did not use (but for power cuts, which may lose any); probe runs done twice; and what stays behind.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

WAYS = ("SIGKILL", "SIGTERM", "power cut")
CONFIG = """\
model: shufflenet_v2_x0_5
weights: none
method: scratch
optimizer: sgd
learning_rate: 0.1
batch_size: 32
epochs: 200
"""
OPTIONS = ("--arch", "shufflenet_v2_x0_5", "--weights", "none", "--device", "cpu", "--seed", "0")


def command(folder: str, config: str, budget: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "diagnose",
        folder,
        "--config",
        config,
        "--format",
        "json",
        "--budget",
        budget,
        *OPTIONS,
    ]


def environment(cache: Path) -> dict[str, str]:
    return {**os.environ, "XDG_CACHE_HOME": str(cache), "TMPDIR": str(cache)}


def whole(words: list[str], cache: Path) -> tuple[int, dict]:
    ran = subprocess.run(words, capture_output=True, text=True, env=environment(cache), check=False)
    return ran.returncode, json.loads(ran.stdout)


def said(report: dict) -> list[tuple[str, str, str]]:
    """The findings that a short probe does not decide anew by its timing: code, severity, fingerprint."""
    return sorted((one["code"], one["severity"], one["fingerprint"]) for one in report["findings"])


def runs(report: dict) -> dict[tuple, tuple]:
    """Each probe run by what it is, and what came out."""
    return {
        (one["arm"], one["arch"], one["weights"], one["seed"], one["steps"], one["learning_rate"]):
        (one["val_accuracy"], one["val_loss"], one["cached"])
        for one in report["probes"]
    }  # fmt: skip


def results(cache: Path) -> set[str]:
    """The keys of results that are written down."""
    path = cache / "diagnose" / "probes.sqlite"
    if not path.exists():
        return set()
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        try:
            return {row[0] for row in db.execute("SELECT key FROM result")}
        except sqlite3.Error:
            return set()


def processes(cache: Path) -> list[int]:
    """Processes that were started with this cache."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if f"XDG_CACHE_HOME={cache}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def cut(cache: Path, chance: random.Random) -> None:
    for path in cache.rglob("*"):
        if path.is_file() and path.stat().st_size and chance.random() < 0.5:
            os.truncate(path, chance.randrange(path.stat().st_size))


def main() -> int:
    folder = sys.argv[1]
    times = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    chance = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 0)
    budget = "16s"
    place = tempfile.mkdtemp()
    config = os.path.join(place, "small.yaml")
    Path(config).write_text(CONFIG)
    with tempfile.TemporaryDirectory() as place:
        begin = time.monotonic()
        code, calm = whole(command(folder, config, budget), Path(place))
        length = time.monotonic() - begin
    print(
        f"undisturbed: exit {code}, {length:.1f} s, {len(calm['probes'])} probe runs, findings {said(calm)}", flush=True
    )
    count: Counter[str] = Counter()
    for number in range(times):
        way = WAYS[number % len(WAYS)]
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
            cache = Path(place)
            moment = chance.uniform(0.0, length)
            first = subprocess.Popen(
                command(folder, config, budget), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env=environment(cache), start_new_session=True, text=True,
            )  # fmt: skip
            try:
                first.wait(moment)
            except subprocess.TimeoutExpired:
                if way == "SIGTERM":
                    first.terminate()
                else:
                    first.kill()
            out, _ = first.communicate()
            if way == "SIGTERM" and first.returncode == 130:
                json.loads(out)  # the partial report is whole
            until = time.monotonic() + 3
            while (left := processes(cache)) and time.monotonic() < until:
                time.sleep(0.05)
            count[f"{way}: processes left after 3 s"] += len(left)
            for process in left:
                os.kill(process, signal.SIGKILL)
            if way == "power cut":
                cut(cache, chance)
            before = results(cache)
            code, second = whole(command(folder, config, budget), cache)
            count[f"{way}: times"] += 1
            count[f"{way}: other findings"] += said(second) != said(calm)
            count[f"{way}: other exit code"] += code not in (0, 1)
            told, reference = runs(second), runs(calm)
            shared = [key for key in told if key in reference]
            count[f"{way}: probe runs that came out otherwise"] += sum(told[k][:2] != reference[k][:2] for k in shared)
            count[f"{way}: probe runs compared"] += len(shared)
            count[f"{way}: results used again"] += sum(one["cached"] for one in second["probes"])
            count[f"{way}: results lost"] += len(before - results(cache)) if way != "power cut" else 0
            count[f"{way}: drafts left"] += len(list((cache / "diagnose" / "scans").glob(".draft-*")))
        if number % 20 == 19:
            print(number + 1, dict(count), flush=True)
    for name in sorted(count):
        print(f"{name:55}{count[name]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
