import math

import pytest
from steps import Steps

from diagnose.probing.clock import Machine, OutOfTime
from diagnose.probing.threads import Threads


def test_without_a_deadline_there_is_always_time():
    machine = Machine(Steps(1.0))
    assert machine.left == math.inf
    machine.check()


def test_past_the_deadline_work_ends():
    machine = Machine(Steps(1.0), deadline=2.0)
    assert machine.left == 1.0
    machine.check()  # exactly at the deadline
    with pytest.raises(OutOfTime):
        machine.check()


def test_a_deadline_can_be_moved_while_work_is_under_way():
    machine = Machine(Steps(1.0), deadline=0.0)
    machine.deadline += 100
    machine.check()


def test_work_reports_its_seconds_per_image(monkeypatch):
    heard = []
    threads = Threads(1)
    monkeypatch.setattr(threads, "adapt", lambda kind, pace: heard.append((kind, pace)))
    monkeypatch.setattr("diagnose.probing.clock.time.perf_counter", lambda: 5.0)
    machine = Machine(Steps(), threads=threads)
    machine.worked("train", 8, 1.0)
    machine.worked("train", 0, 1.0)
    Machine(Steps()).worked("train", 8, 1.0)  # its number of threads stays
    assert heard == [("train", 0.5), ("train", 4.0)]
