"""The labels cannot be learned from the images any better than shuffled ones.

What it looks for: the out-of-sample accuracy of a linear probe on frozen pretrained features, with the labels as they
are and with the labels shuffled, and whether the probe trainings of any arm, all seeds of it together, got past the
majority-class baseline. An error where neither is better than chance. The more arms were trained, the more one has to
be ahead (Bonferroni): of twenty trainings on random labels, one looks ahead by luck two times in five.

Why it matters: the labels are mixed up, the files do not belong to them, or the images don't show what the task asks;
no training run fixes that.

Example: a list of labels in a different order from the list of files.

Fix: look at twenty random images beside their labels; then at how the two lists are joined.

Source: permutation tests for classifiers, Ojala & Garriga 2010; shuffled labels as a control, Zhang et al. 2017.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from math import sqrt
from statistics import NormalDist, fmean

from diagnose.model import Check, Confidence, Evidence, Finding, Probes, Severity

LUCK = 0.025  # how often any arm may look ahead where nothing can be learned


def judge(evidence: Evidence) -> Iterator[Finding]:
    probes, labels = evidence.probes, evidence.probes.labels
    assert labels is not None
    if not labels.look_random:
        return
    if _learned(probes):
        return
    yield Finding(
        Severity.ERROR,
        summary=f"The labels look random: a probe on pretrained features is right for {labels.accuracy:.1%} of the "
        f"images, and for up to {labels.chance:.1%} with the labels shuffled.",
        fix="Look at twenty random images beside their labels, then at how files and labels are joined.",
        measured={
            "accuracy": labels.accuracy,
            "shuffled": labels.chance,
            "shuffles": labels.shuffles,
            "images": labels.images,
        },
        confidence=Confidence.SHOWN,
    )


def _learned(probes: Probes) -> bool:
    """Whether an arm's accuracy over all its seeds is above the prior, by the normal limit of the binomial."""
    arms: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for run in probes.runs:
        if run.val_accuracy is not None:
            arms[run.arm, run.arch].append(run.val_accuracy)
    deviation = sqrt(probes.prior * (1 - probes.prior) / probes.val_images)
    return any(
        (fmean(reached) - probes.prior) * sqrt(len(reached)) > NormalDist().inv_cdf(1 - LUCK / len(arms)) * deviation
        for reached in arms.values()
    )


CHECK = Check("P505", "labels-look-random", needs=("probes", "probes.labels"), judge=judge)
