"""Classes of very different size.

What it looks for: the largest class of the training split against the smallest.

Why it matters: plain cross-entropy learns the large classes first and may never learn the small ones, while the
overall accuracy hides it.

Example: 6,000 images of one class and 60 of another.

Fix: weight the loss by class, sample in balance, or collect more of the small classes; judge by
balanced accuracy.

Source: Cui et al. 2019, "Class-balanced loss": the ratio of 10 is the mildest of their long-tailed sets, where
plain training loses 6 points on CIFAR-10.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity

WARN_RATIO = 10.0


def judge(evidence: Evidence) -> Iterator[Finding]:
    counts = {name: count for name, count in evidence.data.per_class.items() if count}
    if len(counts) < 2:
        return
    largest, smallest = max(counts, key=counts.__getitem__), min(counts, key=counts.__getitem__)
    ratio = counts[largest] / counts[smallest]
    if ratio >= WARN_RATIO:
        yield Finding(
            Severity.WARNING,
            summary=f"{largest} has {ratio:.0f} times the training images of {smallest} "
            f"({counts[largest]} against {counts[smallest]}).",
            fix="Weight the loss by class or sample in balance, and judge by balanced accuracy.",
            measured={
                "ratio": ratio,
                "largest": {"class": largest, "images": counts[largest]},
                "smallest": {"class": smallest, "images": counts[smallest]},
            },
            confidence=Confidence.LIKELY,
        )


CHECK = Check("D109", "class-imbalance", needs=("data",), judge=judge)
