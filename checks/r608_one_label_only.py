"""Every image carries the same label.

What it looks for: labels of the training images that were drawn at random: all the same, in a network with several
outputs and a dataset of several classes.

Why it matters: a constant answer has no loss. Training looks perfect and learns nothing.

Example: labels parsed from the wrong part of the path, such as the split's folder.

Fix: look at how the label is made from the file's name or the table.

Source: of n images drawn at random from k classes of equal size all share one with probability k^(1-n); the limit holds
for a share of 80% too.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, NotExamined, Severity

FEWEST = 30  # images: 0.8 ** 30 is 0.1%


def judge(evidence: Evidence) -> Iterator[Finding]:
    feed = evidence.run.training
    labels = [label for batch in feed.labels for label in batch]
    if len(labels) < FEWEST:
        raise NotExamined(f"the run saw {len(labels)} training labels, and {FEWEST} are needed")
    counts = evidence.data.per_class.values()
    largest = max(counts, default=0) / max(1, sum(counts))
    if feed.order == "shuffled" and len(set(labels)) == 1 and largest < 0.8:
        yield Finding(
            Severity.ERROR,
            summary=f"All {len(labels)} training labels that were drawn at random are {labels[0]}, and the images "
            f"are of {len(evidence.data.classes)} classes.",
            fix="Look at how the label is made: it is taken from the wrong part of the path or table.",
            measured={"labels": len(labels), "label": labels[0]},
            location=feed.location,
            confidence=Confidence.CERTAIN,
        )


CHECK = Check("R608", "one-label-only", needs=("run.training", "data"), judge=judge)
