"""What a folder would be read as, found out in a process of its own: a home folder or a disk takes longer than anyone
waits, and what is ended with the screen holds nobody up."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from typing import Any

from diagnose.children import command

PROGRAM = "diagnose.preview"
POLL = 0.05  # seconds
PATIENCE = 8.0  # seconds; CIFAR-10's 60,000 files take two


async def looked_at(what: str, path: str) -> dict[str, Any] | None:
    """The fields of `diagnose.preview`'s answer; None where there is none, or it takes too long. what: "here" or
    "preview". The process ends with the task that waits for it."""
    began = time.monotonic()
    with subprocess.Popen(command(PROGRAM, what, path), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            while process.poll() is None and time.monotonic() - began < PATIENCE:
                await asyncio.sleep(POLL)
        finally:
            process.kill()  # one that has ended does not mind
        assert process.stdout is not None
        out = process.stdout.read()  # a sentence: it fits into the pipe
    answer: dict[str, Any] | None = json.loads(out) if process.returncode == 0 else None
    return answer
