"""The configuration begins to overfit within a few dozen steps.

What it looks for: a validation loss that is higher at the end of the short runs than at half way, with an interval that
excludes zero, and by a tenth of the loss or more, while the training loss still fell.

Why it matters: everything after that point makes the model worse; a full training run spends nearly all its time there.

Example: five images per class, seen a hundred times without augmentation.

Fix: more images, stronger augmentation, more weight decay or fewer trained layers; keep the checkpoint with the lowest
validation loss.

Source: early stopping, Prechelt 1998; pairs of the same runs, images and seeds at two moments.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import fmean

from diagnose.model import Check, Evidence, Finding, NotExamined, Severity

WORSE = 0.1  # of the validation loss: a smaller rise is the noise of a few steps at a high rate


def judge(evidence: Evidence) -> Iterator[Finding]:
    probes = evidence.probes
    rise, runs = probes.overfit, [run for run in probes.of("configured") if run.val_loss is not None]
    if rise is None or not runs:
        raise NotExamined("the configuration was not trained twice")
    end = fmean(run.val_loss for run in runs if run.val_loss is not None)
    fell = all(_mean(run.curve[len(run.curve) // 2 :]) < _mean(run.curve[: len(run.curve) // 2]) for run in runs)
    half = runs[0].steps // 2
    if rise.interval.low > 0 and rise.difference > WORSE * end and fell:
        yield Finding(
            Severity.WARNING,
            summary=f"It overfits early: from step {half} to {runs[0].steps} the training loss falls "
            f"while the validation loss rises by {rise.difference:.2g} [{rise.interval.low:.2g}, "
            f"{rise.interval.high:.2g}].",
            fix="More images, stronger augmentation, more weight decay, fewer trained layers; keep the best weights.",
            measured={"rise": rise.difference, "interval": [rise.interval.low, rise.interval.high], "loss": end},
            confidence=rise.confidence,
        )


def _mean(curve: tuple[tuple[int, float], ...]) -> float:
    return fmean(loss for _, loss in curve)


CHECK = Check("P504", "overfits-early", needs=("probes",), judge=judge)
