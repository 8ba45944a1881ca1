import dataclasses
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from diagnose.controls import CAN_HOLD, Controls
from diagnose.events import ProbesMeasured, ProbesPlanned, ProbeStep
from diagnose.probing import child as module
from diagnose.probing.child import ProbeProcess
from diagnose.probing.job import Failed, Job, Ready

SMALL = "shufflenet_v2_x0_5"


@pytest.fixture
def job(image_folder):
    root = image_folder({"cat": 12, "dog": 12})
    items = [(str(path), path.parent.name == "dog") for path in sorted(root.rglob("*.png"))]
    numbered = [(path, int(label)) for path, label in items]
    return Job(
        ("cat", "dog"),
        tuple(numbered[::2]),
        tuple(numbered[1::2]),
        12.0,
        arch=SMALL,
        configured_arch=SMALL,
        weights="none",
        offline=True,
    )


@pytest.fixture
def stepping(monkeypatch):
    """The child is one that starts at once and steps for ever."""
    monkeypatch.setattr(module, "PROGRAM", "stepping")
    paths = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))


def state(pid):
    """One letter, as ps shows it: T is stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


def gone(pid):
    """Whether the process has ended (a zombie has)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def wait_until(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def gives_way(pid):
    return os.getpriority(os.PRIO_PROCESS, pid) > os.getpriority(os.PRIO_PROCESS, 0)


def test_a_child_says_it_is_ready_runs_and_ends(job):
    with ProbeProcess("cpu", Controls()) as child:
        assert child.ready() == Ready("cpu")
        pid = child._process.pid
        assert not gives_way(pid)
        messages = list(child.run(dataclasses.replace(job, seconds=6.0)))
    failed = [message.why for message in messages if isinstance(message, Failed)]
    assert not [why for why in failed if "is too short" not in why]  # a busy machine may get nothing done in 6 s
    assert gone(pid)


@pytest.mark.slow
def test_a_run_ends_with_what_it_measured(job):
    with ProbeProcess("cpu", Controls()) as child:
        child.ready()
        messages = list(child.run(dataclasses.replace(job, seconds=40.0)))
    assert any(isinstance(message, ProbesMeasured) for message in messages)


@pytest.mark.usefixtures("stepping")
def test_stop_ends_it_in_the_middle_of_a_run(job):
    stop = threading.Event()
    with ProbeProcess("cpu", Controls(stop)) as child:
        child.ready()
        for message in child.run(job):
            if isinstance(message, ProbeStep):
                stop.set()
        assert child._process.wait() == -signal.SIGTERM  # it did not have to be killed


@pytest.mark.usefixtures("stepping")
@pytest.mark.skipif(not CAN_HOLD, reason="this system cannot hold a process")
def test_held_probes_stand_still_and_get_the_time_back(job):
    controls = Controls()
    with ProbeProcess("cpu", controls) as child:
        child.ready()
        before = child.deadline = time.monotonic() + 60.0
        stood, went_on = None, False
        for message in child.run(job):
            if isinstance(message, ProbeStep) and stood is None:
                controls.hold()
                assert wait_until(lambda: state(child._process.pid) == "T")
                time.sleep(0.5)
                assert state(child._process.pid) == "T"
                controls.go_on()
                assert wait_until(lambda: state(child._process.pid) != "T")
                stood = child.deadline - before
            elif isinstance(message, ProbeStep):
                controls.stop.set()  # it went on
                went_on = True
        assert stood >= 0.5
        assert went_on


@pytest.mark.usefixtures("stepping")
@pytest.mark.skipif(not CAN_HOLD, reason="this system cannot hold a process")
def test_held_probes_can_be_stopped(job):
    controls = Controls()
    with ProbeProcess("cpu", controls) as child:
        child.ready()
        child.deadline = time.monotonic() + 60.0
        for message in child.run(job):
            if isinstance(message, ProbeStep) and not controls.held:
                controls.hold()
                assert wait_until(lambda: state(child._process.pid) == "T")
                controls.stop.set()
        assert child._process.wait() == -signal.SIGTERM


@pytest.mark.slow
def test_more_time_makes_a_longer_plan(job):
    controls = Controls(give_way=True)
    short = dataclasses.replace(job, seconds=120.0)
    with ProbeProcess("cpu", controls) as child:
        child.ready()
        assert gives_way(child._process.pid)
        before = child.deadline = time.monotonic() + 600.0
        plans = 0
        for message in child.run(short):
            if isinstance(message, ProbesPlanned):
                plans += 1
                if plans == 1:
                    controls.extend(2.0)
                else:
                    controls.stop.set()
        assert plans == 2
        assert child.deadline == before + 2.0


@pytest.mark.usefixtures("stepping")
def test_a_killed_child_is_reported(job):
    with ProbeProcess("cpu", Controls()) as child:
        child.ready()
        messages = []
        for message in child.run(job):
            messages.append(message)
            if isinstance(message, ProbeStep):
                os.kill(child._process.pid, signal.SIGKILL)
    assert messages[-1].why == "the probe process ended early (killed by SIGKILL)"


@pytest.mark.usefixtures("stepping")
def test_a_child_past_its_deadline_is_ended(job):
    with ProbeProcess("cpu", Controls()) as child:
        child.ready()
        child.deadline = time.monotonic() + 0.3
        messages = list(child.run(job))
    assert "outran their budget" in messages[-1].why


def test_a_child_that_cannot_start_says_why(job, monkeypatch):
    monkeypatch.setattr(module, "PROGRAM", "no_such_module")
    with ProbeProcess("cpu", Controls()) as child:
        failed = child.ready()
    assert failed.why.startswith("the probe process ended early (exit status 1: ")
    assert failed.why.endswith("No module named no_such_module)")


@pytest.mark.slow
def test_a_child_that_cannot_read_an_image_says_so(job, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no image")
    bad = Job(
        job.classes,
        ((str(broken), 0), *job.train),
        job.val,
        60.0,
        arch=SMALL,
        configured_arch=SMALL,
        weights="none",
        offline=True,
    )
    with ProbeProcess("cpu", Controls()) as child:
        child.ready()
        (*_, last) = child.run(bad)
    assert isinstance(last, Failed)
    assert "UnidentifiedImageError" in last.why


PARENT = """
import sys, threading
from diagnose.controls import Controls
from diagnose.probing import child as module
from diagnose.probing.child import ProbeProcess
child = ProbeProcess("cpu", Controls())
child.ready()
from diagnose.probing.job import JOB
import json
messages = child.run(JOB.validate_json(sys.stdin.read()))
next(messages)
print(child._process.pid, flush=True)
for message in messages: pass
"""


@pytest.mark.slow
def test_a_child_does_not_outlive_a_killed_parent(job):
    from diagnose.probing.job import JOB

    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    with parent:
        parent.stdin.write(JOB.dump_json(job))
        parent.stdin.close()
        pid = int(parent.stdout.readline())
        assert not gone(pid)
        parent.kill()
    assert wait_until(lambda: gone(pid))


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads a process's environment from /proc")
@pytest.mark.parametrize("given", [None, "5"])
def test_its_threads_spin_briefly_unless_the_environment_says_otherwise(stepping, monkeypatch, given):
    if given:
        monkeypatch.setenv("GOMP_SPINCOUNT", given)
    else:
        monkeypatch.delenv("GOMP_SPINCOUNT", raising=False)
    with ProbeProcess("cpu", Controls(threading.Event())) as child:
        assert isinstance(child.ready(), Ready)
        environment = Path(f"/proc/{child._process.pid}/environ").read_bytes().split(b"\0")
    assert f"GOMP_SPINCOUNT={given or '30000'}".encode() in environment


@pytest.mark.slow
def test_a_child_that_stands_still_before_it_is_ready_is_ended(stepping):
    with ProbeProcess("cpu", Controls()) as child:
        os.killpg(child._process.pid, signal.SIGSTOP)
        begin = time.monotonic()
        assert isinstance(child.ready(0.2), Failed)
        assert time.monotonic() - begin < 30
