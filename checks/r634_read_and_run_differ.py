"""The program does something else than its text says.

What it looks for: fields of the configuration that were read from the program and observed in its run, and differ.

Why it matters: either something overrides the line that was read (a configuration file, a callback, a wrapper), or this
tool misread it. What was observed counts for all other checks.

Example: lr=0.1 in the parser's default, and 0.001 from a file that is loaded later.

Fix: look at the line, and at what changes the value after it.

Source: both values, as read and as observed.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    for one in evidence.run.contradictions:
        yield Finding(
            Severity.INFO,
            summary=f"{one.field}: the program's text gives {one.read}, its run {one.observed}.",
            fix="Look for what changes it after that line.",
            measured={"read": one.read, "observed": one.observed},
            location=one.location,
            confidence=Confidence.CERTAIN,
            subject=one.field,
        )


CHECK = Check("R634", "read-and-run-differ", needs=("run",), judge=judge)
