"""A checkpoint whose confidence is far from its accuracy.

What it looks for: an expected calibration error (15 bins) of 10 points or more on the half of the validation images
that didn't fit the temperature, where the temperature at least halves it.

Why it matters: thresholds, rejects and averages of several models read the confidence. A temperature changes it and
not the answers.

Example: a large network trained to zero loss on few images: 95% sure and 80% right.

Fix: divide the logits by the temperature before the softmax.

When it is wrong: fewer than some hundred images, whose bins are noisy: below 200 nothing is reported.

Source: Guo et al. 2017, "On Calibration of Modern Neural Networks"."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity

LEAST, FEWEST = 0.10, 200  # calibration error and images; Guo et al. find 0.04 to 0.17 for usual trainings


def judge(evidence: Evidence) -> Iterator[Finding]:
    checkpoint = evidence.checkpoint
    model = checkpoint.character
    if model is None or model.images < FEWEST or model.calibration < LEAST or model.calibrated > model.calibration / 2:
        return
    sure = "more" if model.confidence > model.accuracy else "less"
    yield Finding(
        Severity.INFO,
        summary=f"The model is {model.confidence:.0%} sure on average and {model.accuracy:.0%} right, {sure} sure "
        f"than it should be (calibration error {model.calibration:.1%}; {model.calibrated:.1%} at a temperature of "
        f"{model.temperature:.2g}).",
        fix=f"Divide the logits by {model.temperature:.2g} before the softmax.",
        measured={
            "calibration_error": model.calibration,
            "temperature": model.temperature,
            "calibrated": model.calibrated,
        },
        location=checkpoint.location,
        confidence=Confidence.LIKELY,
    )


CHECK = Check("K711", "miscalibrated", needs=("checkpoint.character",), judge=judge)
