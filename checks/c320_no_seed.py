"""Nothing is seeded.

What it looks for: no call in the program that sets a seed of torch, numpy, random or TensorFlow.

Why it matters: two runs differ by a point or more by chance alone, so the effect of a change cannot be distinguished
from luck, and a failure cannot be reproduced.

Example: a program without torch.manual_seed.

Fix: torch.manual_seed(0) (keras.utils.set_random_seed(0)) at the start, another number for each repetition.

Source: Picard 2021, "torch.manual_seed(3407) is all you need": seeds spread a ResNet's CIFAR-10 accuracy by about
half a point and more.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, NotExamined, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    program = evidence.program
    if program.seeded is None:
        raise NotExamined("whether the program sets a seed is unknown")
    if not program.seeded:
        program.require_complete("seed")
        yield Finding(
            Severity.INFO,
            summary="No seed is set: a difference between two runs may be chance.",
            fix="Call keras.utils.set_random_seed(0) first."
            if program.framework == "keras"
            else "Call torch.manual_seed(0) first.",
            location=program.training,
            rewrites=("set-seed",),
        )


CHECK = Check("C320", "no-seed", needs=("program",), judge=judge)
