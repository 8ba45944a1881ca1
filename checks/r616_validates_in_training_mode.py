"""Validation in training mode.

What it looks for: the mode of batch norm and dropout in calls that no backward pass followed from.

Why it matters: dropout removes features at random and batch norm uses the statistics of the validation batch, and
updates its own with them: accuracy is noisy, too low, and depends on the batch.

Example: a validation loop without model.eval().

When it is wrong: dropout that is left on to estimate uncertainty.

Fix: call model.eval() before validation, and model.train() after it.

Source: torch.nn.Module.eval; observed at each call.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    run = evidence.run
    if not run.trained.has_modes:
        return
    modes = dict(run.modes.held_out)
    wrong, right = modes.get(True, 0), modes.get(False, 0)
    if wrong >= 2 and wrong > right:
        yield Finding(
            Severity.ERROR,
            summary=f"Validation runs in training mode ({wrong} of {wrong + right} calls): dropout is on, and batch "
            "norm "
            "takes its statistics from the validation batch.",
            fix="Call model.eval() before validation, and model.train() after it.",
            measured={"training_mode": wrong, "evaluation_mode": right},
            location=run.held_out.location,
            confidence=Confidence.CERTAIN,
        )


CHECK = Check("R616", "validates-in-training-mode", needs=("run.trained", "run.held_out"), judge=judge)
