"""Losses of earlier batches that keep their graphs.

What it looks for: sums of losses, after a few training steps, that still hold what autograd needs for each of their
batches.

Why it matters: memory grows with every batch until it is full, in the middle of the first epoch.

Example: total_loss += loss.

When it is wrong: several losses that are added for one backward pass.

Fix: total_loss += loss.item(), or loss.detach().

Source: torch FAQ, "My model reports out of memory": don't accumulate history across your training loop.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity

FEWEST = 3  # losses in one sum


def judge(evidence: Evidence) -> Iterator[Finding]:
    loss = evidence.run.loss
    if loss is not None and loss.graph_kept >= FEWEST:
        yield Finding(
            Severity.ERROR,
            summary=f"A running sum keeps the graphs of {loss.graph_kept} batches: memory grows with each batch.",
            fix="Add loss.item() in place of loss.",
            measured={"batches": loss.graph_kept},
            location=loss.location,
            confidence=Confidence.CERTAIN,
        )


CHECK = Check("R624", "graphs-kept", needs=("run.loss",), judge=judge)
