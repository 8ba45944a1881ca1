"""A checkpoint that is no better than always answering the commonest class, under every change.

What it looks for: an accuracy on the validation images whose 95% interval reaches down to the share of the commonest
class, where no change of input, statistics or order restores it.

Why it matters: what was saved has not learned these classes, or the images aren't those of its classes. More
preprocessing won't help.

Example: a file saved before training; a checkpoint of another data set with as many classes.

Fix: check that the file is the one of the best epoch, and of these classes.

When it is wrong: very few validation images; several changes that are needed at once, which aren't tried.

Source: the interval is Wilson's (1927)."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    checkpoint = evidence.checkpoint
    accuracy, interval = checkpoint.accuracy, checkpoint.interval
    if accuracy is None or interval is None or checkpoint.restored is not None or interval.low > checkpoint.majority:
        return
    yield Finding(
        Severity.WARNING,
        summary=f"The checkpoint scores {accuracy:.1%} [{100 * interval.low:.0f}, {100 * interval.high:.0f}] on "
        f"{checkpoint.images} images, where the commonest class alone gives {checkpoint.majority:.1%}; none of "
        f"{len(checkpoint.tried)} changes restores it.",
        fix="Check that it is the file of the best epoch, and of these classes.",
        measured={"accuracy": accuracy, "majority": checkpoint.majority, "changes_tried": len(checkpoint.tried)},
        location=checkpoint.location,
        confidence=Confidence.INDICATED,
    )


CHECK = Check("K710", "scores-at-chance", needs=("checkpoint.accuracy",), judge=judge)
