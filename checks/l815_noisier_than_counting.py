"""Logged validation accuracy varies more than its number of images explains.

What it looks for: over the last half of the log, noise of the validation accuracy of two points or more and of four
times that of counting on so many images.

Why it matters: the weights differ from epoch to epoch: the learning rate is too high for the end of a run, or batch
statistics are unsettled. The best epoch is then mostly luck.

Example: 61%, 74%, 58%, 72% on 2,000 validation images, where counting explains 1.1 points.

Fix: let the learning rate fall towards the end; average the weights (EMA); larger batches, or GroupNorm, for batches of
a few images.

Source: binomial counting noise; second differences (Gasser et al. 1986).
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import ACCURACY, Check, Confidence, Evidence, Finding, NotExamined, Severity
from diagnose.model.course import counting, jitter, last_part, level

TIMES = 4.0
LEAST = 0.02  # of accuracy
FEWEST = 8  # evaluations in the last half


def judge(evidence: Evidence) -> Iterator[Finding]:
    known = [(run, images) for run in evidence.history.runs if (images := evidence.held_images(run))]
    if not known:
        raise NotExamined("how many images the run validates on is unknown: give DATA")
    for run, images in known:
        curve = run.held(ACCURACY)
        points = last_part(curve.finite, 0.5) if curve else []
        noise = jitter([point.value for point in points]) if len(points) >= FEWEST else None
        if noise is None:
            continue
        explained = counting(level(points), images)
        if noise < max(LEAST, TIMES * explained):
            continue
        yield Finding(
            Severity.INFO,
            summary=f"{run.name}: validation accuracy varies by {100 * noise:.1f} points from one evaluation to the "
            f"next in the last half; counting on {images:,} images explains {100 * explained:.1f}.",
            fix="Let the learning rate fall towards the end, average the weights (EMA), or use larger batches.",
            measured={"noise": noise, "explained": explained, "images": images},
            files=(run.file,),
            confidence=Confidence.LIKELY,
            subject=run.name,
        )


CHECK = Check("L815", "noisier-than-counting", needs=("history",), judge=judge)
