"""Training images that come class by class.

What it looks for: the labels of the first training batches: each batch holds one class alone, though the classes are
several, or the loader goes through its images in order and neighbouring labels are alike.

Why it matters: each step pulls the network to one class, and batch norm sees statistics of that class alone. The loss
jumps at each change, and what was learned first is forgotten.

Example: DataLoader(train_set, batch_size=32) without shuffle=True over a folder that is read class by class.

Fix: shuffle=True for the training loader; where a sampler is needed, one that mixes.

Source: batches drawn at random of k classes hold one alone with probability below k * (1/k)^n.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, NotExamined, Severity

FEWEST = 3  # batches
SMALLEST = 4  # images in one
CHANCE = 1e-5  # of one class alone among all images seen, below which no loader that mixes gave them
UNKNOWN = 0.5  # share of the largest class, where the dataset isn't known


def judge(evidence: Evidence) -> Iterator[Finding]:
    feed = evidence.run.training
    batches = [batch for batch in feed.labels if len(batch) >= SMALLEST]
    if len(batches) < FEWEST:
        raise NotExamined("the run saw the labels of fewer than three training batches")
    classes = {label for batch in batches for label in batch}
    outputs = evidence.run.trained.outputs or 0
    alone = sum(len(set(batch)) == 1 for batch in batches)
    images = sum(map(len, batches))
    several = len(classes) > 1 or (outputs > 1 and _largest_share(evidence) ** images < CHANCE)
    if several and alone >= 0.75 * len(batches) and feed.order != "shuffled":
        yield Finding(
            Severity.ERROR,
            summary=f"Training images come class by class: {alone} of {len(batches)} batches hold one class alone.",
            fix="Give the training loader shuffle=True.",
            measured={"batches": len(batches), "of_one_class": alone, "order": feed.order},
            location=feed.location,
            confidence=Confidence.CERTAIN,
        )


def _largest_share(evidence: Evidence) -> float:
    """Of the training images, those of the largest class."""
    counts = evidence.dataset.per_class.values() if evidence.dataset is not None else ()
    return max(counts) / sum(counts) if counts and sum(counts) else UNKNOWN


CHECK = Check("R607", "batches-of-one-class", needs=("run.training", "run.trained"), judge=judge)
