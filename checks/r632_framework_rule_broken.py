"""Something that the framework's own rules make a fault, seen as it happened.

What it looks for: layers frozen or unfrozen after compile(); predictions of a shuffling generator held beside .classes;
steps_per_epoch that leaves out most images; callbacks that monitor what is never logged; augmentation before cache();
a loss that is divided by the accumulated batches although the library does it.

Why it matters: the program does something else than its lines seem to say, without an error.

Example: base.trainable = True after compile(); model.predict(generator) with shuffle=True, compared with
generator.classes.

Fix: compile again after changing trainable; shuffle=False for what is predicted; see each finding.

Source: Keras' guides on transfer learning, callbacks and tf.data; observed at the call.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity
from diagnose.model.mistakes import found

RULES = {
    "trainable after compile": (Severity.ERROR, "Call compile() again after changing trainable."),
    "shuffled predictions": (Severity.ERROR, "Make the generator with shuffle=False."),
    "few steps": (Severity.WARNING, "Leave steps_per_epoch out, or set it to the number of batches."),
    "monitor missing": (Severity.WARNING, "Monitor a value that is logged, such as val_loss."),
    "cached augmentation": (Severity.WARNING, "Put cache() before the random map."),
    "accumulation divided twice": (Severity.ERROR, "Give the loss as it is: the library divides it."),
    "accumulation not as asked": (
        Severity.ERROR,
        "Call step() and zero_grad() in each batch: within accumulate() the library skips those that are to wait.",
    ),
    "accumulation without effect": (Severity.WARNING, "Give the optimizer to accelerator.prepare() as well."),
    "probabilities taken for logits": (Severity.ERROR, "Drop from_logits=True, or the softmax."),
    "logits taken for probabilities": (Severity.ERROR, "Set from_logits=True, or add a softmax."),
    "one output for more than one class": (
        Severity.ERROR,
        "Use an output per class and sparse_categorical_crossentropy.",
    ),
}


def judge(evidence: Evidence) -> Iterator[Finding]:
    yield from found(evidence.run.mistakes, RULES)


CHECK = Check("R632", "framework-rule-broken", needs=("run.training",), judge=judge)
