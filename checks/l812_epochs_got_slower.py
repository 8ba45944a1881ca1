"""The logged epochs got slower.

What it looks for: the median time of the last third of the epochs at 1.5 times that of the first third (without the
very first epoch) or more, with nearly every late epoch above the early median.

Why it matters: the run costs that much more than it began with: a memory that fills up, a list that grows (losses kept
with their graphs), a disk or a machine that others share.

Example: 60 s an epoch at the beginning, 140 s at the end.

Fix: keep loss.item() in place of the loss, empty lists each epoch, watch memory; unfreezing explains a step.

Source: medians of thirds; the first epoch holds start-up and caching.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from diagnose.model import SECONDS, Check, Confidence, Evidence, Finding, Severity

SLOWER = 1.5
FEWEST = 9  # epochs after the first
ABOVE = 0.8  # of the late epochs above the early median


def judge(evidence: Evidence) -> Iterator[Finding]:
    for run in evidence.history.runs:
        curve = run.curve(SECONDS)
        values = [point.value for point in curve.finite][1:] if curve else []
        if len(values) < FEWEST or min(values) <= 0:
            continue
        third = len(values) // 3
        early, late = median(values[:third]), median(values[-third:])
        if late < SLOWER * early or sum(value > early for value in values[-third:]) < ABOVE * third:
            continue
        thawed = any(mark.kind == "unfreeze" for mark in run.marks)
        yield Finding(
            Severity.INFO if thawed else Severity.WARNING,
            summary=f"{run.name}: an epoch takes {late:.0f} s at the end and took {early:.0f} s at the beginning"
            f"{'; layers were unfrozen in between' if thawed else ''}.",
            fix="Keep loss.item() in place of the loss, empty lists each epoch, and watch memory and disk.",
            measured={"early": early, "late": late, "epochs": len(values)},
            files=(run.file,),
            confidence=Confidence.LIKELY,
            subject=run.name,
        )


CHECK = Check("L812", "epochs-got-slower", needs=("history",), judge=judge)
