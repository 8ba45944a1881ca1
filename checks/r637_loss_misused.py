"""A loss that gets what it cannot be used with, or is used the wrong way round.

What it looks for: what is differentiated has the opposite sign of the loss; an activation (ReLU, sigmoid, tanh) whose
result goes straight into cross-entropy; softmax over the images of a batch in place of the classes; class weights that
rise with the number of images of a class; label smoothing of a half or more; the sum over a batch in plain SGD, at a
learning rate thirty times the highest that is usual for a sum; kl_div that averages over the classes too, in plain SGD.

Why it matters: the gradients lead away from the right class, or are bounded or zero for most of them.

Example: log_softmax(x, dim=0); CrossEntropyLoss(weight=counts / counts.sum()); logits behind nn.ReLU().

Fix: see each finding.

When it is wrong: weights that are meant to neglect rare classes.

Source: the graph of the loss as autograd keeps it; weights and counts are compared by their ranks.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity
from diagnose.model.mistakes import found

RULES = {
    "loss maximised": (Severity.ERROR, "Call backward() on the loss itself."),
    "activation before the loss": (Severity.ERROR, "Give the loss what the last linear layer gives."),
    "softmax over the batch": (Severity.ERROR, "Give softmax dim=1."),
    "weights favour frequent classes": (Severity.ERROR, "Weigh each class by one over its number of images."),
    "loss summed": (Severity.ERROR, "Take the mean (the default), or divide the learning rate by the batch size."),
    "mean over classes too": (Severity.WARNING, 'Give reduction="batchmean".'),
    "labels smoothed away": (Severity.WARNING, "Smooth by 0.1."),
}


def judge(evidence: Evidence) -> Iterator[Finding]:
    yield from found(evidence.run.mistakes, RULES)


CHECK = Check("R637", "loss-misused", needs=("run.training",), judge=judge)
