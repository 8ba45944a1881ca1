"""A loss that is not a number within the first steps.

What it looks for: the loss of each training step of the run.

Why it matters: from there on every weight is not a number either, and the rest of the training is lost.

Example: log(0) of an own loss; a learning rate that makes the first steps explode; fp16 without a scaler.

Fix: lower the learning rate ten times and see whether it stays; look for log, division and sqrt in the loss and the
input.

Source: counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    run = evidence.run
    losses = [step.loss for step in run.course if step.loss is not None]
    bad = next((number for number, loss in enumerate(losses, start=1) if not math.isfinite(loss)), None)
    if bad is not None:
        yield Finding(
            Severity.ERROR,
            summary=f"The loss is not a number at step {bad} of the run.",
            fix="Look at the input and the loss for log, division and sqrt of 0; then lower the learning rate ten "
            "times.",
            measured={"step": bad, "before": losses[: bad - 1][-3:]},
            location=run.loss.location if run.loss else None,
            confidence=Confidence.CERTAIN,
        )


CHECK = Check("R625", "not-a-number", needs=("run.trained",), judge=judge)
