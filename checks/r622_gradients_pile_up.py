"""Gradients that are never cleared.

What it looks for: gradients of a step that are still there at the backward pass after it.

Why it matters: each step follows the sum of all gradients since the beginning, which grows and points backwards in
time. The loss swings or diverges.

Example: a loop of forward, backward and step without optimizer.zero_grad().

Fix: call optimizer.zero_grad() once for each step.

Source: torch.Tensor.backward accumulates into .grad.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    for number, optimizer in enumerate(evidence.run.optimizers):
        if optimizer.accumulates:
            yield Finding(
                Severity.ERROR,
                summary=f"Gradients are never cleared: those of earlier steps of {optimizer.name} were still there at "
                "the "
                "next backward pass.",
                fix="Call optimizer.zero_grad() before each backward(), or after each step().",
                measured={"optimizer": optimizer.name, "steps": evidence.run.steps},
                location=optimizer.location,
                confidence=Confidence.CERTAIN,
                subject=f"optimizer {number}",
            )


CHECK = Check("R622", "gradients-pile-up", needs=("run.trained",), judge=judge)
