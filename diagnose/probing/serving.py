"""What the probe child process does: a Job on stdin, events as JSON lines on stdout."""

from __future__ import annotations

import os
import sys
import threading
from typing import Any, TextIO

from diagnose.model import InputError
from diagnose.probing.budgeted import Budgeted
from diagnose.probing.device import wake
from diagnose.probing.job import JOB, Failed, Ready, encode
from diagnose.probing.own.session import OwnSession
from diagnose.probing.session import ProbeSession, find_device
from diagnose.probing.threads import Threads, processors


def serve(asked: str) -> None:
    """Run the session that the Job on stdin describes; a wrong request is reported as Failed, not raised. asked: the
    device, by its name or "auto"."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a stray print of some library is a log, not an event

    def emit(message: Any) -> None:
        out.write(encode(message) + "\n")
        out.flush()

    try:
        device = find_device(asked)
        own = "OMP_NUM_THREADS" in os.environ  # as many as the person wants
        threads = None if own or device.type != "cpu" else Threads(processors())
        emit(Ready(device.type))
        wake(device)
        line = sys.stdin.readline()
        if not line:
            return
        job = JOB.validate_json(line)
        kind = _tuning() if job.tune else OwnSession if job.network else ProbeSession
        session = kind(job, device, emit, threads=threads)
        _follow(sys.stdin, session)
        session.run()
    except InputError as fault:
        emit(Failed(str(fault), usage=True))


def _tuning() -> type[ProbeSession]:
    """The session that searches for a better recipe; it needs Optuna, an extra, which no other does."""
    from diagnose.probing.tuning.session import TuneSession

    return TuneSession


def _follow(stdin: TextIO, session: Budgeted) -> None:
    """Takes more time from the parent, a number of seconds per line, and dies with it: the parent holds the other end
    of stdin open for as long as it lives."""

    def follow() -> None:
        for line in iter(stdin.readline, ""):
            session.prolong(float(line))
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
