"""Whole runs of the real command, probes included, and what they came to.

    python tests/benchmarks/verdicts.py OUT [cifar=FOLDER] [fashion=FOLDER] [stamps=FOLDER] [--busy N] [--budget 180]
    python tests/benchmarks/verdicts.py --plain FOLDER [FOLDER …]    your own image folders, without a configuration

The sample data with its six configurations, and each named FOLDER (train/ and val/ of class folders; real_images.py
and tests/faults/sets.py write some) with a healthy configuration and three sick ones. --busy: processes that only
count, beside each run. Reports are kept in OUT, so that an interrupted benchmark goes on where it was.

Printed for each run: exit code, seconds, what was measured, and the codes at error or warning, the first named first.
A verdict is right where the planted code is among them, and for a healthy configuration where none is about the
configuration, its input or its training (C, N, M, P): findings on the images (D) may well be true.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "sample_data"
sys.path.insert(0, str(ROOT / "tests/faults"))

from cases import SGD, healthy_config  # noqa: E402

from diagnose.probing.statistics import wilson  # noqa: E402

EXPECTED = {  # configuration, images, the code that must be there at error or warning
    "healthy": ("photos", None),
    "raw_input": ("photos", "N201"),
    "rate_too_high": ("photos", "C302"),
    "rate_too_low": ("photos", "C303"),
    "five_images": ("few", "D108"),
    "transfer_without_weights": ("photos", "C301"),
}
UNITS = {"mean": [123.7, 116.3, 103.5], "std": [58.4, 57.1, 57.4]}
RAW = {f"{split}{name}": "none" for split in ("", "val_") for name in ("scaling", "mean", "std")}
PLANTED: dict[str, dict[str, tuple[str | None, dict[str, Any]]]] = {
    "cifar": {
        "healthy": (None, {}),
        "sgd 5": ("C302", {**SGD, "learning_rate": 5.0}),
        "softmax before cross-entropy": ("C307", {"output_activation": "softmax"}),
        "not shuffled": ("C312", {"shuffle": False}),
    },
    "fashion": {
        "healthy": (None, {**SGD, "learning_rate": 0.01}),
        "transfer, random weights": ("C301", {"weights": "none"}),
        "raw pixels": ("N201", RAW),
        "adamw 1e-7": ("C303", {"learning_rate": 1e-7}),
    },
    "stamps": {
        "healthy": (None, {"optimizer": "adam", "learning_rate": 3e-4, "weight_decay": 0.0}),
        "statistics of 0..255 on 0..1": ("N204", {**UNITS, "val_mean": UNITS["mean"], "val_std": UNITS["std"]}),
        "frozen random backbone": ("C306", {"method": "scratch", "weights": "none", "frozen": ["backbone"]}),
        "adam 0.05": ("C302", {"optimizer": "adam", "learning_rate": 0.05, "weight_decay": 0.0}),
    },
}  # fmt: skip
CODES = ("C", "N", "M", "P")


def diagnosed(budget: int, *arguments: str | Path) -> tuple[int, dict]:
    command = [sys.executable, "-m", "diagnose", *map(str, arguments), "--report", "--format", "json"]
    with tempfile.TemporaryDirectory() as cache:
        done = subprocess.run(
            [*command, "--budget", f"{budget}s"], capture_output=True, text=True,
            env={**os.environ, "XDG_CACHE_HOME": cache}, cwd=ROOT,
        )  # fmt: skip
    return done.returncode, json.loads(done.stdout)


def config_of(folder: Path, changes: dict[str, Any], out: Path) -> Path:
    classes = len([path for path in (folder / "train").iterdir() if path.is_dir()])
    config = {**healthy_config("photos"), "head": classes, **changes}
    with out.open("w") as file:
        YAML().dump(config, file)
    return out


def runs(folders: dict[str, Path], out: Path) -> list[tuple[str, Path, Path, str | None]]:
    """Name, images, configuration and the planted code of each."""
    told = [
        (f"samples: {name}", SAMPLES / images, SAMPLES / f"{name}.yaml", code)
        for name, (images, code) in EXPECTED.items()
    ]
    for kind, folder in folders.items():
        for name, (code, changes) in PLANTED[kind].items():
            config = config_of(folder, changes, out / f"{kind} {name}.yaml".replace(" ", "_"))
            told.append((f"{kind}: {name}", folder, config, code))
    return told


def row(name: str, code: int, told: dict, budget: int) -> list[str]:
    codes = [f["code"] for f in told["findings"] if f["severity"] in ("error", "warning")]
    steps = sorted({run["steps"] for run in told["probes"]}, reverse=True)
    frozen = told["frozen_features"]
    measured = f"frozen {frozen['accuracy']:.0%}, " if frozen else ""
    measured += f"{len(told['probes'])} runs of {steps[0]} steps" if steps else "no training"
    share = (told["probe_time"] or {}).get("share")
    busy = f", {share:.0%} of the processors" if share is not None else ""
    print(
        f"{name:38} exit {code}  {told['seconds']:4.0f} s of {budget}  {measured}{busy}  {' '.join(codes) or 'clean'}",
        flush=True,
    )
    return codes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--busy", type=int, default=0)
    parser.add_argument("--budget", type=int, default=180)
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    if given.plain:
        for folder in (str(given.out), *given.folders):
            row(Path(folder).name, *diagnosed(given.budget, folder), given.budget)
        return 0
    given.out.mkdir(parents=True, exist_ok=True)
    folders = {kind: Path(path) for kind, _, path in (word.partition("=") for word in given.folders)}
    right = answered = count = 0
    for name, images, config, planted in runs(folders, given.out):
        if given.only not in name:
            continue
        kept = given.out / f"{name} busy{given.busy}.json".replace(" ", "_")
        if not kept.is_file():
            loops = [
                subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True)
                for _ in range(given.busy)
            ]
            code, told = diagnosed(given.budget, images, "--config", config)
            for loop in loops:
                loop.kill()
                loop.wait()
            kept.write_text(json.dumps({"exit": code, "report": told}))
        stored = json.loads(kept.read_text())
        codes = row(name, stored["exit"], stored["report"], given.budget)
        count += 1
        right += planted in codes if planted else not any(found.startswith(CODES) for found in codes)
        answered += bool(stored["report"]["probes"] or stored["report"]["frozen_features"])
    for what, number in (("verdicts right", right), ("runs with a measured result", answered)):
        span = wilson(number, count)
        print(f"{what}: {number} of {count} [{span.low:.0%}, {span.high:.0%}]")
    return int(right < count or answered < count)


if __name__ == "__main__":
    sys.exit(main())
