"""A batch size that is no multiple of eight.

What it looks for: a batch size that leaves a remainder when it is divided by eight.

Why it matters: the matrix units of our GPUs work on tiles of eight; other sizes run on padded ones.

Example: batch_size: 100.

Fix: the next multiple of eight.

Source: NVIDIA, "Matrix multiplication background user's guide", section on tile quantisation.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity

TILE = 8  # NVIDIA's guide, for 16-bit floats


def judge(evidence: Evidence) -> Iterator[Finding]:
    batch = evidence.config.batch_size.get()
    if batch % TILE:
        better = -(-batch // TILE) * TILE
        yield Finding(
            Severity.INFO,
            summary=f"A batch of {batch} images is no multiple of {TILE}.",
            fix=f"Use {better}.",
            measured={"batch_size": batch},
            location=evidence.config.batch_size.location,
            changes={"batch_size": better},
        )


CHECK = Check("X901", "batch-not-multiple-of-eight", needs=("config.batch_size",), judge=judge)
