"""A real terminal for tests: the command in tmux, its keys and what stands on its screen."""

from __future__ import annotations

import shlex
import subprocess
import time
import uuid
from pathlib import Path


class Terminal:
    """A context manager that runs a command in a terminal of its own. record: every key with the screen it led to."""

    def __init__(self, command: list[str], folder: Path, size: tuple[int, int] = (100, 30), **variables: str) -> None:
        self._socket = f"diagnose-{uuid.uuid4().hex[:8]}"
        words = [
            "env",
            "-u",
            "COLUMNS",
            "-u",
            "LINES",
            *(f"{name}={value}" for name, value in variables.items()),
            *command,
        ]
        wide, high = map(str, size)
        line = f"cd {shlex.quote(str(folder))} && {shlex.join(words)}; echo ended with $?; sleep 600"
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", wide, "-y", high, "bash", "-c", line)
        self.keys = 0
        self.record: list[str] = []

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self._tmux("kill-server", check=False)

    def press(self, *keys: str) -> None:
        """Each is a character or tmux's name of a key, such as Enter or Down."""
        for key in keys:
            self._tmux("send-keys", key)
            self.keys += 1
            self.record.append(f"\n=== key {self.keys}: {key}\n")
            time.sleep(0.3)

    @property
    def screen(self) -> str:
        return self._tmux("capture-pane", "-p").rstrip()

    def wait_for(self, *texts: str, seconds: float = 60.0) -> str:
        """The screen, once one of the texts stands on it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            screen = self.screen
            if any(text in screen for text in texts):
                self.record.append(screen + "\n")
                return screen
            time.sleep(0.1)
        raise AssertionError(f"none of {texts} within {seconds} s; the screen is:\n{self.screen}")

    def wait_until_gone(self, text: str, seconds: float = 60.0) -> str:
        """The screen, once the text stands on it no more."""
        end = time.monotonic() + seconds
        while text in self.screen:
            assert time.monotonic() < end, f"{text!r} is there after {seconds} s; the screen is:\n{self.screen}"
            time.sleep(0.1)
        return self.screen

    def _tmux(self, *words: str, check: bool = True) -> str:
        ran = subprocess.run(["tmux", "-L", self._socket, *words], capture_output=True, text=True, check=check)
        return ran.stdout
