"""Validation on the images that are trained on.

What it looks for: the dataset object that the validation loader reads, and its files, beside those of the training
loader.

Why it matters: accuracy there says how well the network memorised, and nothing about new images.

Example: DataLoader(train_set) in place of val_set for both loaders.

When it is wrong: a program that also has a real validation, which the run did not reach.

Fix: give validation its own images.

Source: counted: the same object, or the same files.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity

MOST = 0.9  # share of the validation images that are trained on


def judge(evidence: Evidence) -> Iterator[Finding]:
    run = evidence.run
    feeds = [feed for feed in run.feeds if feed.part == "validation"]
    shares = [feed.same_as_training for feed in feeds if feed.same_as_training is not None]
    if feeds and len(shares) == len(feeds) and min(shares) >= MOST:
        yield Finding(
            Severity.ERROR,
            summary="Validation reads the training images: its accuracy says how well they were memorised.",
            fix="Give the validation loader images that are not trained on.",
            measured={"shared": min(shares)},
            location=run.held_out.location,
            confidence=Confidence.CERTAIN,
        )


CHECK = Check("R626", "validates-on-training-images", needs=("run.training", "run.held_out"), judge=judge)
