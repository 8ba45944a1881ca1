"""Gradients of several batches are added up, and the loss isn't divided by their number.

What it looks for: backward() for each batch and a step for every Nth one, where neither the loss nor the gradients are
divided.

Why it matters: the step follows the sum of N batches, not their mean: with SGD the learning rate is N times as high as
it says, and a limit on the gradients' norm N times as tight. Adam divides such a factor out again.

Example: `loss.backward()` and `if (i + 1) % 8 == 0: optimizer.step()`.

Fix: (loss / N).backward().

When it is wrong: where the learning rate was chosen for the sum. It is info with Adam and its kind. A loss with
reduction="sum", a loss of unknown origin, and Accelerate's and Lightning's own accumulation are left alone.

Source: Goyal et al. 2017, section 2.1 and 3, on the sum and mean over larger batches; Accelerate's guide "Performing
gradient accumulation".
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import (
    Accumulation,
    Check,
    Confidence,
    Evidence,
    Finding,
    Severity,
    optimizer_kind,
    optimizer_label,
)


def judge(evidence: Evidence) -> Iterator[Finding]:
    name = evidence.config.optimizer.value
    divides = optimizer_kind(name) in ("adam", "other")
    for one in evidence.program.facts(Accumulation):
        if one.scaled or one.cleared is not None:
            continue  # what clears them adds up nothing, which is C327's
        count = f"{one.batches} batches" if one.batches else "several batches"
        times = f"{one.batches} times" if one.batches else "as many times"
        yield Finding(
            Severity.INFO if divides else Severity.WARNING,
            summary=f"The gradients of {count} are added up for one step, and the loss is not divided by their number: "
            + (
                f"{optimizer_label(name)} divides that out again, but not a limit on their norm."
                if divides
                else f"the step is {times} as large as the learning rate says."
            ),
            fix=f"Divide it: (loss / {one.batches or 'N'}).backward().",
            measured={"batches": one.batches, "optimizer": name},
            location=one.location,
            confidence=Confidence.CERTAIN if one.batches else Confidence.LIKELY,
            rewrites=("divide-loss",),
        )


CHECK = Check("C342", "accumulation-unscaled", needs=("program", "config"), judge=judge)
