"""Driving the TUI in tests: opening it on a request, waiting, reading what stands there."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from textual.widgets import Static

from diagnose.engine import Request
from diagnose.tui.app import DiagnoseApp
from diagnose.tui.run import RunScreen

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
