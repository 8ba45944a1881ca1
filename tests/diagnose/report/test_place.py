"""Where a finding stands for a code host: by real folders, files and links."""

import os

import pytest
from builders import INFO

from diagnose.model import Config, Diagnosis, Evidence, Finding, Location, Setting
from diagnose.report.place import SETTINGS, Place, place_of, repository
from diagnose.report.subject import Subject

NOWHERE = Finding(INFO, "Two images are one.", "Delete one.")


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A repository with a program in a folder below its root, which is the current one."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "train.py").write_text("import torch\nlr = 0.1\n")
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def place(finding, subject=None, evidence=None):
    diagnosis = Diagnosis("1.0", "2026-01-01", 1.0, evidence or Evidence(), (), ())
    return place_of(finding, diagnosis, subject or Subject())


def at(*location):
    return Finding(INFO, "A.", "B.", location=Location(*location))


def test_paths_are_meant_from_the_repositorys_root_and_not_from_the_current_folder(project):
    assert repository() == project.resolve()
    assert place(at("train.py", 2)) == Place("work/train.py", 2, len("lr = 0.1") + 1, own=True)
    assert place(at(str(project / "work" / "train.py"), 2)).path == "work/train.py"


def test_without_a_repository_the_current_folder_is_the_root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert repository() == tmp_path.resolve()


def test_a_link_is_shown_as_the_file_that_it_leads_to(project):
    (project / "link.py").symlink_to("work/train.py")
    assert place(at("../link.py", 1)).path == "work/train.py"


def test_a_file_outside_stays_absolute(project, tmp_path_factory):
    other = tmp_path_factory.mktemp("other") / "train.py"
    found = place(at(str(other), 3))
    assert (found.path, found.inside, found.end) == (str(other.resolve()), False, 2)


@pytest.mark.parametrize(
    ("subject", "path"),
    [
        (Subject("photos", "train.py"), "work/train.py"),
        (Subject("photos", "python train.py --lr 0.1"), "work/train.py"),
        (Subject("photos", None, settings="../pyproject.toml"), "pyproject.toml"),
        (Subject("photos"), "work/photos"),
        (Subject("s3://bucket/photos"), f"work/{SETTINGS}"),
        (Subject("gone", "python 'train.py"), f"work/{SETTINGS}"),
    ],
)
def test_a_finding_about_the_images_stands_at_the_head_of_what_trains_on_them(project, subject, path):
    (project / "pyproject.toml").write_text("[tool.diagnose]\n")
    (project / "work" / "photos").mkdir()
    assert place(NOWHERE, subject) == Place(path, 1, 2, own=False)


def test_in_python_the_configuration_itself_says_its_file(project):
    read = Config(learning_rate=Setting(0.1, True, "train.py", 2))
    assert place(NOWHERE, evidence=Evidence(configuration=read)).path == "work/train.py"


def test_a_value_that_was_typed_and_a_notebooks_cell_have_no_line_of_a_file(project):
    (project / "work" / "train.ipynb").write_text('{"cells": []}')
    assert place(at("--set"), Subject(None, "train.py")) == Place("work/train.py")
    assert place(at("train.ipynb", 3, 2)) == Place("work/train.ipynb")


def test_a_name_of_any_bytes(project):
    name = os.fsdecode(b"tr\xffain.py")
    assert place(at(name, 1)).path == f"work/{name}"
