"""An optimizer that is made again for the same parameters in every epoch or batch.

What it looks for: three optimizers of the same class or more that are made at one line, hold the same parameters at the
same learning rate, and each step in one epoch at most.

Why it matters: momentum and Adam's averages begin from nothing each time, and a schedule that is made with it begins
from its start.

Example: optimizer = torch.optim.Adam(model.parameters()) as the first line of the loop over epochs.

Fix: make it once, before the loop.

When it is wrong: a training that restarts its optimizer on purpose.

Source: the optimizers that the program made, and what they hold.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity
from diagnose.model.mistakes import found

RULES = {"optimizer made again": (Severity.WARNING, "Make the optimizer and its schedule once, before the loop.")}


def judge(evidence: Evidence) -> Iterator[Finding]:
    yield from found(evidence.run.mistakes, RULES)


CHECK = Check("R638", "optimizer-made-again", needs=("run.training",), judge=judge)
