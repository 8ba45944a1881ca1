"""A checkpoint whose file can't be read as weights.

What it looks for: a file given with --checkpoint that is cut short, holds no state dict, or is a pickle of more than
tensors, such as a whole model, which only running its code could load. Nothing of such a file is executed.

Why it matters: what can't be loaded here can't be loaded by weights_only=True either, the default of torch.load
since PyTorch 2.6; a whole pickled model breaks with the first renamed module.

Example: torch.save(model, "best.pth").

Fix: torch.save(model.state_dict(), "best.pth").

When it is wrong: a file of another framework than PyTorch, which this tool doesn't read.

Source: PyTorch's documentation, "Saving and Loading Models"; torch.load, weights_only."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    checkpoint = evidence.checkpoint
    if checkpoint.fault:
        yield Finding(
            Severity.ERROR,
            summary=f"The checkpoint can't be read: {checkpoint.fault}.",
            fix="Save the weights alone: torch.save(model.state_dict(), FILE).",
            location=checkpoint.location,
        )


CHECK = Check("K701", "unreadable-checkpoint", needs=("checkpoint",), judge=judge)
