"""Driving the TUI in tests: opening it on a request, waiting, reading what stands there."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from textual.widgets import OptionList, Static

from diagnose.engine import Request
from diagnose.tui.app import DiagnoseApp
from diagnose.tui.apply import ApplyScreen
from diagnose.tui.findings import FindingsPane
from diagnose.tui.run import RunScreen
from diagnose.tui.start import LOOKING
from diagnose.tui.verify import VerifyScreen

LONGEST = 180.0  # seconds that a test waits, for a machine that has much else to do
PROBE = {"arch": "shufflenet_v2_x0_5", "weights": "none", "budget": 60.0, "device": "cpu"}


async def until(pilot, condition):
    """Lets the app run until the condition holds; fails where it never does, by the clock on the wall."""
    end = time.monotonic() + LONGEST
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"it did not come to that within {LONGEST:.0f} s")
        await pilot.pause(0.02)


def opened(root, config=None, **more):
    return DiagnoseApp(Request(root, config, **{"probes": False, **more}), open_at_once=True)


async def finished(pilot):
    await until(pilot, lambda: isinstance(pilot.app.screen, RunScreen) and not pilot.app.screen.running)
    await pilot.pause()


async def looked(pilot):
    """Lets the start screen know what stands in the current folder; returns its first line."""
    listed = pilot.app.screen.query_one("#projects", OptionList)
    await until(pilot, lambda: LOOKING not in str(listed.get_option_at_index(0).prompt))
    return str(listed.get_option_at_index(0).prompt)


async def patched(pilot):
    """Lets the run end and the finding that stands open get its patch."""
    await finished(pilot)
    await until(pilot, lambda: bool(pilot.app.screen.query_one(FindingsPane).evidence.edits))


async def verified_then_applied(pilot, steep):
    """From a run's end through a verified fix of C302 to the file with its backup, and to the run that lacks C302."""
    app, before = pilot.app, steep.read_text()
    await patched(pilot)
    await pilot.press("v")
    assert isinstance(app.screen, VerifyScreen)
    await until(pilot, lambda: "with the change" in shown(app, "#now"))  # said by the last event
    await until(pilot, lambda: not app.screen.running)
    assert shown(app, "#now") == "C302 is gone with the change."
    assert "paired seeds" in app.screen.answer
    assert steep.read_text() == before  # nothing is written by verifying
    await pilot.press("a")
    assert isinstance(app.screen, ApplyScreen)
    await pilot.press("escape")
    assert steep.read_text() == before
    await pilot.press("a", "enter")
    await until(pilot, lambda: isinstance(app.screen, VerifyScreen))
    assert "learning_rate: 0.1" in steep.read_text()
    assert steep.with_name("steep.yaml.orig").read_text() == before
    await pilot.press("escape")
    await until(pilot, lambda: isinstance(app.screen, RunScreen))
    await pilot.press("r")
    await finished(pilot)
    assert "C302" not in [finding.code for finding in app.screen._diagnosis.findings]


def shown(app, selector):
    return str(app.screen.query_one(selector, Static).render())


def children():
    """Command lines of the scan's and the probes' processes below this one that are alive."""
    return list(_below().values())


def probing():
    """Process numbers of the probes."""
    return [pid for pid, command in _below().items() if "diagnose.probing" in command]


def state(pid):
    """One letter, as ps shows it: T is stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


def _below():
    alive = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rsplit(")", 1)[1].split()[:2]
        except OSError:
            continue
        if int(parent) == os.getpid() and state != "Z":
            command = stat.with_name("cmdline").read_text()
            if "diagnose.probing" in command or "spawn_main" in command:
                alive[int(stat.parent.name)] = command
    return alive
