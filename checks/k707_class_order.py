"""A checkpoint whose outputs stand for the classes in another order than theirs by name.

What it looks for: an order of the classes under which the checkpoint scores far better: by number in place of by
name, without regard to capitals, in reverse, shifted by one, that of the class names in the checkpoint, or the one
that an assignment on the confusion matrix gives. Chosen on one half of the validation images and confirmed on the
other, as K705.

Why it matters: accuracy falls to chance or below though every image is recognised, and the confusion matrix is
sharp, off its diagonal.

Example: os.listdir() in training, ImageFolder in evaluation; classes 1, 2, ... 10 sorted as 1, 10, 2.

Fix: save the names beside the weights, {"state_dict": ..., "classes": dataset.classes}, and number by them.

When it is wrong: DATA holds the right images in folders of wrong names. Where a program is given whose numbers
weren't read, the best order is taken to be its own, and nothing is reported; --run sees its numbers.

Source: Kuhn 1955, "The Hungarian method for the assignment problem"; torchvision's ImageFolder sorts by name."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity
from diagnose.model.checkpoint import ORDER


def judge(evidence: Evidence) -> Iterator[Finding]:
    checkpoint = evidence.checkpoint
    restored = checkpoint.restored
    if restored is None or restored.kind != ORDER:
        return
    how = "as the program numbers the classes" if restored.read else "with classes sorted by name"
    yield Finding(
        Severity.ERROR if restored.read else Severity.WARNING,
        summary=f"The checkpoint scores {restored.written:.1%} {how}; {restored.accuracy:.1%} "
        f"[{100 * restored.interval.low:.0f}, {100 * restored.interval.high:.0f}] with {restored.words}.",
        fix="Number the classes as in training; save their names beside the weights.",
        measured={
            "order": restored.words,
            **restored.measured,
        },
        location=checkpoint.location,
        confidence=Confidence.SHOWN,
    )


CHECK = Check("K707", "class-order", needs=("checkpoint.accuracy",), judge=judge)
