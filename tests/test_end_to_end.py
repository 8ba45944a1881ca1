"""The real command, from a shell in a real terminal: from `diagnose` to a verified fix.

DIAGNOSE_RECORD=FILE keeps every key with the screen that it led to.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from terminal import Terminal

COMMAND = [sys.executable, "-m", "diagnose"]
MOST_KEYS = 10

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")]


def processes(cache):
    """Processes that were started with this cache folder, and what is below them."""
    ran = subprocess.run(["ps", "axeww", "-o", "args="], capture_output=True, text=True, check=True)
    return [line for line in ran.stdout.splitlines() if f"XDG_CACHE_HOME={cache}" in line and "diagnose" in line]


def test_from_the_first_screen_to_a_verified_fix_and_back_at_the_next_start(tmp_path):
    cache = tmp_path / "cache"
    variables = {"XDG_CACHE_HOME": str(cache), "TERM": "xterm-256color"}
    command = [*COMMAND, "--offline", "--budget", "110s"]  # room for two pairs on a slow machine
    with Terminal(command, tmp_path, **variables) as terminal:
        terminal.wait_for("sample  rate_too_high")
        terminal.wait_until_gone("looking at this folder")  # there is nothing
        terminal.press("Down", "Enter")
        terminal.wait_for("Probing: ")
        terminal.press("c")  # enough seen
        terminal.wait_for("Do not start the full training run yet")
        screen = terminal.wait_for("+learning_rate: 0.01")
        assert "C302" in screen
        terminal.press("v")
        screen = terminal.wait_for("C302 is gone", seconds=240)
        assert "Verified" in screen
        assert "the change gains +" in screen
        assert terminal.keys < MOST_KEYS
        terminal.press("a")
        terminal.wait_for("Write this?")
        terminal.press("Escape", "q")
        screen = terminal.wait_for("ended with 0")
        assert "Do not start the full training run yet" in screen  # printed where the screen was
        assert not [line for line in processes(cache) if "sleep 600" not in line]
        record = "".join(terminal.record)
    with Terminal(command, tmp_path, **variables) as terminal:
        terminal.wait_for("resume  photos + rate_too_high.yaml")
        terminal.press("q")
        terminal.wait_for("ended with 0")
    if place := os.environ.get("DIAGNOSE_RECORD"):
        Path(place).write_text(record, encoding="utf-8")


def test_a_killed_run_offers_itself_at_the_next_start(tmp_path):
    variables = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "TERM": "xterm-256color"}
    with Terminal([*COMMAND, "--offline"], tmp_path, **variables) as terminal:
        terminal.wait_for("sample  rate_too_high")
        terminal.wait_until_gone("looking at this folder")  # there is nothing
        terminal.press("Down", "Enter")
        terminal.wait_for("1 Findings")
        (pid,) = [
            int(path.parent.name)
            for path in Path("/proc").glob("[0-9]*/environ")
            if readable(path) and str(tmp_path) in readable(path) and runs_diagnose(path.parent)
        ]
        os.kill(pid, 9)
        terminal.wait_for("ended with 137")
    with Terminal([*COMMAND, "--offline"], tmp_path, **variables) as terminal:
        terminal.wait_for("resume  photos + rate_too_high.yaml  it was cut short")
        terminal.press("q")
        terminal.wait_for("ended with 0")


def readable(path):
    try:
        return path.read_text()
    except OSError:
        return ""


def runs_diagnose(process):
    """Whether it is the command itself, not its shell, tmux or probes."""
    words = readable(process / "cmdline").split("\0")
    return words[1:3] == ["-m", "diagnose"]
