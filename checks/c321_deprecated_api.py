"""Arguments and functions that the libraries have removed or deprecated.

What it looks for: torchvision's pretrained=, its transforms Scale and RandomSizedCrop; Keras's fit_generator and its
relatives, and lr= for an optimizer.

Why it matters: what was removed stops a run with current versions at once, with an error that names it; pretrained=True
still works and loads the older of two sets of weights (76.1% in place of 80.9% on ImageNet).

Example: models.resnet50(pretrained=True).

Fix: the new name, such as weights="DEFAULT".

Source: torchvision 0.13 release notes; Keras 3 migration guide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from diagnose.model import Check, Deprecated, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    met: Counter[str] = Counter()
    for seen in evidence.program.facts(Deprecated):
        what = str(seen.what)
        met[what] += 1
        removed = bool(seen.removed)
        yield Finding(
            Severity.INFO,
            summary=f"{seen.what} {'was removed from current versions' if removed else 'is deprecated'}.",
            fix=f"Write {seen.instead} instead.",
            measured={"what": seen.what, "instead": seen.instead},
            location=seen.location,
            subject=f"{what} {met[what]}",
            rewrites=("modern-name",),
        )


CHECK = Check("C321", "deprecated-api", needs=("program",), judge=judge)
