"""Gradients that are never cleared.

What it looks for: a loop that calls backward and the optimizer's step, and neither calls zero_grad (of the optimizer or
the network) nor sets grads to None. Before backward and after step are equally right.

Why it matters: PyTorch adds to the gradients that are there. Each step follows the sum of all batches so far: the
effective rate grows without end, and the loss oscillates or diverges.

Example: `loss.backward(); optimizer.step()` alone.

Fix: optimizer.zero_grad() once per step.

Source: torch.optim, "optimizer.zero_grad()"; missing zero_grad is a fault class of NeuraLint and TrainCheck.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Act, Check, Evidence, Finding, NotExamined, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    program = evidence.program
    if program.managed_by or evidence.saw_cleared_gradients:
        return  # the library's loop clears them
    trainings = [acts for acts in program.trainings() if _steps(acts)]
    if not trainings:
        raise NotExamined("no loop with backward() and an optimizer's step() was found")
    for acts in trainings:
        cleared = [act for act in acts if act.what == "zero_grad"]
        lacking = _lacking(acts)
        if not lacking:
            continue
        program.require_complete("zero_grad")
        backward, steps = _steps(acts)[0], [act for act in acts if act.what == "step" and act.subject in lacking]
        between = [act for act in cleared if act.phase == "between" and act.subject in lacking]
        how = f"cleared only once per epoch (line {between[0].location.line})" if between else "never cleared"
        several = len({act.subject for act in acts if act.what == "step"}) > len(lacking)
        whose = f" of the optimizer that steps at line {steps[0].location.line}" if several and steps else ""
        yield Finding(
            Severity.ERROR,
            summary=f"The gradients{whose} are {how}: every backward() adds to those of all batches before.",
            fix="Call optimizer.zero_grad() before backward(), for every batch.",
            measured={"backward": backward.location.line, "zero_grad": [act.location.line for act in cleared]},
            location=backward.location,
            subject=f"training {backward.training + 1}" if backward.training else "",
            rewrites=("clear-gradients",),
        )


def _lacking(acts: tuple[Act, ...]) -> set[int]:
    """The optimizers that step in the batch loop and whose gradients nothing in it clears.

    What clears the gradients of something else than one of the optimizers, such as the network's, is taken to clear
    those of all.
    """
    inside = [act for act in acts if act.phase == "train"]
    stepped = {act.subject for act in inside if act.what == "step"}
    cleared = {act.subject for act in inside if act.what == "zero_grad"}
    return set() if cleared - stepped else stepped - cleared


def _steps(acts: tuple[Act, ...]) -> list[Act]:
    """The backward() calls of a training whose batch loop steps an optimizer, none for another."""
    inside = [act for act in acts if act.phase == "train" and act.level == "batch"]
    return [act for act in inside if act.what == "backward"] if any(act.what == "step" for act in inside) else []


CHECK = Check("C310", "no-zero-grad", needs=("program",), judge=judge)
