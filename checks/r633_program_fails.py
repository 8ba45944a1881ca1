"""A program that ends with an error in its first steps.

What it looks for: an exception that ended the run after the first batch was read, with whole batches too.

Why it matters: the full training run would end there as well.

Example: labels from 1 to 10 for ten outputs: Target 10 is out of bounds.

When it is wrong: an exception after the first step may come from the run's being cut short; it is reported as not
examined, and is no finding.

Fix: see the message and the line.

Source: the program's own exception. What the machine lacks (a module, a file, a connection, a GPU) is no finding.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    run = evidence.run
    if run.ended == "crashed" and run.feeds and run.location is not None and not run.steps:
        yield Finding(
            Severity.ERROR,
            summary=f"The program fails before its first training step: {run.why}.",
            fix="See the message and the line.",
            measured={"steps": run.steps},
            location=run.location,
            confidence=Confidence.CERTAIN,
        )


CHECK = Check("R633", "program-fails", needs=("run",), judge=judge)
