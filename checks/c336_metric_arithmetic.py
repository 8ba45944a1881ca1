"""A score whose sum is divided by the wrong number.

What it looks for: in a loop over a DataLoader, the mean losses of batches added and divided by the number of images;
counts or sums over images divided by the number of batches; a sum over one set divided by the size of another; an
accuracy of the last batch alone that is shown as the epoch's.

Why it matters: the loss comes out too small by the batch size, or the accuracy above 1; over another set's size it is
too high or too low by the ratio of the two, and still looks plausible. Such scores select the wrong epoch and cannot be
compared with published ones.

Example: total += criterion(model(x), y).item(), then total / len(loader.dataset).

Fix: add loss.item() * x.size(0) and divide by the number of images, or add loss.item() and divide by len(loader).

When it is wrong: the check stays silent where the loss is a class of the program, or the batch size is one.

Source: torch.nn.CrossEntropyLoss, reduction="mean"; len() of torch.utils.data.DataLoader counts batches.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, MetricArithmetic, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    for seen in evidence.program.facts(MetricArithmetic):
        summary, fix = _message(seen)
        severe = seen.counted and seen.how != "last_batch"
        can_divide = seen.how == "means_by_images"
        yield Finding(
            Severity.ERROR if severe else Severity.WARNING,
            summary=summary,
            fix=fix,
            measured={"added": seen.added_at},
            location=seen.location,
            subject=seen.how,
            rewrites=("divide-by-batches",) if can_divide else (),
        )


def _message(seen: MetricArithmetic) -> tuple[str, str]:
    if seen.how == "means_by_images":
        averaged, score, add = (
            ("accuracies", "accuracy", "the number of right answers")
            if seen.counted
            else ("losses", "loss", "loss.item() * x.size(0)")
        )
        return (
            f"The mean {averaged} of the batches (line {seen.added_at}) are divided by the number of images: the "
            f"{score} is too small by the batch size.",
            f"Divide by len() of the loader, or add {add}.",
        )
    if seen.how == "images_by_batches":
        what = "right answers" if seen.counted else "losses of all images"
        return (
            f"The sum of {what} (line {seen.added_at}) is divided by the number of batches, not of images.",
            "Divide by the number of images: len(loader.dataset).",
        )
    if seen.how == "last_batch":
        return (
            f"This accuracy is of one batch, and line {seen.added_at} shows the last one as that of all.",
            "Count the right answers over all batches, and divide by the number of images.",
        )
    return (
        f"What is added up over one set of images (line {seen.added_at}) is divided by the size of another.",
        "Divide by the number of the images that were counted.",
    )


CHECK = Check("C336", "metric-arithmetic", needs=("program",), judge=judge)
