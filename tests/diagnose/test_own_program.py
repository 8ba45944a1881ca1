"""Which program may be run, and what is said where it did not come far."""

import pytest
from builders import ran

from diagnose import own_program
from diagnose.model import InputError, Location


@pytest.fixture
def program(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text("pass")
    (tmp_path / "c.yaml").write_text("lr: 1")
    return "train.py"


@pytest.mark.parametrize(
    ("config", "typed", "snippet", "word"),
    [
        (None, True, False, "give it with --config"),
        ("train.py", True, True, "--snippet"),
        ("c.yaml", True, False, "isn't one"),
        ("missing.py --lr 1", True, False, "missing.py does not exist"),
        ("train.py", False, False, "has to be typed"),
    ],
)
def test_wrong_uses_get_one_sentence(program, config, typed, snippet, word):
    with pytest.raises(InputError, match=word):
        own_program.check_runnable(config, typed, snippet)


def test_a_typed_program_with_its_command_line_may_run(program):
    own_program.check_runnable("train.py --lr 0.1", True, False)
    assert own_program.program_of("train.py --lr 0.1") == "train.py"
    assert own_program.program_of("c.yaml") is None
    assert own_program.program_of(None) is None


def test_a_run_that_reached_training_leaves_no_gap():
    assert own_program.gap_of(ran()) is None
    assert own_program.gap_of(ran(ended="time")) is None


def test_one_that_did_not_says_why_and_where():
    gap = own_program.gap_of(ran(ended="missing", why="ImportError: no x", location=Location("train.py", 2), steps=0))
    assert (gap.why, gap.failed) == ("train.py: ImportError: no x (train.py:2)", True)
    assert not own_program.gap_of(ran(ended="crashed", why="ValueError: lengths differ")).failed
