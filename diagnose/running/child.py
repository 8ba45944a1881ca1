"""The parent's side: starts the program in miniature, keeps its time limit, and leaves no process or file behind."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import IO, Any

from diagnose.children import command
from diagnose.model.run import Run
from diagnose.running.job import RunJob
from diagnose.running.sandbox import TIED, Sandbox

LIMIT = 60.0  # seconds for one run, where the budget has them
GRACE = 3.0  # seconds over the limit, after which the program is killed
POLL = 0.2
LAST = 4000  # characters of output that are kept where the process dies without a word


@dataclass(frozen=True)
class Asked:
    """program: the file; arguments: its command line; shown: the command as typed; limit: seconds.
    steps, seed: as of RunJob. folder: where it runs on a node of a cluster, None on this machine, in the current
    one."""

    program: Path
    arguments: tuple[str, ...]
    shown: str
    limit: float = LIMIT
    offline: bool = False
    steps: int = 0
    seed: int = 0
    folder: str | None = None


@cache
def _reader() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(Run)


def run(asked: Asked, stop: threading.Event) -> Iterator[Run]:
    """Yields what was seen so far, the last of them the whole.

    A program that fails on batches that were cut to a few images is run once more with whole ones; where it failed
    after its validation, with a whole validation too, of which it may need every answer.
    """
    begin = time.monotonic()
    last = Run(asked.shown, ended="crashed", why="the run's process ended before it said anything")
    for last in _once(asked, asked.limit, stop):
        yield last
    left = asked.limit - (time.monotonic() - begin)
    if last.ended == "crashed" and left > 0.3 * asked.limit and not stop.is_set():
        again = list(_once(asked, left, stop, True, last.validated))[-1]
        if again.steps >= last.steps:
            yield again


def _once(
    asked: Asked, limit: float, stop: threading.Event, whole_batches: bool = False, whole_passes: bool = False
) -> Iterator[Run]:
    with Sandbox() as sandbox:
        yield from _inside(sandbox, asked, limit, stop, whole_batches, whole_passes)


def _inside(
    sandbox: Sandbox, asked: Asked, limit: float, stop: threading.Event, whole_batches: bool, whole_passes: bool
) -> Iterator[Run]:
    read, write = os.pipe()
    job = RunJob(
        str(asked.program),
        asked.arguments,
        asked.shown,
        str(sandbox.scratch),
        limit,
        whole_batches,
        whole_passes,
        asked.offline,
        asked.steps,
        asked.seed,
        sink=write,
    )
    output = _Output()
    try:
        process = subprocess.Popen(
            command("diagnose.running", json.dumps(asdict(job))),
            env={**os.environ, **sandbox.environment, **({TIED: "1"} if asked.folder is not None else {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[write],
            start_new_session=True,
            cwd=asked.folder,
        )
    finally:
        os.close(write)
    assert process.stdout is not None
    threading.Thread(target=output.drain, args=(process.stdout,), daemon=True).start()
    last = Run(asked.shown)
    try:
        for last in _summaries(read, process, time.monotonic() + limit + GRACE, sandbox, stop):
            if last.ended != "running":
                break
            yield last
    finally:
        os.close(read)
        sandbox.end(process)
    if last.ended in ("running", ""):
        last = replace(last, ended="stopped" if stop.is_set() else "crashed", why=_how(process, output, stop, limit))
        last = replace(last, output=last.output or output.last())
    yield last


def _summaries(
    read: int, process: subprocess.Popen[bytes], deadline: float, sandbox: Sandbox, stop: threading.Event
) -> Iterator[Run]:
    """What the child writes, until it has ended, time is up, the disk is filled, or it is stopped."""
    selector = selectors.DefaultSelector()
    selector.register(read, selectors.EVENT_READ)
    rest, looked = b"", time.monotonic()
    with selector:
        while time.monotonic() < deadline and not stop.is_set():
            if selector.select(POLL):
                piece = os.read(read, 1 << 20)
                if not piece:
                    return
                *lines, rest = (rest + piece).split(b"\n")
                for line in lines:
                    with contextlib.suppress(ValueError):
                        yield _reader().validate_json(line)
            if time.monotonic() - looked > 1.0:
                looked = time.monotonic()
                if sandbox.full:
                    return
            if process.poll() is not None and not selector.select(0):
                return


def _how(process: subprocess.Popen[bytes], output: _Output, stop: threading.Event, limit: float) -> str:
    if stop.is_set():
        return "the run was interrupted"
    code = process.returncode
    if code is not None and code < 0 and -code not in (signal.SIGKILL, signal.SIGTERM):
        return f"its process was ended by {signal.Signals(-code).name}"
    if code in (None, -signal.SIGKILL, -signal.SIGTERM):
        return f"it answered nothing within {limit:.0f} s, or wrote more than the disk may take, and was ended"
    lines = output.last().strip().splitlines()
    return f"its process ended with status {code}" + (f": {lines[-1][:200]}" if lines else "")


class _Output:
    """Takes what the program prints, however much that is, and keeps its end."""

    def __init__(self) -> None:
        self._last = b""

    def drain(self, pipe: IO[bytes]) -> None:
        """Reads to the end of the pipe."""
        with contextlib.suppress(OSError, ValueError), pipe:
            while piece := os.read(pipe.fileno(), 1 << 16):
                self._last = (self._last + piece)[-LAST:]

    def last(self) -> str:
        """The end of the output."""
        return self._last.decode("utf-8", "replace")
