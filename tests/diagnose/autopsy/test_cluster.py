"""The autopsy of a checkpoint on a real cluster."""

import json
import subprocess
import sys

import pytest
import torch
from two_nodes import QUIET, TwoNodes

from .conftest import answering
from .test_command import EVALUATES

FLIPPED = EVALUATES.replace("import cv2", "import numpy as np\nfrom PIL import Image").replace(
    "cv2.imread(str(path))", "np.asarray(Image.open(path))[..., ::-1].copy()"
)

# What does not depend on how far it comes in its time.
STEADY = ("arch", "named_by", "accuracy", "written", "images", "stopped")


@pytest.fixture(scope="module")
def cluster():
    pytest.importorskip("ray", reason="needs the extra `ray`")
    with TwoNodes() as nodes:
        yield nodes


@pytest.mark.slow
@pytest.mark.parametrize("more", [["--run"]])
def test_it_finds_there_what_it_finds_here(cluster, colours, tmp_path, more):
    (tmp_path / "evaluate.py").write_text(FLIPPED)
    torch.save(answering(), tmp_path / "best.pth")
    found, logs = [], []
    for address in ([], ["--ray", cluster.address]):
        words = ["colours", "--checkpoint", "best.pth", "--config", "evaluate.py", "--device", "cpu", "--fresh"]
        words += ["--report", "--format", "json", *more, *address]
        done = subprocess.run(
            [sys.executable, "-m", "diagnose", *words],
            capture_output=True, text=True, check=False, env=QUIET, cwd=tmp_path, timeout=240,
        )  # fmt: skip
        assert "Traceback" not in done.stderr
        checkpoint = json.loads(done.stdout)["checkpoint"]
        found.append({name: checkpoint[name] for name in STEADY})
        logs.append(done.stderr)
    here, there = found
    assert there == here
    assert there["images"] == 180
    assert "naming the architecture" in logs[1]
