"""Reading and preparing images takes longer than training on them.

What it looks for: the time to fetch one image in one process, times the images of a batch over the loader's workers,
beside the time of a step on a GPU of the usual speed.

Why it matters: the device waits for images; training costs several times what it needs to.

Example: 4,000 px photographs decoded for 224 px inputs with num_workers=0.

When it is wrong: a machine that was busy with other work while it ran.

Fix: resize the images once before training; more workers.

Source: a ResNet50 of 224 px trains at about 400 to 3,000 images per second on cards of 2018 to 2024 (EVIDENCE); 100 per
second holds all of them up.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, NotExamined, Severity

SLOW = 100.0  # images per second over all workers


def judge(evidence: Evidence) -> Iterator[Finding]:
    feed = evidence.run.training
    if not feed.seconds_per_image:
        raise NotExamined("the run did not measure how long an image takes")
    workers = feed.workers or 1
    speed = workers / feed.seconds_per_image
    if speed < SLOW:
        yield Finding(
            Severity.INFO,
            summary=f"Fetching an image takes {feed.seconds_per_image * 1000:.0f} ms: {workers} processes give "
            f"{speed:.0f} images per second, and a GPU waits for them.",
            fix="Resize the images once before training, and raise num_workers.",
            measured={"seconds": feed.seconds_per_image, "workers": feed.workers, "per_second": speed},
            location=feed.location,
            confidence=Confidence.LIKELY,
        )


CHECK = Check("R631", "loading-holds-training-up", needs=("run.training",), judge=judge)
