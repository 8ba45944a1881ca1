"""The parent's side: starts the process, keeps its time limit, and turns a crash into an answer."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from diagnose.children import command
from diagnose.model import Location, OwnNetwork

POLL = 0.1


def is_name(source: str) -> bool:
    """Whether it is "package.module:factory"."""
    module, colon, factory = source.partition(":")
    return bool(colon) and all(part.isidentifier() for part in (*module.split("."), *factory.split(".")))


def measure(
    source: str, classes: int, size: int, folders: tuple[Path, ...], seconds: float, stop: threading.Event
) -> OwnNetwork:
    """The network that `source` ("package.module:factory") makes, measured within `seconds`.

    folders: where its modules are looked for, before the installed ones. A crash, an endless loop or a wrong kind of
    object is an answer (OwnNetwork.crash).
    """
    from pydantic import TypeAdapter

    request = {"source": source, "classes": classes, "size": size, "folders": [str(folder) for folder in folders]}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command("diagnose.network", json.dumps(request)),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=log,
            start_new_session=True,
        )
        deadline = time.monotonic() + seconds
        while process.poll() is None and time.monotonic() < deadline and not stop.is_set():
            time.sleep(POLL)
        late = process.poll() is None
        if late:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        out.seek(0)
        lines = out.read().decode("utf-8", "replace").strip().splitlines()
        log.seek(0)
        printed = log.read().decode("utf-8", "replace").strip().splitlines()
    for line in reversed(lines):
        with contextlib.suppress(ValueError):
            return TypeAdapter(OwnNetwork).validate_json(line)
    if late:
        return OwnNetwork(source, classes, size, crash=f"it was not built and measured within {seconds:.0f} s")
    code = process.returncode
    how = f"killed by {signal.Signals(-code).name}" if code < 0 else printed[-1] if printed else f"exit status {code}"
    return OwnNetwork(source, classes, size, crash=f"its process ended: {how}", location=_place(printed))


def _place(traceback: list[str]) -> Location | None:
    """The last line of a person's own file in a traceback."""
    for line in reversed(traceback):
        words = line.strip()
        if words.startswith('File "') and "site-packages" not in words and f"{os.sep}diagnose{os.sep}" not in words:
            file, _, rest = words.removeprefix('File "').partition('"')
            digits = rest.removeprefix(", line ").split(",")[0]
            return Location(file, int(digits)) if digits.isdigit() else None
    return None
