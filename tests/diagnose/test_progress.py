import io
import re

import pytest
from rich.console import Console

from diagnose import progress as module
from diagnose.events import Note, ProbesPlanned, ProbeStarted, ProbeStep, ScanProgress, Working
from diagnose.progress import BEAT, BETWEEN, ProgressView


@pytest.fixture
def now(monkeypatch):
    """The time, which a test may change."""
    times = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: times[0])
    return times


@pytest.fixture
def view(now):
    """A function: a view on a terminal or on a pipe, and what it wrote."""

    def make(terminal, budget=180.0):
        stream = io.StringIO()
        console = Console(file=stream, force_terminal=terminal, width=100, color_system=None)
        return ProgressView(console, budget), stream

    return make


EVENTS = (
    ScanProgress(0, 40, 0),
    ScanProgress(40, 40, 2),
    Note("\x1b[31mweights were read [bold]"),
    Working("decoding images", 64, 128),
    ProbesPlanned(("the configuration × 2",), 90.0),
    ProbeStarted("configured", 1, "resnet50", "random", 60),
    ProbeStep("configured", 1, 0, 2.25),
)


def test_elapsed_and_remaining_time_from_the_first_second(view, now):
    shown, _ = view(False)
    assert shown.time() == "0:00 of about 3:00"
    now[0] += 75
    assert shown.time() == "1:15 of about 3:00"
    now[0] += 200  # longer than it was to be: no time is left, never less than none
    assert shown.time() == "4:35 of about 4:35"


def test_without_a_budget_the_elapsed_time_alone(view, now):
    shown, _ = view(False, 0.0)
    now[0] += 61
    assert shown.time() == "1:01"


def test_a_pipe_gets_a_line_for_each_stage(view):
    shown, stream = view(False)
    with shown.shown():
        for event in EVENTS:
            shown.show(event)
    assert stream.getvalue().splitlines() == [
        "scanned 40 files",
        "\\x1b[31mweights were read [bold]",
        "Will run 1 probes, about 1:30: the configuration × 2",
        "probe: configured, resnet50, seed 1",
    ]


def test_the_end_of_a_scan_is_said_once(view):
    shown, stream = view(False)
    for _ in range(3):
        shown.show(ScanProgress(40, 40, 0))
    assert stream.getvalue() == "scanned 40 files\n"


@pytest.mark.parametrize(
    ("event", "doing"),
    [
        (None, "starting"),
        (EVENTS[0], "scanned 0 of 40 files"),
        (EVENTS[3], "decoding images, 64 of 128"),
        (EVENTS[5], "configured, resnet50, seed 1"),
        (EVENTS[6], "probe: configured, seed 1, step 1"),
    ],
)
def test_a_pipe_that_heard_nothing_for_long_hears_that_work_goes_on(view, now, event, doing):
    shown, stream = view(False)
    if event:
        shown.show(event)
    begun = stream.getvalue()
    now[0] += BEAT - 1
    shown.beat()
    assert stream.getvalue() == begun
    now[0] += 1
    shown.beat()
    shown.beat()
    assert stream.getvalue() == f"{begun}{doing} (0:10 of about 3:00)\n"


def test_a_terminal_shows_a_bar_for_each_stage_with_the_time_of_the_run(view, now):
    shown, stream = view(True)
    with shown.shown():
        now[0] += 7
        for event in EVENTS:
            shown.show(event)
        shown._progress.refresh()
        bars = {task.description: (task.completed, task.total, task.fields["note"]) for task in shown._progress.tasks}
    assert bars == {"scan": (40, 40, "2 faulty"), "probe (loss 2.250)": (1, 60, "configured, resnet50, seed 1")}
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", stream.getvalue())
    assert "0:07 of about 3:00" in text
    assert "configured, resnet50, seed 1" in text


def test_a_terminal_shows_something_before_the_first_event(view):
    shown, _ = view(True)
    with shown.shown():
        assert [task.description for task in shown._progress.tasks] == ["start"]


def test_the_scan_says_how_long_it_takes(view, now):
    shown, stream = view(False)
    shown.show(ScanProgress(0, 1000, 0))
    now[0] += 10
    shown.show(ScanProgress(250, 1000, 0))
    shown.beat()
    assert "scanned 250 of 1000 files, 25 per second, 0:30 left (0:10 of about 3:00)" in stream.getvalue()


def test_between_the_scan_and_the_first_probe_it_says_what_goes_on(view, now):
    shown, stream = view(False)
    shown.show(ScanProgress(40, 40, 0))
    now[0] += BEAT
    shown.beat()
    assert stream.getvalue().splitlines() == [
        "scanned 40 files",
        f"{BETWEEN} and preparing the probes (0:10 of about 3:00)",
    ]
