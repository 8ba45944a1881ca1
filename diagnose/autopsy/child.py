"""The parent's side of the child: starts it, gives it its job, passes on what it says, and ends it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from types import TracebackType
from typing import IO

from diagnose.autopsy.job import Job
from diagnose.children import command, ending
from diagnose.events import Note
from diagnose.model.checkpoint import Checkpoint
from diagnose.probing.child import WAITING
from diagnose.running.sandbox import TIED, Sandbox

PROGRAM = "diagnose.autopsy"
POLL = 0.1
GRACE = 15.0  # seconds over its time, after which the child is ended


@contextmanager
def examiner(stop: threading.Event, runs_program: bool, folder: str | None = None) -> Iterator[AutopsyProcess]:
    """A process that examines, in a sandbox where it runs a person's program. folder: as of AutopsyProcess."""
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox()) if runs_program else None
        yield stack.enter_context(AutopsyProcess(stop, sandbox, folder))


class AutopsyProcess:
    """An Examiner, and a context manager that leaves no process behind. It imports torch while the images are scanned.
    sandbox: where a person's program runs in it, None where none does; folder: where it runs on a node of a cluster,
    None on this machine, in the current one."""

    def __init__(self, stop: threading.Event, sandbox: Sandbox | None = None, folder: str | None = None) -> None:
        self._stop, self._sandbox = stop, sandbox
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed in __exit__
        own = {**(sandbox.environment if sandbox else {}), **({TIED: "1"} if folder is not None else {})}
        self._process = subprocess.Popen(
            command(PROGRAM),
            env={**WAITING, **os.environ, **own},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C is the parent's to handle
            cwd=folder,
        )
        self.checkpoint: Checkpoint | None = None
        self.hits = ""
        self.why = ""

    def __enter__(self) -> AutopsyProcess:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, tb: TracebackType | None) -> None:
        self._end()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        self._log.close()

    def run(self, job: Job) -> Iterator[Note]:
        """Examines the checkpoint; yields what it is at."""
        yield from (note for note in self.steps(job) if note is not None)

    def steps(self, job: Job) -> Iterator[Note | None]:
        """As `run`, with None where what is known has changed."""
        from pydantic import TypeAdapter

        assert self._process.stdin is not None
        assert self._process.stdout is not None
        if self._sandbox is not None:
            job = replace(job, scratch=str(self._sandbox.scratch))
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(TypeAdapter(Job).dump_json(job).decode() + "\n")
            self._process.stdin.flush()
        deadline = time.monotonic() + job.seconds + GRACE
        ended = threading.Event()
        threading.Thread(target=self._watch, args=(deadline, ended), daemon=True).start()
        known = TypeAdapter(Checkpoint)
        for line in self._process.stdout:
            kind, _, rest = line.rstrip("\n").partition(" ")
            if kind == "note":
                yield Note(rest)
            elif kind == "hits":
                self.hits = rest
                yield None
            elif kind == "checkpoint":
                with contextlib.suppress(ValueError):  # a line cut short by the end of the process
                    self.checkpoint = known.validate_json(rest)
                yield None
        code = self._process.wait()
        ended.set()
        if code and not self._stop.is_set():
            self.why = self._failure(code, time.monotonic() > deadline, job.seconds)

    def _failure(self, code: int, late: bool, seconds: float) -> str:
        if late:
            return f"it was not examined within {seconds:.0f} s"
        self._log.seek(0)
        return f"its process ended early ({ending(code, self._log.read().decode('utf-8', 'replace'))})"

    def _watch(self, deadline: float, ended: threading.Event) -> None:
        while not ended.wait(POLL):
            if self._stop.is_set() or time.monotonic() > deadline:
                self._end()
                return

    def _end(self) -> None:
        if self._sandbox is not None:
            self._sandbox.end(self._process)
        elif self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
