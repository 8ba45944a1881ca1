"""How long the rest of the work takes."""

import pytest

from diagnose import pace as module
from diagnose.pace import Pace


@pytest.fixture
def now(monkeypatch):
    times = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: times[0])
    return times


def test_nothing_before_the_rate_is_known_and_nothing_at_the_end(now):
    pace = Pace()
    assert pace.left(0, 100) == ""
    now[0] += 1
    assert pace.left(50, 100) == ""
    now[0] += 4
    assert pace.left(50, 100) == "10 per second, 0:05 left"
    assert pace.left(100, 100) == ""


def test_what_was_there_before_does_not_count(now):
    pace = Pace()
    pace.left(900, 1000)
    now[0] += 10
    assert pace.left(920, 1000) == "2 per second, 0:40 left"


def test_a_slow_one_has_no_number(now):
    pace = Pace()
    pace.left(0, 10)
    now[0] += 100
    assert pace.left(1, 10) == "less than 1 per second"
