"""A probe process that trains nothing."""

import pytest

from diagnose import engine
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
