"""The events of --watch, and the command itself in a process of its own."""

import json
import signal
import subprocess
import sys
import threading

import pytest
from editing import PROGRAM, reading, save

from diagnose.watching import watched


@pytest.fixture
def events(edited):
    """The events as they come; each call of next reads on as soon as a file has changed."""
    stop = threading.Event()
    yield watched(reading(), stop, every=0.01)
    stop.set()


def codes(event):
    return {finding["code"] for finding in event["findings"]}


def test_a_report_for_each_save_and_before_it_what_is_gone(edited, events):
    first = next(events)
    assert first["event"] == "report"
    (found,) = [finding for finding in first["findings"] if finding["code"] == "C302"]
    assert found.pop("fingerprint")
    assert found.pop("fix").startswith("Start from")
    assert found.pop("summary").startswith("The learning rate 100 ")
    assert found == {
        "code": "C302", "name": "learning-rate-too-high", "severity": "error",
        "location": {"file": "train.py", "line": 7, "cell": None},
    }  # fmt: skip
    save(edited / "train.py", PROGRAM.replace("100.0", "0.1"))
    gone, report = next(events), next(events)
    assert (gone["event"], report["event"]) == ("gone", "report")
    assert codes(gone) == {"C302"}
    assert codes(report) == codes(first) - {"C302"}
    save(edited / "train.py", f"{PROGRAM}# again\n")
    assert codes(next(events)) == codes(first)


def test_a_half_written_file_is_one_event_and_what_it_hides_is_not_gone(edited, events):
    first = next(events)
    save(edited / "train.py", f"{PROGRAM}if (\n")
    told = next(events)
    assert told["event"] == "unreadable"
    assert told["why"].startswith("train.py")
    save(edited / "train.py", PROGRAM)
    assert next(events) == first


def test_it_ends_when_it_is_stopped(edited):
    stop = threading.Event()
    events = watched(reading(), stop, every=60)
    next(events)
    threading.Timer(0.05, stop.set).start()
    assert list(events) == []


def test_events_are_json(edited, events):
    assert json.loads(json.dumps(next(events)))["event"] == "report"


@pytest.mark.parametrize("reader", ["stays", "leaves"])
def test_the_command_writes_a_line_for_each_event_and_ends_quietly(edited, image_folder, reader):
    image_folder({"train/cat": 3, "train/dog": 3})
    command = [sys.executable, "-m", "diagnose", "images", "--config", "train.py", "--watch", "--quiet"]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, "text": True}
    with subprocess.Popen(command, **streams) as process:
        try:
            first = json.loads(process.stdout.readline())
            assert {"C302", "D108"} <= codes(first)
            if reader == "leaves":
                process.stdout.close()
            save(edited / "train.py", PROGRAM.replace("100.0", "0.1"))
            if reader == "stays":
                assert codes(json.loads(process.stdout.readline())) == {"C302"}
                assert json.loads(process.stdout.readline())["event"] == "report"
                process.send_signal(signal.SIGINT)
            assert process.wait(timeout=60) == (130 if reader == "stays" else 0)
            assert process.stderr.read() == ""
        finally:
            process.kill()
