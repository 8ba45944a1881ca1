"""--watch: what is found in a program each time that it is saved, as events for an editor or another program."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import Any

from diagnose.model import Finding, InputError, redacted
from diagnose.rereading import Rereading

POLL = 0.5  # seconds between two looks at the files
SETTLES = 0.1  # seconds that an editor may take to write a file which it has emptied
Event = dict[str, Any]


def watched(program: Rereading, stop: threading.Event, every: float = POLL) -> Iterator[Event]:
    """Events that JSON can hold, until it is stopped: "report" with all findings after each save; before it "gone" with
    those that this save fixed; "unreadable" with the reason, such as a line that is only half written."""
    before: dict[str, Finding] = {}
    while not stop.is_set():
        try:
            found = {finding.fingerprint: finding for finding in program.read()}
        except InputError as fault:
            yield {"event": "unreadable", "why": redacted(str(fault))}
        else:
            if gone := [finding for mark, finding in before.items() if mark not in found]:
                yield _event("gone", gone)
            yield _event("report", found.values())
            before = found
        while not stop.is_set() and not program.changed:
            stop.wait(every)
        stop.wait(min(every, SETTLES))


def _event(name: str, findings: Iterable[Finding]) -> Event:
    return {"event": name, "findings": [_record(finding) for finding in findings]}


def _record(finding: Finding) -> dict[str, Any]:
    at = finding.location
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "summary": finding.summary,
        "fix": finding.fix,
        "location": {"file": at.file, "line": at.line, "cell": at.cell} if at else None,
        "fingerprint": finding.fingerprint,
    }
