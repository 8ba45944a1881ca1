"""A validation split too small to distinguish progress from luck.

What it looks for: the half-width of the 95% interval of an accuracy measured on it, at the target
accuracy where the configuration gives one, else at 70%.

Why it matters: two runs that differ by less cannot be distinguished, so early stopping, the choice of a learning
rate and the claim of an improvement are guesses.

Example: 50 validation images resolve 70% only to ±13 points.

Fix: hold out more, or cross-validate.

Source: the normal approximation 1.96 sqrt(p (1 - p) / n); at 70%: n = 200 gives 6.4 points, 500 4.0, 1,000
2.8. The limit of 10 points is ours: beyond it even scratch against pretrained may stay undecided.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

from diagnose.model import Check, Evidence, Finding, NotExamined, Severity

WARN_HALF_WIDTH = 0.10
USUAL_ACCURACY = 0.7


def judge(evidence: Evidence) -> Iterator[Finding]:
    data, config = evidence.data, evidence.configuration
    split = data.held_out_split
    if split is None:
        raise NotExamined("the folder has no val or test split; the run's own hold-out is not known")
    images = data.in_split(split)
    target = config.target_accuracy.value if config and config.target_accuracy.known else None
    accuracy = target if target and target < 1 else USUAL_ACCURACY
    half = 1.96 * sqrt(accuracy * (1 - accuracy) / images) if images else 1.0
    if half > WARN_HALF_WIDTH:
        needed = int(1.96**2 * accuracy * (1 - accuracy) / WARN_HALF_WIDTH**2) + 1
        yield Finding(
            Severity.WARNING,
            summary=f"{images} {split} images resolve an accuracy of {accuracy:.0%} only to ±{100 * half:.0f} points.",
            fix=f"Hold out at least {needed} images, or cross-validate.",
            measured={"split": split, "images": images, "half_width": half, "at_accuracy": accuracy},
        )


CHECK = Check("D111", "validation-too-small", needs=("data",), judge=judge)
