"""A last layer with another number of outputs than there are classes.

What it looks for: `head` against the classes of the training split.

Why it matters: too few outputs end in an index error at the first image of a class beyond them (on a GPU, a
device-side assert); too many leave outputs that never train and can still be predicted.

Example: a head of 1,000, left from ImageNet, on 8 classes.

Fix: make the head as large as the number of classes.

Source: torch.nn.CrossEntropyLoss requires class indices in [0, C).
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Config, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    outputs = evidence.config.head.get()
    classes = sum(1 for count in evidence.data.per_class.values() if count)
    if outputs == 1 and classes == 2 and not _by_classes(evidence.config):
        return  # a single logit tells two classes apart
    if outputs != classes:
        yield Finding(
            Severity.ERROR if outputs < classes else Severity.WARNING,
            summary=f"The head has {outputs} outputs, the data {classes} classes.",
            fix=f"Write head: {classes}.",
            measured={"outputs": outputs, "classes": classes},
            location=evidence.config.head.location,
            changes={"head": classes},
        )


def _by_classes(config: Config) -> bool:
    """Whether the loss is known to take an output for each class."""
    loss = config.loss.value or ""
    return "cross" in loss and "binary" not in loss and not loss.startswith("bce")


CHECK = Check("C309", "head-size-differs", needs=("data", "config.head"), judge=judge)
