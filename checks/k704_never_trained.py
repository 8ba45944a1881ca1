"""Batch norms whose statistics are as they were made: mean 0 and variance 1.

What it looks for: batch norms of a checkpoint whose running mean is all zeros and whose running variance is all
ones.

Why it matters: one batch in train mode changes them, so such a layer was never trained, or its statistics were never
updated (momentum 0, or train mode never on). In eval mode the network then normalises by numbers that fit nothing,
and answers at chance however well it trained.

Example: a checkpoint of a network that was frozen by model.eval() all along; a file saved before training.

Fix: save after training; re-estimate the statistics: torch.optim.swa_utils.update_bn(train_loader, model).

When it is wrong: a layer that the forward pass never reaches.

Source: torch.nn.BatchNorm2d, running_mean and running_var."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, NotExamined, Severity

SHOWN = 5


def judge(evidence: Evidence) -> Iterator[Finding]:
    checkpoint = evidence.checkpoint
    tensors = checkpoint.tensors
    if not tensors.count:
        raise NotExamined(checkpoint.lacking)
    fresh = tensors.untrained
    if not fresh:
        return
    whole = len(fresh) == tensors.norms
    yield Finding(
        Severity.WARNING,
        summary=f"{'All' if whole else f'{len(fresh)} of'} {tensors.norms} batch norms have the statistics they "
        "were made with (mean 0, variance 1): no batch has passed through them in train mode.",
        fix="Take a checkpoint from after training, or re-estimate them by torch.optim.swa_utils.update_bn.",
        measured={"layers": list(fresh[:SHOWN])},
        location=checkpoint.location,
        confidence=Confidence.CERTAIN if whole else Confidence.LIKELY,
    )


CHECK = Check("K704", "never-trained", needs=("checkpoint",), judge=judge)
