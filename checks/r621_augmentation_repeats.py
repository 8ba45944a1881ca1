"""Augmentation that is the same every time.

What it looks for: training images that came out the same in the second epoch as in the first, though a random seed is
set, or a generator made with a seed, while an image is fetched; or though the program names random transforms. And
random numbers that are set back before each epoch, and a dataset whose changes persistent workers don't see.

Why it matters: the network sees each image in one form alone: the augmentation costs time and prevents nothing.

Example: torch.manual_seed(0) or random.Random(index) inside __getitem__; images augmented once, before the training.

Fix: set the seed once, at the beginning of the program; for workers in worker_init_fn. Augment while an image is
fetched.

Source: six images of the first epoch, fetched again in the second, and one image fetched five times, all the same: a
mirror image by chance of one half would escape once in 2^10 times.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import (
    DETERMINISTIC_STEPS,
    WORKERS_ALIKE,
    Check,
    Confidence,
    Evidence,
    Finding,
    NotExamined,
    SeenFeed,
    Severity,
)
from diagnose.model.mistakes import SEEDED_AGAIN, STALE_WORKERS, found

RULES = {
    STALE_WORKERS: (
        Severity.WARNING,
        "Leave out persistent_workers, or hold the epoch in shared memory (torch.multiprocessing.Value).",
    ),
    SEEDED_AGAIN: (Severity.WARNING, "Set the seed once, at the beginning of the program."),
}


def judge(evidence: Evidence) -> Iterator[Finding]:
    feed = evidence.run.training
    yield from found(evidence.run.mistakes, RULES)
    alike = next((one for one in evidence.run.mistakes if one.kind == WORKERS_ALIKE), None)
    if alike is not None and feed.draws is not False and (feed.workers or 0) > 0:
        yield Finding(
            Severity.WARNING,
            summary=f"worker_init_fn gives every worker the same random numbers ({alike.detail}), in each epoch again: "
            "augmentation repeats itself.",
            fix="Seed by torch.initial_seed(), which differs by worker and epoch, or leave worker_init_fn out.",
            measured={"generators": alike.detail},
            location=alike.location,
            confidence=Confidence.CERTAIN,
            subject="workers",
        )
        return
    if feed.drawn_twice is False or feed.drawn_later is False:
        return
    if feed.drawn_later is None:
        raise NotExamined("no image of the first epoch was fetched again in a later one")
    if feed.seeded_at is not None:
        yield Finding(
            Severity.WARNING,
            summary="Fetching an image sets the random seed: its augmentation is the same in every epoch.",
            fix="Set the seed once at the beginning of the program, and for workers in worker_init_fn.",
            measured={"same": True},
            location=feed.seeded_at,
            confidence=Confidence.CERTAIN,
        )
        return
    if feed.draws and feed.drawn_twice:
        yield Finding(
            Severity.WARNING,
            summary="Random numbers are drawn when a training image is fetched for the first time, and ever after it "
            "comes out the same: its augmentation is kept.",
            fix="Keep the plain image in memory, and augment it each time that it is fetched.",
            measured={"same": True},
            location=feed.location,
            confidence=Confidence.CERTAIN,
        )
        return
    if evidence.configuration is None:
        return
    steps = evidence.config.train_augmentations
    random = [step for step in steps.value or () if step not in DETERMINISTIC_STEPS] if steps.known else []
    if random and _only_the_loader_prepares(feed):
        yield Finding(
            Severity.WARNING,
            summary=f"The program augments ({', '.join(random[:3])}), and each training image came out the same in the "
            "second epoch as in the first.",
            fix="Augment while an image is fetched, not before: what is kept must be the plain image.",
            measured={"same": True, "augmentations": random},
            location=steps.location,
            confidence=Confidence.LIKELY,
        )


def _only_the_loader_prepares(feed: SeenFeed) -> bool:
    """Whether nothing changes images between the loader and the first layer."""
    given, reached = feed.given, feed.pixels
    return (
        feed.passed_on
        and given is not None
        and reached is not None
        and (given.shape, given.mean, given.std) == (reached.shape, reached.mean, reached.std)
    )


CHECK = Check("R621", "augmentation-repeats", needs=("run.training",), judge=judge)
