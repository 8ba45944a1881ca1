"""A loss that is kept with its computation graph.

What it looks for: a running sum or list of the loss itself in the training loop, without item(), float() or detach().

Why it matters: every kept loss holds on to its computation graph: memory grows from batch to batch, and the
run ends out of memory, often hours in.

Example: running_loss += loss.

Fix: running_loss += loss.item().

Source: PyTorch FAQ, "My model reports cuda runtime error: out of memory": don't accumulate history across the loop.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, GraphKept, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    for seen in evidence.program.facts(GraphKept):
        yield Finding(
            Severity.WARNING,
            summary=f"The loss is kept with its graph in {seen.into}: memory grows with every batch.",
            fix="Add loss.item() in place of loss.",
            measured={"into": seen.into},
            location=seen.location,
            subject=str(seen.into),
            rewrites=("keep-number",),
        )


CHECK = Check("C323", "accumulating-graph", needs=("program",), judge=judge)
