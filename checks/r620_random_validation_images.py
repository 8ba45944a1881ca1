"""A validation image that comes out differently each time.

What it looks for: one image of the validation set, fetched five times with the program's own transforms.

Why it matters: accuracy varies from epoch to epoch for no reason of the network's, and is lower than it should be.

Example: one transform with RandomResizedCrop for both splits; a validation split made by random_split of an augmented
dataset.

When it is wrong: augmentation at test time on purpose, whose predictions are averaged.

Fix: give validation a transform of its own: resize, centre crop, scale, normalise.

Source: five fetches of the same index were compared value by value.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, NotExamined, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    feed = evidence.run.held_out
    if feed.drawn_twice is None:
        raise NotExamined("no validation image was fetched twice")
    if not feed.drawn_twice:
        yield Finding(
            Severity.WARNING,
            summary="A validation image comes out differently each time it is fetched: random augmentation is at work "
            "there.",
            fix="Give validation a transform of its own: resize, centre crop, scale, normalise.",
            measured={"same": False},
            location=feed.location,
            confidence=Confidence.CERTAIN,
        )


CHECK = Check("R620", "random-validation-images", needs=("run.held_out",), judge=judge)
