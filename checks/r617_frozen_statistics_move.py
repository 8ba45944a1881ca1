"""Frozen layers whose batch norm goes on changing.

What it looks for: batch norms whose weights are frozen and whose running mean changed between the first and the last
step of the run.

Why it matters: the frozen layers are not what was pretrained any more: their features drift with small batches of other
images, and differ between training and evaluation.

Example: requires_grad = False for the backbone, then model.train().

When it is wrong: statistics that are adapted to new images on purpose.

Fix: put the frozen part into evaluation mode after each model.train(): backbone.eval().

Source: Keras' guide on fine-tuning keeps frozen batch norm in inference mode; torch updates statistics wherever
training is True.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    moving = evidence.run.trained.moving_statistics_of_frozen
    if moving:
        yield Finding(
            Severity.WARNING,
            summary=f"{len(moving)} frozen batch norms update their statistics in training: {', '.join(moving[:3])}"
            + (" and more." if len(moving) > 3 else "."),
            fix="Put the frozen part into evaluation mode after each model.train(): backbone.eval().",
            measured={"batch_norms": len(moving)},
            location=evidence.run.training.location,
            confidence=Confidence.CERTAIN,
        )


CHECK = Check("R617", "frozen-statistics-move", needs=("run.trained", "run.training"), judge=judge)
