"""A package of somebody else's checks, announced by an entry point, is part of everything that the command does."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PLUGIN = Path(__file__).parent / "plugin"


@pytest.fixture
def installed(tmp_path):
    """The plug-in as an installer leaves it: its package, and its entry points in a dist-info folder beside it."""
    site = tmp_path / "site"
    project = tomllib.loads((PLUGIN / "pyproject.toml").read_text())["project"]
    shutil.copytree(PLUGIN / "diagnose_house_rules", site / "diagnose_house_rules")
    info = site / f"diagnose_house_rules-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    lines = [
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in points.items())
        for group, points in project["entry-points"].items()
    ]
    (info / "entry_points.txt").write_text("\n".join(lines))

    def run(*words):
        paths = os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])])
        return subprocess.run(
            [sys.executable, "-m", "diagnose", *map(str, words)], capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": paths}, timeout=120, cwd=tmp_path,
        )  # fmt: skip

    return run


@pytest.mark.slow
def test_its_check_is_listed_explained_judged_and_mended(installed, tmp_path):
    config = tmp_path / "train.yaml"
    config.write_text("weights: imagenet\nbatch_size: 100\n")
    assert "X901  batch-not-multiple-of-eight" in installed("--list-checks").stdout
    assert "Why it matters: the matrix units" in installed("--explain", "X901").stdout
    told = json.loads(installed("--config", config, "--format", "json", "--select", "X").stdout)
    assert [finding["code"] for finding in told["findings"]] == ["X901"]
    assert "X901" in installed("--config", config, "--format", "sarif").stdout
    assert "+batch_size: 104\n" in installed("--config", config, "--select", "X", "--fix").stdout


def test_a_code_that_is_taken_is_refused_aloud(installed, tmp_path):
    path = tmp_path / "site" / "diagnose_house_rules" / "x901_batch_not_multiple_of_eight.py"
    path.write_text(path.read_text().replace('"X901"', '"D101"'))
    done = installed("--list-checks")
    assert done.returncode == 3
    assert "D101" in done.stderr
    assert "is taken by" in done.stderr
