"""Steps that change the weights as much as they are long.

What it looks for: the change of the parameters in each optimizer step over their length: above a half in most steps.

Why it matters: what was learned, or pretrained, is gone after a few steps.

Example: Adam with a learning rate of 0.1.

When it is wrong: a network whose weights all begin at zero.

Fix: a learning rate ten to a hundred times smaller.

Source: a usual step changes weights by about a thousandth of their length (Karpathy, CS231n notes).
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, NotExamined, Severity

MOST = 0.5
FEWEST = 3  # steps


def judge(evidence: Evidence) -> Iterator[Finding]:
    run = evidence.run
    ratios = [step.ratio for step in run.course if step.ratio is not None]
    if len(ratios) < FEWEST:
        raise NotExamined("fewer than three steps were measured")
    usual = statistics.median(ratios)
    if usual > MOST:
        rate = run.optimizers[0].learning_rate if run.optimizers else None
        yield Finding(
            Severity.WARNING,
            summary=f"Each step changes the weights by {usual:.2g} of their length"
            + (f" at a learning rate of {rate:.3g}." if rate else "."),
            fix="Lower the learning rate ten to a hundred times.",
            measured={"ratio": usual, "learning_rate": rate},
            location=run.optimizers[0].location if run.optimizers else None,
            confidence=Confidence.LIKELY,
        )


CHECK = Check("R629", "weights-replaced-each-step", needs=("run.trained",), judge=judge)
