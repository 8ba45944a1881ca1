"""Pretrained weights beat random ones on this data.

What it looks for: the paired difference in validation accuracy between equally short trainings from pretrained and from
random weights, over seeds and images; only where its interval excludes zero. A configuration that already
starts from pretrained weights is not reported: for it this is a confirmation, and the check passes.

Why it matters: it is the largest single improvement most small datasets can have, at no cost.

Example: 44% from scratch against 67%.

Fix: start from pretrained weights.

Source: google-research/task_adaptation results.csv: ImageNet weights are ahead on all 19 tasks with 1,000 images (mean
43.1 against 66.4) and on the full sets still by 14 points. Early epochs favour pretrained weights, so the gap after a
short probe says nothing about the gap after the full training run: scratch's figure is a lower bound. From about 1,000
images per class on (EuroSAT 2.6 points, SVHN 0.7, against 8.5 at 560) a long training run makes up for most of it: then
it is worth knowing, not a warning.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from diagnose.model import Check, Evidence, Finding, NotExamined, Severity

PLENTY = 1000  # training images per class


def judge(evidence: Evidence) -> Iterator[Finding]:
    compared = evidence.probes.comparison
    if compared is None:
        raise NotExamined("the probes gave no comparison")
    interval = compared.gap.interval
    config = evidence.configuration
    starts_random = config.from_scratch if config and config.weights.known else None
    if interval.low <= 0 or starts_random is False:
        return
    costly = starts_random and not _plenty(evidence)
    substitute = " (a substitute model in place of ResNet50, pretrained against scratch of the same)"
    yield Finding(
        Severity.WARNING if costly else Severity.INFO,
        summary=f"Scratch is {100 * compared.gap.difference:.1f} points behind pretrained "
        f"[{100 * interval.low:.1f}, {100 * interval.high:.1f}] after equally short training on {compared.arch}"
        + (substitute if compared.stand_in else "")
        + ".",
        fix="Start from pretrained weights: weights: imagenet.",
        measured={
            "gap": compared.gap.difference,
            "interval": [interval.low, interval.high],
            "scratch_lower_bound": compared.scratch,
            "pretrained": compared.pretrained,
            "seeds": compared.gap.seeds,
            "images": compared.gap.images,
            "weights": compared.weights,
        },
        location=config.weights.location if config else None,
        confidence=compared.gap.confidence,
    )


def _plenty(evidence: Evidence) -> bool:
    """Whether there are images enough for a long run from scratch to make up for its start."""
    counts = [count for count in evidence.dataset.per_class.values() if count] if evidence.dataset else []
    return bool(counts) and median(counts) >= PLENTY


CHECK = Check("P501", "scratch-behind-pretrained", needs=("probes", "probes.comparison"), judge=judge)
