"""Gradients of several batches that are added up and not divided.

What it looks for: backward passes for each step of a plain gradient optimizer, and whether what is differentiated is
the criterion's own value.

Why it matters: the gradient is as many times longer, as if the learning rate were: a rate chosen for one batch is too
high.

Example: loss.backward() in each of 8 batches, then one optimizer.step().

When it is wrong: a learning rate that was lowered to make up for it.

Fix: (loss / batches).backward().

Source: Goyal et al. 2017: the rate grows with the batch, but no further. Optimizers like Adam don't depend on the
scale.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity

FEWEST = 4  # batches; twice as long a gradient is within what a rate tolerates
PLAIN = ("sgd", "asgd", "lars")


def judge(evidence: Evidence) -> Iterator[Finding]:
    for number, optimizer in enumerate(evidence.run.optimizers):
        plain = optimizer.name.lower().startswith(PLAIN)
        if plain and optimizer.passes >= FEWEST and not optimizer.divided and not optimizer.accumulates:
            yield Finding(
                Severity.WARNING,
                summary=f"Gradients of {optimizer.passes} batches are added up for one step and not divided: the step "
                "is "
                f"{optimizer.passes} times as long.",
                fix=f"Divide the loss by {optimizer.passes} before backward().",
                measured={"batches": optimizer.passes},
                location=optimizer.location,
                confidence=Confidence.CERTAIN,
                subject=f"optimizer {number}",
            )


CHECK = Check("R628", "accumulation-not-divided", needs=("run.trained",), judge=judge)
