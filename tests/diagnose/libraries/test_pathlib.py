"""Paths that a program makes of its own place and of others."""

import pytest
from small_programs import followed

from diagnose.interpreter.values import plain

HEAD = "from pathlib import Path\nx = "


def path_of(tmp_path, text):
    return plain(next(iter(followed(tmp_path, HEAD + text).modules.values())).names["x"])


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("Path('a/b.yaml').with_name('c.yaml')", "a/c.yaml"),
        ("Path('a/b.yaml').with_suffix('.json')", "a/b.json"),
        ("Path('a').joinpath('b', 'c.yaml')", "a/b/c.yaml"),
        ("Path('a/b/c').parents[1] / 'd'", "a/d"),
        ("Path('a/b').resolve().parent", "a"),
        ("Path('a/b').expanduser().as_posix()", "a/b"),
    ],
)
def test_a_path_is_followed(tmp_path, text, path):
    assert path_of(tmp_path, text) == path


@pytest.mark.parametrize("text", ["Path('a').joinpath(input())", "Path('a').with_name('')", "Path(input()).resolve()"])
def test_a_path_that_depends_on_the_run_is_unknown(tmp_path, text):
    assert path_of(tmp_path, text) is None


def test_the_place_of_the_program_itself(tmp_path):
    assert path_of(tmp_path, "Path(__file__).resolve().parent / 'a.yaml'") == str(tmp_path / "a.yaml")
