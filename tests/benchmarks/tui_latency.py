"""How soon a key answers while the probes train at full load, and how soon they end when they are cancelled.

    python tests/benchmarks/tui_latency.py [KEYS]

Runs the real command on the sample data in a pseudo-terminal of 120 x 40. A key changes the tab; what counts is the
time from writing it to the new tab's own text. Then `c`: until the verdict stands there, and until the last process
of the scan and the probes has ended; then `q`: until the command has ended.
"""

from __future__ import annotations

import fcntl
import os
import pty
import random
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path

SAMPLES = Path(__file__).parents[2] / "sample_data"
TABS = {b"2": b"Images", b"3": b"Now: "}  # a key, and text that only its tab holds
WAIT = 60.0


class Screen:
    """The command in a pseudo-terminal."""

    def __init__(self, *arguments: str) -> None:
        self.pid, self._end = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "xterm-256color"
            os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp()
            os.execv(sys.executable, [sys.executable, "-m", "diagnose", *arguments])
        fcntl.ioctl(self._end, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        os.kill(self.pid, signal.SIGWINCH)

    def press(self, key: bytes) -> None:
        os.write(self._end, key)

    def seconds_until(self, *texts: bytes) -> float:
        """From now to the first chunk with which one of the texts has been written."""
        begin, seen = time.perf_counter(), b""
        while time.perf_counter() - begin < WAIT:
            seen += self.read(0.02)
            if any(text in seen for text in texts):
                return time.perf_counter() - begin
        raise SystemExit(f"{texts} did not come within {WAIT:.0f} s")

    def read(self, seconds: float) -> bytes:
        ready, _, _ = select.select([self._end], [], [], seconds)
        try:
            return os.read(self._end, 1 << 16) if ready else b""
        except OSError:
            return b""

    def rest(self, seconds: float) -> None:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            self.read(0.02)


def below(parent: int) -> list[int]:
    """Processes of this parent that work; multiprocessing's tracker, which does nothing, stays until the end."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, above = stat.read_text().rsplit(")", 1)[1].split()[:2]
        except OSError:
            continue
        if int(above) == parent and state != "Z" and "resource_tracker" not in stat.with_name("cmdline").read_text():
            found.append(int(stat.parent.name))
    return found


def main(keys: int) -> None:
    screen = Screen(str(SAMPLES / "photos"), "--config", str(SAMPLES / "healthy.yaml"), "--offline")
    screen.seconds_until(b"Now: ")
    random.seed(0)
    taken: dict[bytes, list[float]] = {key: [] for key in TABS}
    for number in range(keys):
        screen.rest(random.uniform(0.2, 0.5))
        key = b"32"[number % 2 : number % 2 + 1]
        screen.press(key)
        taken[key].append(1000 * screen.seconds_until(TABS[key]))
    for key, times in taken.items():
        times.sort()
        print(f"{len(times)} times {key.decode()} while probing: median {statistics.median(times):.0f} ms, "
              f"95% within {times[int(0.95 * len(times))]:.0f} ms, at most {times[-1]:.0f} ms")  # fmt: skip
    begin = time.perf_counter()
    screen.press(b"c")
    verdict = screen.seconds_until(b"Stopped before", b"No fault", b"The run should", b"Do not start")
    while below(screen.pid):
        screen.rest(0.02)
    print(f"cancel: verdict after {verdict:.2f} s, last process ended after {time.perf_counter() - begin:.2f} s")
    begin = time.perf_counter()
    screen.press(b"q")
    while os.waitpid(screen.pid, os.WNOHANG) == (0, 0):
        screen.rest(0.02)
    print(f"quit: {time.perf_counter() - begin:.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
