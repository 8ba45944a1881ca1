"""Validation on images that are trained on.

What it looks for: the items of the dataset, or the files, that the validation loader reads beside those of the training
loader that it goes with.

Why it matters: accuracy there says how well the network memorised, and nothing about new images.

Example: DataLoader(train_set) in place of val_set for both loaders; a list that each split shuffles anew before it cuts
off its part.

When it is wrong: a program that also has a real validation, which the run did not reach.

Fix: give validation its own images: shuffle once, with a seed, then cut.

Source: counted: the indices into one dataset, or the files seen in both, over the share of the training files that were
seen. The limits are ours.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity

MOST = 0.9  # share of the validation images that are trained on, from which on it is taken for all of them
MANY, FEW = 0.1, 0.01  # shares above which the accuracy is far off, and above which there is a leak at all


def judge(evidence: Evidence) -> Iterator[Finding]:
    run = evidence.run
    feeds = [feed for feed in run.feeds if feed.part == "validation"]
    shares = [feed.same_as_training for feed in feeds if feed.same_as_training is not None]
    if not feeds or len(shares) < len(feeds) or min(shares) < FEW:
        return
    share = min(shares)
    whole = share >= MOST
    yield Finding(
        Severity.ERROR if share >= MANY else Severity.WARNING,
        summary="Validation reads the training images: its accuracy says how well they were memorised."
        if whole
        else f"About {share:.0%} of the validation images are trained on too: their accuracy says how well they were "
        "memorised.",
        fix="Give the validation loader images that are not trained on."
        if whole
        else "Shuffle the list of images once, with a fixed seed, and then cut it into the two splits.",
        measured={"shared": share},
        location=run.held_out.location,
        confidence=Confidence.CERTAIN,
    )


CHECK = Check("R626", "validates-on-training-images", needs=("run.training", "run.held_out"), judge=judge)
