"""Held-out images that differ from the training images as pictures.

What it looks for: whether a linear probe on frozen pretrained features can tell, out of sample and class by class, the
two splits apart. An area under the ROC curve of 0.5 means not at all; it warns where the whole interval lies
above 0.65. Only where the held-out images are a split of their own.

Why it matters: validation then measures another task than the one that is trained, and the best checkpoint for it may
be the wrong one; or the long run is trained on what it will not meet.

Example: training photographs by day, validation by night; one split saved at another quality or size.

Fix: look at pictures of both splits side by side; draw the splits anew at random by the source of the pictures, or keep
the shift on purpose and report it.

Source: classifier two-sample tests, Lopez-Paz & Oquab 2017; the interval by Hanley & McNeil 1982. Random splits of
Fashion-MNIST, the tuxpaint photographs and the sample data give areas of 0.47 to 0.54.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity

APART = 0.65


def judge(evidence: Evidence) -> Iterator[Finding]:
    shift = evidence.probes.shift
    if shift is None or shift.interval.low <= APART:
        return
    yield Finding(
        Severity.WARNING,
        summary="Training and held-out images of the same class can be told apart: area under the curve "
        f"{shift.auc:.2f} [{shift.interval.low:.2f}, {shift.interval.high:.2f}], where 0.5 is chance.",
        fix="Look at both splits side by side; draw them anew at random, by the source of the pictures.",
        measured={"auc": shift.auc, "interval": [shift.interval.low, shift.interval.high], "images": shift.images},
        confidence=Confidence.SHOWN,
    )


CHECK = Check("D118", "split-shift", needs=("probes", "probes.shift"), judge=judge)
