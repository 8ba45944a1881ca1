"""Whole runs of the real command, probes included, and what they came to.

    python tests/benchmarks/verdicts.py                    the sample data: one healthy, five sick
    python tests/benchmarks/verdicts.py FOLDER [FOLDER …]  your own image folders, without a configuration

Prints for each: exit code, seconds against the budget, codes at error or warning, and the gap of pretrained
over scratch with its interval. For the samples it exits 1 when one of them got another verdict than it should.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SAMPLES = Path(__file__).parents[2] / "sample_data"
EXPECTED = {  # configuration, images, the code that must be there at error or warning
    "healthy": ("photos", None),
    "raw_input": ("photos", "N201"),
    "rate_too_high": ("photos", "C302"),
    "rate_too_low": ("photos", "C303"),
    "five_images": ("few", "D108"),
    "transfer_without_weights": ("photos", "C301"),
}
BUDGET = 180


def diagnosed(*arguments: str | Path) -> tuple[int, dict]:
    command = [sys.executable, "-m", "diagnose", *map(str, arguments), "--report", "--fresh", "--format", "json"]
    done = subprocess.run([*command, "--budget", f"{BUDGET}s"], capture_output=True, text=True)
    return done.returncode, json.loads(done.stdout)


def row(name: str, code: int, told: dict) -> list[str]:
    codes = [f["code"] for f in told["findings"] if f["severity"] in ("error", "warning")]
    gap = told["comparison"]
    span = "-"
    if gap:
        low, high = (100 * end for end in gap["interval"])
        span = f"{100 * gap['gap']:+.1f} [{low:+.1f}, {high:+.1f}] ({gap['confidence']}, {gap['seeds']} seeds)"
    print(f"{name:26} exit {code}  {told['seconds']:5.0f} s of {BUDGET}  {span:44} {' '.join(codes) or 'clean'}")
    return codes


def main() -> int:
    if sys.argv[1:]:
        for folder in sys.argv[1:]:
            row(Path(folder).name, *diagnosed(folder))
        return 0
    wrong = 0
    for name, (images, expected) in EXPECTED.items():
        code, told = diagnosed(SAMPLES / images, "--config", SAMPLES / f"{name}.yaml")
        codes = row(name, code, told)
        wrong += (expected not in codes) if expected else (code != 0 or bool(codes))
    print(f"{len(EXPECTED) - wrong} of {len(EXPECTED)} verdicts right")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
