"""Where a person's program runs: a process of its own session, a scratch folder, limits and an end."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

LARGEST_FILE = 1 << 30  # bytes; the program's own saving beyond that fails as on a full disk
LARGEST_SCRATCH = 4 << 30  # bytes in all, beyond which the run is ended
ROUNDS = 20  # of looking for processes that are left
PR_SET_PDEATHSIG = 1  # of prctl(2)
# In the environment of a child whose parent may be killed without a word, as on a node of a cluster.
TIED = "DIAGNOSE_TIED"
TOKEN = "DIAGNOSE_RUN"  # in the environment of every process of a run, by which none is missed


class Sandbox:
    """A context manager. scratch: the folder for what is written, which goes with it."""

    def __init__(self) -> None:
        self.scratch = Path(tempfile.mkdtemp(prefix="diagnose-run-"))
        self._token = uuid.uuid4().hex

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, tb: TracebackType | None) -> None:
        shutil.rmtree(self.scratch, ignore_errors=True)

    @property
    def environment(self) -> Mapping[str, str]:
        """Where temporary files and caches of native code go, and the run's token; compiled modules are not kept."""
        return {
            "TMPDIR": str(self.scratch),
            "HF_DATASETS_CACHE": str(self.scratch / "datasets"),
            "PYTHONDONTWRITEBYTECODE": "1",
            TOKEN: self._token,
        }

    @property
    def full(self) -> bool:
        """Whether more was written than the disk may take."""
        total = 0
        for place, _, names in os.walk(self.scratch):
            for name in names:
                with contextlib.suppress(OSError):
                    total += os.lstat(os.path.join(place, name)).st_size
        return total > LARGEST_SCRATCH

    def end(self, process: subprocess.Popen[Any]) -> None:
        """Ends the process, its group, and whatever else carries the run's token."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(1.0 if number == signal.SIGTERM else 10.0)
                if number == signal.SIGKILL:
                    break
        for _ in range(ROUNDS):  # what was just being started is found in the next
            if not self._kill_all():
                break

    def _kill_all(self) -> bool:
        """Kills the processes that carry the token; whether one was found."""
        mark, found = f"{TOKEN}={self._token}".encode(), False
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, ValueError):
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    os.kill(int(entry.name), signal.SIGKILL)
                    found = True
        return found


def begin() -> None:
    """For the child, as the first it does: its files' size is limited and it dumps no core, where a sandbox started it;
    and it ends with the thread that started it, on Linux, where its environment holds TIED.

    Done here and not between fork and exec: a fork waits for the threads of OpenBLAS, which then never come back to a
    search that goes on in another thread of the parent.
    """
    import resource

    if TOKEN in os.environ:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if TIED in os.environ:
        import ctypes

        with contextlib.suppress(AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
