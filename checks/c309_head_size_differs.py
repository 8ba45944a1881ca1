"""A last layer whose number of outputs differs from the number of classes.

What it looks for: `head` against the classes of the training split. One output is right for two classes with a binary
loss, and is not judged where the loss is unknown or a regression's.

Why it matters: too few outputs end in an index error at the first image of a class beyond them (on a GPU, a device-side
assert); too many leave outputs that never train and can still be predicted. One sigmoid output treats every class but
the first as the same.

Example: a head of 1,000, left from ImageNet, on 8 classes; Dense(1, activation="sigmoid") on three class folders.

Fix: make the head as large as the number of classes. With one output the activation, the loss and the form of the
labels change along with it: softmax, categorical cross-entropy, class_mode="categorical".

Source: torch.nn.CrossEntropyLoss requires class indices in [0, C).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from diagnose.model import Check, Config, Evidence, Finding, NotExamined, Severity

BINARY = ("bce", "bce_with_logits", "binary_crossentropy", "binary_focal_crossentropy", "hinge")
OF_CLASSES = ("cross_entropy", "nll", "categorical_crossentropy", "sparse_categorical_crossentropy")


def judge(evidence: Evidence) -> Iterator[Finding]:
    config = evidence.config
    outputs, classes = config.head.get(), len(evidence.classes_in(evidence.data.train_split))
    if outputs == classes or evidence.saw_labels_fit or (outputs == 1 and _fits_one(config, classes)):
        return
    yield Finding(
        Severity.ERROR if outputs < classes else Severity.WARNING,
        summary=f"The head has {outputs} output{'' if outputs == 1 else 's'}, the data {classes} classes"
        + (": one output separates two classes only." if outputs == 1 and config.loss.value not in OF_CLASSES else "."),
        fix=_advice(evidence, outputs, classes),
        measured={"outputs": outputs, "classes": classes},
        location=config.head.location,
        changes=_changes(evidence, outputs, classes),
        rewrites=("outputs-for-classes",),
    )


def _fits_one(config: Config, classes: int) -> bool:
    """Whether one output is meant, as of two classes; raises NotExamined where it may be and that is not known."""
    loss = config.loss.value
    if loss is not None and loss not in BINARY + OF_CLASSES:
        raise NotExamined(f"one output with the loss {loss} may be a regression")
    if classes != 2 or loss in OF_CLASSES:
        return False
    if loss is None and config.output_activation.value != "sigmoid":
        raise NotExamined("one output is right for two classes with a binary loss, and the loss is not known")
    return True


def _advice(evidence: Evidence, outputs: int, classes: int) -> str:
    if outputs > 1 or evidence.config.loss.value in OF_CLASSES:
        return f"Give the last layer {classes} outputs."
    if evidence.code and evidence.code.framework == "keras":
        return (
            f"Change four things together: {classes} units, softmax, categorical_crossentropy, and one-hot labels "
            '(class_mode="categorical").'
        )
    return f"Give the last layer {classes} outputs and use cross-entropy on them, with whole numbers as labels."


def _changes(evidence: Evidence, outputs: int, classes: int) -> dict[str, Any]:
    """What belongs together; nothing where the labels of a program would have to change by hand."""
    head: dict[str, Any] = {"head": classes}
    if outputs > 1 or evidence.config.loss.value in OF_CLASSES:
        return head
    if evidence.code is None:
        return {**head, "output_activation": "none", "loss": "cross_entropy"} if evidence.config.loss.known else {}
    if evidence.code.framework == "keras":
        return {**head, "output_activation": "softmax", "loss": "categorical_crossentropy"}
    return {}


CHECK = Check("C309", "head-size-differs", needs=("data", "config.head"), judge=judge)
