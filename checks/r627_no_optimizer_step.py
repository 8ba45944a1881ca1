"""Backward passes that no optimizer step follows.

What it looks for: batches that were trained on and optimizer steps: several of the one, none of the other.

Why it matters: the weights never change.

Example: optimizer.step() outside the loop, or under a condition that never holds.

Fix: call optimizer.step() after each backward pass.

Source: counted.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity

FEWEST = 40  # backward passes, more than are accumulated for one step


def judge(evidence: Evidence) -> Iterator[Finding]:
    run = evidence.run
    batches = len(run.training.labels)
    if run.steps == 0 and run.epochs > 1 and batches >= FEWEST:
        yield Finding(
            Severity.ERROR,
            summary=f"{batches} backward passes, and no optimizer step: the weights never change.",
            fix="Call optimizer.step() after each backward pass.",
            measured={"backward": batches, "steps": 0},
            location=run.training.location,
            confidence=Confidence.CERTAIN,
        )


CHECK = Check("R627", "no-optimizer-step", needs=("run.training",), judge=judge)
