import pytest

from diagnose.model import InputError
from diagnose.tui.editing import edit, editor_command


@pytest.mark.parametrize(
    ("editor", "command"),
    [
        ("vim", ["vim", "+9", "train.py"]),
        ("/usr/bin/nano", ["/usr/bin/nano", "+9", "train.py"]),
        ("hx", ["hx", "train.py:9"]),
        ("code", ["code", "--wait", "--goto", "train.py:9"]),
        ("code --wait", ["code", "--wait", "--goto", "train.py:9"]),
        ("emacs -nw", ["emacs", "-nw", "+9", "train.py"]),
    ],
)
def test_the_line_is_named_as_the_editor_wants_it(monkeypatch, editor, command):
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", editor)
    assert editor_command("train.py", 9) == command


def test_without_a_line_or_an_editor(monkeypatch):
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    assert editor_command("train.py", None) == ["vi", "train.py"]


class Terminal:
    """An app that gives its screen away."""

    def suspend(self):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False


def test_the_editor_gets_the_file(monkeypatch, tmp_path):
    monkeypatch.setenv("VISUAL", f"sh -c 'echo \"$@\" > {tmp_path}/opened' --")
    edit(Terminal(), "train.py", 9)
    assert (tmp_path / "opened").read_text() == "+9 train.py\n"


def test_an_editor_that_is_missing_is_said(monkeypatch):
    monkeypatch.setenv("VISUAL", "no-such-editor")
    with pytest.raises(InputError, match="no-such-editor isn't installed"):
        edit(Terminal(), "train.py", 9)


def test_a_blank_editor_is_the_usual_one_and_a_broken_one_is_said(monkeypatch):
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", " ")
    assert editor_command("train.py", 3) == ["vi", "+3", "train.py"]
    monkeypatch.setenv("EDITOR", "vim '")
    with pytest.raises(InputError, match="never closed"):
        editor_command("train.py", 3)
