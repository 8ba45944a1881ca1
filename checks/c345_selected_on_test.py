"""The epoch is chosen by the score on the test images.

What it looks for: early stopping, a checkpoint of the best epoch that is loaded again, or a best score that is kept,
where what decides is the score on test images: a test split, or a folder, loader or array that is called so.

Why it matters: the epoch that happens to suit these images best is reported. The score is then too high as a forecast
for new images, the more so the smaller the test set and the more epochs or settings are compared.

Example: model.fit(x, y, validation_data=(x_test, y_test), callbacks=[EarlyStopping()]); model.evaluate(x_test, y_test).

Fix: hold out a part of the training images for validation, choose by it, and score the test images once at the end.

When it is wrong: benchmarks such as CIFAR-10 have no validation split, and papers report their best or last epoch on
the test images. Watching the test score without choosing by it is not reported.

Source: Hastie, Tibshirani and Friedman 2009, "The Elements of Statistical Learning", 7.2.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, SelectedOnTest, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    for seen in evidence.program.facts(SelectedOnTest):
        yield Finding(
            Severity.WARNING,
            summary=f"{seen.by} chooses the epoch by the score on the test images (line {seen.scored_at}): their "
            "score isn't one on unseen images any more.",
            fix="Choose by validation images that are held out of the training images, and test once at the end.",
            measured={"scored": seen.scored_at},
            location=seen.location,
            confidence=Confidence.LIKELY,
            subject="test",
        )


CHECK = Check("C345", "selected-on-test", needs=("program",), judge=judge)
