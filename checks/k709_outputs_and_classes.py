"""A checkpoint with another number of outputs than DATA has classes.

What it looks for: the width of the layer that scores, beside the classes of DATA. One output for two classes is
counted as two.

Why it matters: with fewer outputs some classes are never answered; with 1,000 the head is that of ImageNet, and the
network was never fine-tuned, or its head was lost.

Example: the published weights of resnet50 in place of one's own checkpoint.

Fix: give the checkpoint that was trained on these classes, or the images of its classes.

When it is wrong: DATA is a part of the classes on purpose; the outputs are then numbered by the whole list.

Source: counted in the file and in DATA."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, NotExamined, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    checkpoint = evidence.checkpoint
    outputs, classes = checkpoint.tensors.outputs, checkpoint.of_classes
    if outputs is None:
        raise NotExamined(checkpoint.lacking)
    if classes < 2:
        raise NotExamined("DATA has fewer than two classes")
    if outputs == classes or (outputs == 1 and classes == 2):
        return
    yield Finding(
        Severity.ERROR if outputs < classes else Severity.WARNING,
        summary=f"The checkpoint scores {outputs} classes, and DATA has {classes}.",
        fix="Give the checkpoint that was trained on these classes, or the images of its classes.",
        measured={"outputs": outputs, "classes": classes, "head": checkpoint.tensors.head},
        location=checkpoint.location,
    )


CHECK = Check("K709", "outputs-and-classes", needs=("checkpoint",), judge=judge)
