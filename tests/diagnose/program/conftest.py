import pytest

from diagnose.program.reader import Reader
from diagnose.program.values import plain


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Reads a program with files beside it and words after it; the reader."""
    monkeypatch.chdir(tmp_path)

    def run(text, words=(), **files):
        for name, content in files.items():
            path = tmp_path / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        path = tmp_path / "train.py"
        path.write_text(text)
        reader = Reader(path, tuple(words))
        reader.read()
        return reader

    return run


@pytest.fixture
def names(read):
    """The names that a program is left with, as values."""

    def run(text, words=(), **files):
        return next(iter(read(text, words, **files).modules.values())).names

    return run


@pytest.fixture
def told(names):
    """What `x` of a program is, as Python has it; "unknown" where it is not known."""

    def run(text, words=(), **files):
        return plain(names(text, words, **files)["x"], "unknown")

    return run
