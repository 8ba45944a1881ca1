"""Validation images on which the model is sure and at odds with the label.

What it looks for: images whose answer differs from their label and has a probability of 90% or more, where the model
is right on 60% or more of all. At most twelve, the surest first.

Why it matters: among these are the label errors of a data set, by the person's own model; the others show what it
confuses.

Example: a photograph of a lynx in the folder "cat", answered "lynx" with 99%.

Fix: look at them; move what is labelled wrongly.

When it is wrong: a model that is sure of everything (K711).

Source: Northcutt et al. 2021, "Confident Learning", which reads the same quantity."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity

LEAST = 0.6  # of accuracy, below which being sure means little
SHOWN, MOST = 5, 12  # errors that a report lists, and that are kept


def judge(evidence: Evidence) -> Iterator[Finding]:
    checkpoint = evidence.checkpoint
    model = checkpoint.character
    if model is None or not model.errors or model.accuracy < LEAST:
        return
    first, count = model.errors[0], len(model.errors)
    many = f"{count} of {model.images}" if count < MOST else f"{count} or more"
    yield Finding(
        Severity.INFO,
        summary=f"On {many} validation images the model is sure and at odds with the label.",
        fix="Look at them, and move those that are labelled wrongly.",
        measured={"first": f"{first.label} answered as {first.answer}, {first.confidence:.0%}"},
        files=tuple(one.file for one in model.errors[:SHOWN]),
        location=checkpoint.location,
        confidence=Confidence.LIKELY,
    )


CHECK = Check("K714", "sure-and-wrong", needs=("checkpoint.character",), judge=judge)
