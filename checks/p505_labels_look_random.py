"""The labels cannot be learned from the images any better than shuffled ones.

What it looks for: the out-of-sample accuracy of a linear probe on frozen pretrained features, with the labels as they
are and with the labels shuffled, and whether any probe training of the network got past always answering the largest
class. It warns where neither is better than chance.

Why it matters: the labels are mixed up, the files do not belong to them, or the task is not in the pictures; no
training run mends that.

Example: a list of labels sorted otherwise than the list of files.

Fix: look at twenty random images beside their labels; then at how the two lists are joined.

Source: permutation tests for classifiers, Ojala & Garriga 2010; shuffled labels as a control, Zhang et al. 2017.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    probes, told = evidence.probes, evidence.probes.labels
    assert told is not None
    if not told.look_random:
        return
    if any(run.interval is not None and run.interval.low > probes.prior for run in probes.runs):
        return
    yield Finding(
        Severity.ERROR,
        summary=f"The labels look random: a probe on pretrained features is right for {told.accuracy:.1%} of the "
        f"images, and for up to {told.chance:.1%} with the labels shuffled.",
        fix="Look at twenty random images beside their labels, then at how files and labels are joined.",
        measured={
            "accuracy": told.accuracy,
            "shuffled": told.chance,
            "shuffles": told.shuffles,
            "images": told.images,
        },
        confidence=Confidence.SHOWN,
    )


CHECK = Check("P505", "labels-look-random", needs=("probes", "probes.labels"), judge=judge)
