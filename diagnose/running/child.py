"""The parent's side: starts the program in miniature, keeps its time limit, and leaves no process or file behind."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import IO, Any

from diagnose.children import command
from diagnose.model.run import Run
from diagnose.running.job import RunJob

LIMIT = 60.0  # seconds for one run, where the budget has them
GRACE = 3.0  # seconds over the limit, after which the program is killed
POLL = 0.2
LARGEST_FILE = 1 << 30  # bytes; the program's own saving beyond that fails as on a full disk
LARGEST_SCRATCH = 4 << 30  # bytes in all, beyond which the run is ended
LAST = 4000  # characters of output that are kept where the process dies without a word
TOKEN = "DIAGNOSE_RUN"  # in the environment of every process of a run, by which none is missed


@dataclass(frozen=True)
class Asked:
    """program: the file; arguments: its command line; shown: the command as typed; limit: seconds.
    steps, seed: as of RunJob."""

    program: Path
    arguments: tuple[str, ...]
    shown: str
    limit: float = LIMIT
    offline: bool = False
    steps: int = 0
    seed: int = 0


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
    scratch = Path(tempfile.mkdtemp(prefix="diagnose-run-"))
    token = uuid.uuid4().hex
    read, write = os.pipe()
    job = RunJob(
        str(asked.program),
        asked.arguments,
        asked.shown,
        str(scratch),
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
            env={**os.environ, **_places(scratch), TOKEN: token},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[write],
            start_new_session=True,
            preexec_fn=_limited,
        )
    finally:
        os.close(write)
    assert process.stdout is not None
    threading.Thread(target=output.drain, args=(process.stdout,), daemon=True).start()
    last = Run(asked.shown)
    try:
        for last in _summaries(read, process, time.monotonic() + limit + GRACE, scratch, stop):
            if last.ended != "running":
                break
            yield last
    finally:
        os.close(read)
        _end(process, token)
        shutil.rmtree(scratch, ignore_errors=True)
    if last.ended in ("running", ""):
        last = replace(last, ended="stopped" if stop.is_set() else "crashed", why=_how(process, output, stop, limit))
        last = replace(last, output=last.output or output.last())
    yield last


def _summaries(
    read: int, process: subprocess.Popen[bytes], deadline: float, scratch: Path, stop: threading.Event
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
                if _size(scratch) > LARGEST_SCRATCH:
                    return
            if process.poll() is not None and not selector.select(0):
                return


def _places(scratch: Path) -> dict[str, str]:
    """Where temporary files and caches of native code go; compiled modules are not kept."""
    return {"TMPDIR": str(scratch), "HF_DATASETS_CACHE": str(scratch / "datasets"), "PYTHONDONTWRITEBYTECODE": "1"}


def _size(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_size
    return total


def _limited() -> None:
    import resource

    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


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


def _end(process: subprocess.Popen[bytes], token: str) -> None:
    """Ends the process, its group, and whatever else carries the run's token."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(1.0 if number == signal.SIGTERM else 10.0)
            if number == signal.SIGKILL:
                break
    mark = f"{TOKEN}={token}".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                os.kill(int(entry.name), signal.SIGKILL)


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
