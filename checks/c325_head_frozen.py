"""The new head does not train.

What it looks for: the layer that gives the outputs among the frozen ones when training begins.

Why it matters: a random head that never changes makes the features useless: accuracy stays at chance.

Example: model.fc = nn.Linear(2048, 10) above a loop that sets requires_grad = False for all of model.parameters().

Fix: replace the head after the freezing, or set its requires_grad to True.

Source: "the head frozen" is among the causes in public threads on ResNet50.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, HeadFrozen, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    for seen in evidence.program.facts(HeadFrozen):
        everything = seen.everything
        yield Finding(
            Severity.ERROR,
            summary="Every layer is frozen, the head too: nothing trains."
            if everything
            else "The head is frozen: it never learns.",
            fix="Freeze first and replace the head afterwards, or unfreeze the head.",
            measured={"everything": everything},
            location=seen.location,
        )


CHECK = Check("C325", "head-frozen", needs=("program",), judge=judge)
