"""Too few optimizer steps for training from scratch.

What it looks for: epochs times steps per epoch of a run that starts from random weights.

Why it matters: fine-tuning is done after a few hundred steps; random weights have not found edges and textures by
then, and the curve is cut off where it begins.

Example: 10 epochs over 400 images at batch 32: 130 steps.

Fix: start from pretrained weights, or train many times longer.

Source: He et al. 2019, "Rethinking ImageNet pre-training": scratch reaches parity only with several times
the fine-tuning schedule. The fastest published CIFAR-10 trainings of ResNets still take about 2,000 steps; the
limit is half of that.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity

FEWEST_STEPS = 1000


def judge(evidence: Evidence) -> Iterator[Finding]:
    config = evidence.config
    if not config.from_scratch:
        return
    steps = evidence.full_run_steps
    if steps < FEWEST_STEPS:
        yield Finding(
            Severity.WARNING,
            summary=f"{config.epochs.get()} epochs are {steps} optimizer steps: too few from random weights.",
            fix="Start from pretrained weights, or train for several thousand steps.",
            measured={"steps": steps, "limit": FEWEST_STEPS, "images": evidence.training_images},
            location=config.epochs.location,
            confidence=Confidence.LIKELY,
        )


CHECK = Check(
    "C304",
    "too-few-steps",
    needs=("data", "config.weights", "config.epochs", "config.batch_size"),
    judge=judge,
)
