"""The tests marked gpu, in a pytest of their own: the machine may lack what the project's options of pytest name."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.gpu.setting import Row, Setting

ROOT = Path(__file__).parents[3]
MARK = "@pytest.mark.gpu"


def run(setting: Setting) -> Iterator[Row]:
    """Passed, failed and skipped, and the last line of each failure."""
    files = sorted(path for path in (ROOT / "tests" / "diagnose").rglob("test_*.py") if MARK in path.read_text())
    words = [sys.executable, "-m", "pytest", "-c", os.devnull, f"--rootdir={ROOT}", "--import-mode=importlib",
             "-p", "no:cacheprovider", "-q", "-rfE", "--tb=line", "-m", "gpu", *map(str, files)]  # fmt: skip
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        words, cwd=setting.work, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=False
    )
    lines = done.stdout.strip().splitlines() or done.stderr.strip().splitlines() or ["no output"]
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|skipped|error)", lines[-1])}
    passed, wrong = counts.get("passed", 0), counts.get("failed", 0) + counts.get("error", 0)
    faults = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
    skipped = "needs a CUDA device; " if setting.device != "cuda" else ""
    yield setting.row(
        "tests marked gpu", passed, "passed", "none fails or is skipped",
        bool(passed) and not wrong and not counts.get("skipped"),
        note=skipped + "; ".join([lines[-1].strip("= "), *faults])[:600],
    )  # fmt: skip
