"""The short forms of tests/benchmarks/scale.py and gpu_speed.py: they run, and print what they promise."""

import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks import scale

BENCHMARKS = Path(__file__).with_name("benchmarks")


def test_what_a_hundred_million_images_would_take_is_reckoned(image_folder, monkeypatch, capsys):
    root = image_folder({"cat": 20, "dog": 20})
    monkeypatch.setattr(scale, "SIZES", (2_000, 4_000, 8_000))
    monkeypatch.setattr(sys, "argv", ["scale.py", str(root)])
    scale.main()
    told = capsys.readouterr().out
    for part in ("images/s", "TB", "dollars", "GB of memory"):
        assert part in told, told


@pytest.mark.slow
def test_the_comparison_on_a_gpu_is_ready_to_run(image_folder):
    root = image_folder({"cat": 20, "dog": 20})
    words = [sys.executable, BENCHMARKS / "gpu_speed.py", str(root), "--tiny"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    for part in ("synthetic", "probe", "DataLoader", "the command without probes"):
        assert part in done.stdout
