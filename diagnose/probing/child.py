"""The parent's side of the probe child process: start it, talk to it, end it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import IO, Any

from diagnose.children import command, ending
from diagnose.controls import Controls
from diagnose.probing.job import GIVE_WAY, JOB, Failed, Job, Ready, decode

PROGRAM = "diagnose.probing"  # the module that the child runs
# Threads of GNU OpenMP that wait for each other spin about a tenth as long as by default, and then sleep: as fast on a
# quiet machine, and on a busy one a step that two threads take stalls for a second at most before one takes over
# (probing/threads.py, tests/benchmarks/waiting.py).
WAITING = {"GOMP_SPINCOUNT": "30000"}
KILL_AFTER = 5.0  # seconds between asking and killing
POLL = 0.1


class ProbeProcess:
    """A probe child; a context manager that leaves no process behind.

    `controls` stop, hold or prolong it from another thread at any moment; `deadline` (time.monotonic), once it is set,
    ends it.
    """

    def __init__(self, device: str, controls: Controls) -> None:
        self._controls, self._stop = controls, controls.stop
        self._held_since: float | None = None
        self._closed = threading.Event()
        self.deadline: float | None = None
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed in __exit__
        self._process = subprocess.Popen(
            command(PROGRAM, device, *([GIVE_WAY] if controls.give_way else [])),
            env={**WAITING, **os.environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C is the parent's to handle
        )
        threading.Thread(target=self._watch, daemon=True).start()

    def __enter__(self) -> ProbeProcess:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, tb: TracebackType | None) -> None:
        self._closed.set()
        self._end()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        self._log.close()

    def ready(self, within: float | None = None) -> Ready | Failed:
        """Waits until the child has imported torch and found its device, `within` so many seconds where that is said: a
        child that stands still by then is ended, and Failed."""
        until = time.monotonic() + (within or 0.0)
        timer = threading.Timer(within, self._end) if within is not None else None
        if timer is not None:
            timer.daemon = True
            timer.start()
        try:
            for message in self._messages():
                if isinstance(message, Ready | Failed):
                    return message
            if within is not None and time.monotonic() >= until:
                return Failed(f"the probe process was not ready to train within {within:.0f} s", late=True)
            return self._died()
        finally:
            if timer is not None:
                timer.cancel()

    def run(self, job: Job) -> Iterator[Any]:
        """Sends the job and yields the child's messages; ends with Failed where the child died by itself."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(JOB.dump_json(job).decode() + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            yield self._died()
            return
        yield from self._messages()
        code = self._process.wait()
        if code != 0 and not self._stop.is_set():
            yield self._died()

    def _messages(self) -> Iterator[Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                yield decode(line)
            except ValueError:
                continue  # a line cut short by the end of the process

    def _died(self) -> Failed:
        if self.deadline is not None and time.monotonic() > self.deadline:
            return Failed("the probes outran their budget and were ended", late=True)
        self._process.wait()
        self._log.seek(0)
        how = ending(self._process.returncode, self._log.read().decode("utf-8", "replace"))
        return Failed(f"the probe process ended early ({how})")

    def _watch(self) -> None:
        while self._process.poll() is None and not self._closed.wait(POLL):
            with contextlib.suppress(ProcessLookupError, BrokenPipeError, ValueError):  # it ended meanwhile
                self._hold_or_go_on()
            late = self.deadline is not None and self._held_since is None and time.monotonic() > self.deadline
            if late or self._stop.is_set():
                self._end()

    def _hold_or_go_on(self) -> None:
        """Obeys the controls. Before the child resumes, the time for which it was held is given back."""
        if self.deadline is None:
            return  # nothing runs yet
        if self._controls.held and self._held_since is None:
            os.killpg(self._process.pid, signal.SIGSTOP)
            self._held_since = time.monotonic()
        elif not self._controls.held and self._held_since is not None:
            self._prolong(time.monotonic() - self._held_since)
            self._held_since = None
            os.killpg(self._process.pid, signal.SIGCONT)
        if more := self._controls.take_more():
            self._prolong(more)

    def _prolong(self, seconds: float) -> None:
        assert self._process.stdin is not None
        assert self.deadline is not None
        self.deadline += seconds
        self._process.stdin.write(f"{seconds}\n")
        self._process.stdin.flush()

    def _end(self) -> None:
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            if self._process.poll() is not None:
                return
            try:
                os.killpg(self._process.pid, signal_number)
                if self._held_since is not None:
                    os.killpg(self._process.pid, signal.SIGCONT)  # what stands still cannot hear that it should end
                self._process.wait(KILL_AFTER)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue
