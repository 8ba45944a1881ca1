"""Weights that aren't numbers, or that are all one number.

What it looks for: NaN or infinity in any tensor of a checkpoint; weight matrices and kernels whose values are all
the same.

Why it matters: a network with NaN answers NaN for every image; argmax then gives the first class, so that its
accuracy is that class's share. A constant kernel has lost what it learned, or never learned.

Example: a checkpoint of the epoch after the loss became NaN.

Fix: take an earlier checkpoint; train with a lower learning rate, clipped gradients, or bfloat16 in place of
float16.

When it is wrong: layers that are meant to begin at zero, such as the last ones of a residual branch in a checkpoint
that was saved before training.

Source: counted in the file."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, NotExamined, Severity

SHOWN = 5


def judge(evidence: Evidence) -> Iterator[Finding]:
    checkpoint = evidence.checkpoint
    tensors = checkpoint.tensors
    if not tensors.count:
        raise NotExamined(checkpoint.lacking)
    if tensors.not_finite:
        yield Finding(
            Severity.ERROR,
            summary=f"{len(tensors.not_finite)} of {tensors.count} tensors hold NaN or infinity (first: "
            f"{tensors.not_finite[0]}).",
            fix="Take an earlier checkpoint, and train with a lower learning rate or clipped gradients.",
            measured={"tensors": list(tensors.not_finite[:SHOWN])},
            location=checkpoint.location,
            subject="finite",
        )
    if tensors.constant:
        yield Finding(
            Severity.WARNING,
            summary=f"{len(tensors.constant)} of {tensors.count} tensors hold one value throughout (first: "
            f"{tensors.constant[0]}).",
            fix="Look for layers that were never trained, or were set to zero.",
            measured={"tensors": list(tensors.constant[:SHOWN])},
            location=checkpoint.location,
            subject="constant",
        )


CHECK = Check("K703", "weights-not-finite", needs=("checkpoint",), judge=judge)
