"""Gradients that are never cleared.

What it looks for: a loop that calls backward and the optimizer's step, and nowhere in it zero_grad (of the optimizer or
the network) nor grads set to None. Before backward or after step is the same, and right.

Why it matters: PyTorch adds to the gradients that are there. Each step follows the sum of all batches so far: the
effective rate grows without end, and the loss oscillates or diverges.

Example: `loss.backward(); optimizer.step()` alone.

Fix: optimizer.zero_grad() once per step.

Source: torch.optim, "optimizer.zero_grad()"; missing zero_grad is a fault class of NeuraLint and TrainCheck.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, NotExamined, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    program = evidence.program
    if program.managed_by:
        return  # the library's loop clears them
    backward, steps = program.in_training("backward"), program.in_training("step")
    if not backward or not steps:
        raise NotExamined("no loop with backward() and an optimizer's step() was found")
    cleared = [act for act in program.acts if act.what == "zero_grad"]
    if any(act.phase == "train" for act in cleared):
        return
    between = [act for act in cleared if act.phase == "between"]
    how = f"cleared only once an epoch (line {between[0].location.line})" if between else "never cleared"
    yield Finding(
        Severity.ERROR,
        summary=f"The gradients are {how}: every backward() adds to those of all batches before.",
        fix="Call optimizer.zero_grad() before backward(), for every batch.",
        measured={"backward": backward[0].location.line, "zero_grad": [act.location.line for act in cleared]},
        location=backward[0].location,
        rewrites=("clear-gradients",),
    )


CHECK = Check("C310", "no-zero-grad", needs=("program",), judge=judge)
