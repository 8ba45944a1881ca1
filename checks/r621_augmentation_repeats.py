"""Augmentation that is the same every time.

What it looks for: a random seed that is set while an image is fetched, so that its random transform comes out the same
in every epoch.

Why it matters: the network sees each image in one form alone: the augmentation costs time and prevents nothing.

Example: torch.manual_seed(0) or random.seed(42) inside __getitem__.

Fix: set the seed once, at the beginning of the program; for workers in worker_init_fn.

Source: seeding functions that were called while an image was fetched, and the image, fetched five times, the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    feed = evidence.run.training
    if feed.seeded_at is not None and feed.drawn_twice is not False:
        yield Finding(
            Severity.WARNING,
            summary="Fetching an image sets the random seed: its augmentation is the same in every epoch.",
            fix="Set the seed once at the beginning of the program, and for workers in worker_init_fn.",
            measured={"same": True},
            location=feed.seeded_at,
            confidence=Confidence.CERTAIN,
        )


CHECK = Check("R621", "augmentation-repeats", needs=("run.training",), judge=judge)
