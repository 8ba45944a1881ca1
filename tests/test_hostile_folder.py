"""What lies in the folder where the command is typed is only examined: it never runs or replaces our own files."""

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from diagnose.controls import Controls
from diagnose.model import Location
from diagnose.network.child import measure
from diagnose.probing.child import ProbeProcess
from diagnose.probing.job import Ready

ROOT = Path(__file__).parents[1]
CHECKS = len(list((ROOT / "checks").glob("[a-z]*.py")))
MODULE = (sys.executable, "-m", "diagnose")
SCRIPT = (str(Path(sys.executable).with_name("diagnose")),)
STANDARD = ("json.py", "queue.py", "random.py", "selectors.py", "signal.py")


@pytest.fixture
def plant(tmp_path):
    """A function that writes modules into a folder, each of which leaves a mark when it runs; and the mark's path."""
    folder, mark = tmp_path / "here", tmp_path / "executed"

    def write(*names):
        for name in names:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"open({str(mark)!r}, 'a').write(__file__ + '\\n')\nCHECK = None\n")
        (folder / "train.yaml").write_text("weights: none\nbatch_size: 2\n")
        return folder, mark

    return write


def run(command, *words, cwd, first=()):
    """The finished process, with `first` and our source tree on PYTHONPATH."""
    paths = os.pathsep.join(map(str, (*first, ROOT)))
    return subprocess.run(
        [*command, *map(str, words)],
        cwd=cwd, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize(("command", "first"), [(MODULE, ()), (MODULE, (".",)), (SCRIPT, (".",))])
@pytest.mark.parametrize("names", [("checks/__init__.py", "checks/c301.py"), ("checks.py",)], ids=["folder", "file"])
def test_checks_of_the_persons_own_are_neither_run_nor_taken_for_ours(plant, command, first, names):
    folder, mark = plant(*names)
    done = run(command, "--config", "train.yaml", "--report", "--format", "json", cwd=folder, first=first)
    assert len(json.loads(done.stdout)["checks"]) == CHECKS
    assert len(run(command, "--list-checks", cwd=folder, first=first).stdout.splitlines()) == CHECKS
    assert not mark.exists()


def test_no_file_there_stands_in_for_the_standard_library(plant):
    folder, mark = plant("checks.py", *STANDARD)
    done = run(MODULE, ROOT / "sample_data" / "few", "--report", "--no-probes", "--fresh", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "scanned 200 files" in done.stderr
    assert not mark.exists()


@pytest.mark.slow
def test_probes_run_our_package_there(plant, monkeypatch):
    folder, mark = plant("checks.py", "diagnose.py", *STANDARD)
    monkeypatch.chdir(folder)
    with ProbeProcess("cpu", Controls()) as child:
        assert isinstance(child.ready(), Ready)
    assert not mark.exists()


@pytest.mark.slow
def test_a_network_of_ones_own_is_found_there_and_ours_stays_ours(plant, monkeypatch):
    folder, mark = plant("checks.py", "diagnose.py", *STANDARD)
    (folder / "nets.py").write_text(
        "from torch import nn\n\n\ndef build(num_classes):\n"
        "    return nn.Sequential(nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(48, num_classes))\n"
    )
    monkeypatch.chdir(folder)
    network = measure("nets:build", 3, 32, (folder,), 60, threading.Event())
    assert network.crash == ""
    assert network.own is not None
    assert network.location == Location("nets.py", 4)
    assert not mark.exists()


def test_an_installation_without_checks_is_an_error_and_no_clean_report(tmp_path):
    shutil.copytree(ROOT / "diagnose", tmp_path / "diagnose", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "checks").mkdir()
    (tmp_path / "train.yaml").write_text("batch_size: 2\n")
    done = subprocess.run(
        [*MODULE, "--config", "train.yaml", "--report"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == f"diagnose: No checks were found in {tmp_path / 'checks'}: install diagnose-training again.\n"
