"""Logged validation accuracy jumps from evaluation to evaluation.

What it looks for: noise of the validation accuracy of two points or more over the whole log, with a fall of two points
or more at one evaluation in seven; or of a fifth of its errors over thirty evaluations or more. Where the number of
validation images is known, noise has to be three times that of counting on so many, too.

Why it matters: the weights differ from epoch to epoch: the learning rate is too high, or batch statistics are
unsettled. The best epoch is then mostly luck.

Example: 61%, 74%, 58%, 72% on 2,000 validation images, where counting explains 1.1 points.

Fix: let the learning rate fall towards the end; average the weights (EMA); larger batches, or GroupNorm, for batches of
a few images.

Source: binomial counting noise; second differences (Gasser et al. 1986).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from diagnose.model import ACCURACY, Check, Confidence, Evidence, Finding, Severity
from diagnose.model.course import counting, jitter, last_part, level

TIMES = 3.0  # of counting
LEAST = 0.02  # of accuracy
FALLS = 1 / 7  # of the evaluations: those of noise fall every other time, those of a rising course more rarely
OF_ERRORS, SMALLEST = 0.2, 0.004  # of the errors, and of accuracy: jumps that matter where nearly all is right
FEWEST, MANY = 8, 30  # evaluations, and those that a share of the errors is told by


def judge(evidence: Evidence) -> Iterator[Finding]:
    for run in evidence.history.runs:
        curve = run.held(ACCURACY)
        values = [point.value for point in curve.finite] if curve else []
        noise = jitter(values) if len(values) >= FEWEST else None
        if curve is None or noise is None:
            continue
        reached = level(last_part(curve.finite, 0.5))
        falls = sum(before - after >= LEAST for before, after in pairwise(values)) / (len(values) - 1)
        jumps = noise >= LEAST and falls >= FALLS
        of_errors = len(values) >= MANY and noise >= max(SMALLEST, OF_ERRORS * (1 - reached))
        images = evidence.held_images(run)
        explained = counting(reached, images)
        if not (jumps or of_errors) or noise < TIMES * explained or len(set(values)) <= 3:
            continue
        yield Finding(
            Severity.INFO,
            summary=f"{run.name}: validation accuracy varies by {100 * noise:.1f} points from one evaluation to the "
            "next" + (f"; counting on {images:,} images explains {100 * explained:.1f}." if images else "."),
            fix="Let the learning rate fall towards the end, average the weights (EMA), or use larger batches.",
            measured={"noise": noise, "explained": explained if images else None, "images": images, "falls": falls},
            files=(run.file,),
            confidence=Confidence.LIKELY,
            subject=run.name,
        )


CHECK = Check("L815", "noisier-than-counting", needs=("history",), judge=judge)
