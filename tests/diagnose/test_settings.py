import json
import subprocess
import sys

import pytest

from diagnose import settings
from diagnose.model import InputError


def read(path, text):
    path.write_text(text)
    return settings.read(path)


def test_the_nearest_folder_counts_and_of_one_folder_its_own_file(tmp_path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert settings.find(inner) is None or tmp_path not in settings.find(inner).parents
    outer, near, own = tmp_path / "diagnose.toml", tmp_path / "a" / "pyproject.toml", tmp_path / "a" / "diagnose.toml"
    outer.write_text("seed = 1\n")
    assert settings.find(inner) == outer
    near.write_text("[project]\nname = 'x'\n")
    assert settings.find(inner) == outer  # this one does not speak of diagnose
    near.write_text("[tool.diagnose]\nseed = 2\n")
    assert settings.find(inner) == near
    own.write_text("seed = 3\n")
    assert settings.find(inner) == own


def test_every_option_by_its_own_name(tmp_path):
    options = read(
        tmp_path / "diagnose.toml",
        'fail-on = "warning"\nselect = "D1"\nignore = ["C3", "P5"]\nprobes = false\nseed = 3\nbudget = "90s"\n'
        'tune = true\nset = "head=2"\nresume = false\n',
    )
    assert options == {
        "fail_on": "warning", "select": ["D1"], "ignore": ["C3", "P5"], "probes": False, "seed": 3, "budget": "90s",
        "tune": True, "settings": ["head=2"], "cache": False,
    }  # fmt: skip


def test_paths_are_meant_from_the_files_folder(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "train.py").touch()
    options = read(tmp_path / "diagnose.toml", 'data = "images"\nconfig = "train.py --lr 0.1"\nweights = "auto"\n')
    assert options == {"data": f"{tmp_path}/images", "config": f"{tmp_path}/train.py --lr 0.1", "weights": "auto"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("fail_onn = 1\n", "no setting is called 'fail_onn'; did you mean fail-on?"),
        ("colour = 1\n", "keys are data"),
        ("fail-on = 'all'\n", "fail-on = 'all' is not one of error, warning, never"),
        ("seed = true\n", "seed = True is not a whole number"),
        ("select = [1]\n", "is not text or a list of texts"),
        ("model = 'a:b'\n", "no setting is called 'model'"),
        ("output = 'x'\n", "no setting is called 'output'"),
        ("data = 'a.b:c'\n", "would run code"),
        ("seed = \n", "isn't valid TOML"),
        ("\udcff".encode("utf-8", "surrogateescape").decode("latin-1"), "isn't valid TOML"),
    ],
)
def test_what_is_wrong_is_said_with_the_file(tmp_path, text, says):
    with pytest.raises(InputError, match=r"diagnose\.toml") as fault:
        read(tmp_path / "diagnose.toml", text)
    assert says in str(fault.value)


def test_the_command_reads_them_and_what_is_typed_beats_them(image_folder, tmp_path):
    image_folder({"cat": 30, "dog": 30}, root=tmp_path / "images")
    (tmp_path / "sick.yaml").write_text("method: transfer\nweights: none\nmodel: nets:build\n")
    (tmp_path / "nets.py").write_text("raise SystemExit('this ran')\n")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.diagnose]\ndata = "images"\nconfig = "sick.yaml"\nprobes = false\nselect = ["C301", "M4"]\n'
        'format = "json"\nfail-on = "never"\n'
    )
    (tmp_path / "sub").mkdir()

    def run(*words):
        command = [sys.executable, "-m", "diagnose", "--report", *words]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path / "sub", check=False, timeout=120)

    done = run()
    options = json.loads(done.stdout)
    assert (done.returncode, options["data"]["root"]) == (0, str(tmp_path / "images"))
    assert [finding["code"] for finding in options["findings"]] == ["C301"]
    assert f"settings: {tmp_path / 'pyproject.toml'}" in done.stderr
    assert any("nets:build was not run" in gap["why"] for gap in options["not_examined"])
    assert run("--fail-on", "error", "--format", "text").returncode == 1
    (tmp_path / "pyproject.toml").write_text("[tool.diagnose]\nseeed = 1\n")
    assert run().returncode == 2
    assert run("--version").returncode == 0
