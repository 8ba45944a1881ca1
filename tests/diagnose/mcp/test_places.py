from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.mcp.places import Places, folder_of
from diagnose.model import InputError


@pytest.fixture
def project(tmp_path, monkeypatch):
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "train.py").write_text("")
    (tmp_path / "secret.txt").write_text("")
    monkeypatch.chdir(folder)
    return folder


def test_a_path_below_a_root_is_taken_as_it_was_given(project):
    places = Places([project])
    assert places.existing("train.py", "program") == "train.py"
    assert places.existing(str(project / "train.py"), "program") == str(project / "train.py")
    assert places.program("train.py --lr 0.1") == "train.py --lr 0.1"


@pytest.mark.parametrize("path", ["../secret.txt", "/etc/passwd", "train.py/../../secret.txt", "~root"])
def test_a_path_outside_is_refused(project, path):
    with pytest.raises(InputError, match=r"outside|does not exist"):
        Places([project]).existing(path, "data")


def test_a_link_that_leads_outside_is_refused(project, tmp_path):
    (project / "link").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(InputError, match="outside"):
        Places([project]).existing("link", "data")


def test_links_in_a_circle_are_refused(project):
    (project / "one").symlink_to("two")
    (project / "two").symlink_to("one")
    with pytest.raises(InputError, match=r"cannot be read|does not exist"):
        Places([project]).existing("one", "data")


@pytest.mark.parametrize("word", ["-", "", "https://host/images", "s3://bucket/images", "a\0b"])
def test_what_is_no_path_is_refused(project, word):
    with pytest.raises(InputError, match="isn't a path"):
        Places([project]).existing(word, "data")


def test_a_factory_is_refused_since_it_runs_code(project):
    with pytest.raises(InputError, match="does not exist"):
        Places([project]).existing("os:getcwd", "data")


def test_a_second_root_may_be_read(project, tmp_path):
    assert Places([project, tmp_path]).existing("../secret.txt", "data") == "../secret.txt"


@given(st.text(max_size=300))
def test_any_word_is_a_path_below_the_root_or_refused(tmp_path_factory, word):
    places = Places([tmp_path_factory.getbasetemp()])
    with suppress(InputError):
        assert places.existing(word, "data") == word


def test_roots_of_a_client_are_file_uris(tmp_path):
    assert folder_of((tmp_path / "a b").as_uri()) == tmp_path / "a b"
    assert folder_of("https://host/a") is None
