"""A checkpoint that scores far better in another precision than the one it is evaluated in.

What it looks for: the same weights on the same images in 32-bit floats where the program computes in 16 bits (seen
where it is run, --run), else in bfloat16; and that the change restores the score as K705 means it.

Why it matters: float16 ends at 65,504. Sums of squares, softmax of large logits and normalisations of pixels of 0..255
overflow to infinity, and every answer behind them is NaN or the same class.

Example: model.half() around a layer that sums the squares of an image.

Fix: evaluate in 32 bits, or keep that layer in 32 bits (torch.autocast(enabled=False)).

When it is wrong: weights that were trained in bfloat16 on purpose; then the training's precision is the right one.

Source: IEEE 754-2019, binary16; Micikevicius et al. 2018, "Mixed Precision Training"."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity
from diagnose.model.checkpoint import PRECISION


def judge(evidence: Evidence) -> Iterator[Finding]:
    checkpoint = evidence.checkpoint
    restored = checkpoint.restored
    if restored is None or restored.kind != PRECISION:
        return
    yield Finding(
        Severity.ERROR if restored.read else Severity.WARNING,
        summary=f"The checkpoint {restored.scores}.",
        fix=f"Evaluate it with {restored.words}, or keep the layer that overflows in 32 bits.",
        measured={"change": restored.words, **restored.measured},
        location=checkpoint.location,
        confidence=Confidence.SHOWN,
    )


CHECK = Check("K715", "half-precision", needs=("checkpoint.accuracy",), judge=judge)
