"""A schedule or a callback that takes the better for the worse.

What it looks for: ReduceLROnPlateau that is stepped with the accuracy of the validation and waits for it to fall; and
callbacks of Keras, Lightning and Hugging Face's Trainer that keep the best epoch, stop, or lower the learning rate by a
value that is named as one that should rise (accuracy, F1, AUC) and is minimised, or the other way round.

Why it matters: the learning rate is cut while accuracy rises, the worst epoch is kept as the best, or training stops as
it begins to learn.

Example: ReduceLROnPlateau(optimizer) and scheduler.step(accuracy): its mode is "min" where none is given.

Fix: mode="max" for what should rise, mode="min" for a loss.

When it is wrong: a value that is called accuracy and counts errors.

Source: the documentation of these classes; the value that was given is the accuracy that outputs and labels give.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity
from diagnose.model.mistakes import WRONG_WAY, found

RULES = {WRONG_WAY: (Severity.ERROR, 'Give mode="max" for what should rise, and mode="min" for a loss.')}


def judge(evidence: Evidence) -> Iterator[Finding]:
    yield from found(evidence.run.mistakes, RULES)


CHECK = Check("R636", "watched-the-wrong-way", needs=("run.training",), judge=judge)
