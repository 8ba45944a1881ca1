import sys
import threading

import pytest
from builders import checkpoint
from pydantic import TypeAdapter

from diagnose.autopsy import child as module
from diagnose.autopsy.child import AutopsyProcess
from diagnose.autopsy.job import Job
from diagnose.events import Note
from diagnose.model.checkpoint import Checkpoint

JOB = Job("best.pth")
LINE = f"checkpoint {TypeAdapter(Checkpoint).dump_json(checkpoint()).decode()}"


@pytest.fixture
def says(monkeypatch):
    """The child is a program of a few lines of Python."""

    def set_to(program):
        monkeypatch.setattr(module, "command", lambda name: [sys.executable, "-c", f"import sys, time\n{program}"])

    return set_to


def ran(stop=None):
    with AutopsyProcess(stop or threading.Event()) as process:
        notes = list(process.run(JOB))
    return process, notes


def test_notes_the_checkpoint_and_its_hits_arrive(says):
    says(f"sys.stdin.readline()\nprint('note at work')\nprint({LINE!r})\nprint('hits 101')")
    process, notes = ran()
    assert notes == [Note("at work")]
    assert (process.checkpoint, process.hits, process.why) == (checkpoint(), "101", "")


def test_what_was_known_stays_where_the_child_dies(says):
    says(f"sys.stdin.readline()\nprint({LINE!r})\nprint('checkpoint {{', flush=True)\nsys.exit('out of memory')")
    process, _ = ran()
    assert process.checkpoint == checkpoint()
    assert process.why == "its process ended early (exit status 1: out of memory)"


def test_a_child_that_hangs_is_ended_after_its_time(says, monkeypatch):
    monkeypatch.setattr(module, "GRACE", -JOB.seconds)
    says("sys.stdin.readline()\nwhile True: time.sleep(60)")
    process, _ = ran()
    assert "not examined within 60 s" in process.why


def test_a_child_is_ended_when_the_run_is_stopped(says):
    says("sys.stdin.readline()\nprint('note at work', flush=True)\nwhile True: time.sleep(60)")
    stop = threading.Event()
    with AutopsyProcess(stop) as process:
        for _ in process.run(JOB):
            stop.set()
    assert process.why == ""
    assert process.checkpoint is None
