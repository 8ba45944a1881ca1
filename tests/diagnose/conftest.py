"""A probe process that trains nothing, and a program that is being edited."""

import pytest
from editing import NETS, PROGRAM, save

from diagnose import engine
from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import plain
from diagnose.libraries import registry
from diagnose.probing.job import Ready


class FakeChild:
    """A probe process that answers from a list; the class of a test keeps the job it was given."""

    messages = ()
    ready_message = Ready("cpu")
    job = None

    def __init__(self, device, stop):
        self.deadline = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def ready(self, within=None):
        return self.ready_message

    def run(self, job):
        type(self).job = job
        yield from self.messages


@pytest.fixture
def child(monkeypatch):
    class Child(FakeChild):
        """A class of this test alone: no job is left from another."""

    monkeypatch.setattr(engine, "ProbeProcess", Child)
    return Child


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
        reader = Reader(path, registry(), tuple(words))
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
def value_of(names):
    """What `x` of a program is, as Python has it; "unknown" where it is not known."""

    def run(text, words=(), **files):
        return plain(names(text, words, **files)["x"], "unknown")

    return run


@pytest.fixture
def edited(tmp_path, monkeypatch):
    """A folder, the current one, with a program of two files that is about to be edited."""
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "train.py", PROGRAM)
    save(tmp_path / "nets.py", NETS)
    return tmp_path
