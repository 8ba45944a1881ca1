"""A printed accuracy that outputs and labels do not give.

What it looks for: numbers that the program prints beside a word for accuracy after a validation, and the accuracy that
its own outputs and labels of that validation give. Only a number that a known mistake explains exactly, twice, is
reported; answers of the shape (N, 1) that are compared with N labels, which torch spreads to (N, N); and a metric of
torchmetrics that is computed over training and validation together, or over several epochs.

Why it matters: decisions are made by that number: the best epoch, the learning rate, whether it works at all.

Example: correct / len(loader) in place of len(dataset); a counter that is not reset between epochs; the last batch's
accuracy printed as the epoch's.

Fix: divide the number of right answers by the number of images, both counted in the same loop.

Source: recomputed from the outputs and labels of the same batches.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import EACH_WITH_EACH, Check, Confidence, Evidence, Finding, NotExamined, Severity
from diagnose.model.mistakes import found

FEWEST = 8  # images, of which right answers explain what is printed by chance too often
RULES = {"metric not emptied": (Severity.ERROR, "Call reset() before each pass, or use a metric for each split.")}
TIMES = 2  # validations in which the same mistake explains what is printed


def judge(evidence: Evidence) -> Iterator[Finding]:
    seen = evidence.run.printed
    yield from found(evidence.run.mistakes, RULES)
    for mistake in evidence.run.mistakes:
        if mistake.kind == EACH_WITH_EACH:
            yield Finding(
                Severity.ERROR,
                summary="Answers of the shape (N, 1) are compared with N labels: each with each, so that the accuracy "
                "is that of chance, whatever the network does.",
                fix="Compare tensors of one shape: pred.squeeze(1) == target, or target.view_as(pred).",
                measured={"compared": "(N, 1) with (N)"},
                location=mistake.location,
                confidence=Confidence.CERTAIN,
                subject="shapes",
            )
            return
    if not seen and not any(one.kind in RULES for one in evidence.run.mistakes):
        raise NotExamined("the run saw no printed accuracy that could be held beside the outputs")
    for why in dict.fromkeys(one.explained for one in seen if one.explained):
        wrong = [one for one in seen if one.explained == why and one.images >= FEWEST]
        if len(wrong) >= TIMES:
            one = wrong[-1]
            yield Finding(
                Severity.ERROR,
                summary=f"The printed accuracy is not the validation accuracy: it prints {one.printed:.4g}, outputs "
                "and labels "
                f"of {one.images} images give {one.measured:.4g}; it is {why}.",
                fix="Divide the right answers by the images, both counted in the same loop and reset for each epoch.",
                measured={"printed": one.printed, "measured": one.measured, "images": one.images, "line": one.text},
                location=evidence.run.held_out.location,
                confidence=Confidence.CERTAIN,
            )
            return


CHECK = Check("R619", "printed-accuracy-wrong", needs=("run.held_out",), judge=judge)
