"""An examination for a client: in a thread, one at a time, with progress, a limit, and an end where it is cancelled."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import anyio
from anyio.to_thread import run_sync

from diagnose.controls import Controls
from diagnose.engine import diagnose as events_of
from diagnose.events import Event, Finished, Note, ProbeStarted, ProgramRan, ScanProgress, Working
from diagnose.model import Diagnosis, printable, redacted
from diagnose.request import Request

BEAT = 0.5  # seconds between two looks for progress
Result = TypeVar("Result")


class Reports(Protocol):
    """What progress is sent to: a context of the server."""

    async def report_progress(self, progress: float, total: float | None = None, message: str | None = None) -> None:
        """Send how far the call is."""


@dataclass
class Work:
    """What one call does. stop: set where it is to end soon; doing: what it is at, for the client."""

    stop: threading.Event = field(default_factory=threading.Event)
    doing: str = "starting"

    def examine(self, request: Request) -> Diagnosis:
        """The diagnosis, interrupted where the work was stopped. Raises InputError where it cannot be carried out."""
        for event in events_of(request, Controls(self.stop)):
            self.doing = line_of(event) or self.doing
            if isinstance(event, Finished):
                return event.diagnosis
        raise RuntimeError("the engine ended without a diagnosis")


class Desk:
    """Carries out one piece of work after another: a machine has no room for two trainings."""

    def __init__(self) -> None:
        self._busy = threading.Lock()

    async def carry_out(self, work: Callable[[Work], Result], limit: float, reports: Reports) -> Result:
        """The result of `work`, which is asked to stop after `limit` seconds or where the client cancels the call."""
        under_way = Work()

        def alone() -> Result:
            while not self._busy.acquire(timeout=BEAT):
                under_way.doing = "waiting for the call before this one"
                if under_way.stop.is_set():
                    raise TimeoutError("the call before this one did not end in time")
            try:
                return work(under_way)
            finally:
                self._busy.release()

        async with anyio.create_task_group() as group:
            group.start_soon(_keep_informed, under_way, limit, reports)
            try:
                done = await run_sync(alone, abandon_on_cancel=True)
            finally:
                under_way.stop.set()
                group.cancel_scope.cancel()
        return done


async def _keep_informed(work: Work, limit: float, reports: Reports) -> None:
    begin, last = time.monotonic(), ""
    while True:
        spent = time.monotonic() - begin
        if spent > limit:
            work.stop.set()
        if work.doing != last:
            last = work.doing
            await reports.report_progress(min(spent, limit), limit, printable(redacted(last)))
        await anyio.sleep(BEAT)


def line_of(event: Event) -> str:
    """What the event says of the work, empty where it says nothing new."""
    match event:
        case ScanProgress(done, total):
            return f"scanned {done} of {total} files"
        case ProgramRan(seen):
            return f"the program runs: {seen.steps} training steps"
        case ProbeStarted(arm, seed, arch):
            return f"probe: {arm}, {arch}, seed {seed}"
        case Working(what):
            return what
        case Note(text):
            return text
        case _:
            return ""
