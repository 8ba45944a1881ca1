"""The built wheel, in a bare environment, brings all of our files: the README's main job runs from anywhere."""

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CHECKS = len(list((ROOT / "checks").glob("[a-z]*.py")))
KEPT = {"PATH", "HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "LANG"}  # no PYTHONPATH

pytestmark = pytest.mark.slow


def run(*words, cwd):
    done = subprocess.run(
        [*map(str, words)],
        cwd=cwd, env={name: os.environ[name] for name in KEPT & set(os.environ)},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The source distribution, and the wheel that is built from it alone."""
    pytest.importorskip("hatchling")
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", out, cwd=ROOT)
    (sdist,) = out.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(out, filter="data")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", out, cwd=sdist.with_suffix("").with_suffix(""))
    return sdist, next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def bare(built, tmp_path_factory):
    """The interpreter of an environment with our wheel, and what it depends on lent by the one that runs the tests."""
    home = tmp_path_factory.mktemp("bare")
    run(sys.executable, "-m", "venv", home, cwd=home)
    python = home / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", built[1], cwd=home)
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home).strip())
    # A line of a .pth file adds a folder, but not the editable installations that this folder names.
    (site / "lent.pth").write_text("\n".join({sysconfig.get_path(name) for name in ("purelib", "platlib")}))
    return python, site


def test_the_wheel_holds_one_package_and_the_sdist_what_it_is_built_and_tested_from(built):
    sdist, wheel = built
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"diagnose", "diagnose_training"}
    assert sum(name.startswith("diagnose/checks/") for name in names) == CHECKS + 1
    assert {"diagnose/py.typed", "diagnose/help.txt", "diagnose/report/schema.json"} <= set(names)
    assert not {"diagnose/checks.py", "diagnose/checks/README.md", "diagnose/sample_data/make.py"} & set(names)
    (metadata,) = (name for name in names if name.endswith("/METADATA"))
    text = zipfile.ZipFile(wheel).read(metadata).decode()
    assert "License-Expression: Apache-2.0" in text
    assert "\n![" not in text
    assert "](checks/" not in text
    with tarfile.open(sdist) as archive:
        tops = {name.split("/")[1] for name in archive.getnames()}
    ours = {"LICENSE", "README.md", "checks", "diagnose", "pyproject.toml", "sample_data", "tests"}
    assert tops == ours | {".ci", ".github", ".gitignore", ".pre-commit-hooks.yaml", "PKG-INFO"}


def test_the_readmes_main_job_runs_from_a_foreign_folder(bare, tmp_path):
    python, site = bare
    command, mark = python.with_name("diagnose"), tmp_path / "executed"
    for name in ("checks/__init__.py", "checks.py", "sample_data.py"):
        path = tmp_path / "here" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"open({str(mark)!r}, 'w')\n")
    here = tmp_path / "here"
    run(command, "--samples", "samples", cwd=here)
    job = ("samples/photos", "--config", "samples/healthy.yaml", "--report", "--no-probes", "--format", "json")
    for start in ([command], [python, "-m", "diagnose"]):
        told = json.loads(run(*start, *job, cwd=here))
        assert len(told["checks"]) == CHECKS
        assert told["data"]["images"] == 720
        assert told["summary"]["errors"] == 0
    where = run(python, "-c", "import diagnose; print(diagnose.inspect and diagnose.__file__)", cwd=here).strip()
    assert Path(where) == site / "diagnose" / "__init__.py"
    assert not mark.exists()


def test_the_tui_lists_the_samples(bare, tmp_path):
    code = "from diagnose.samples import samples; print(sum(i.is_dir() and c.is_file() for _, i, c in samples()))"
    assert run(bare[0], "-c", code, cwd=tmp_path) == "6\n"
