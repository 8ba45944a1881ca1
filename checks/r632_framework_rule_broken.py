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

from diagnose.model import EACH_WITH_EACH, MISTAKES, WORKERS_ALIKE, Check, Confidence, Evidence, Finding, Severity

FIXES = {
    "trainable after compile": "Call compile() again after changing trainable.",
    "shuffled predictions": "Make the generator with shuffle=False.",
    "few steps": "Leave steps_per_epoch out, or set it to the number of batches.",
    "monitor missing": "Monitor a value that is logged, such as val_loss.",
    "cached augmentation": "Put cache() before the random map.",
    "accumulation divided twice": "Give the loss as it is: the library divides it.",
    "accumulation without effect": "Give the optimizer to accelerator.prepare() as well.",
    "probabilities taken for logits": "Drop from_logits=True, or the softmax.",
    "logits taken for probabilities": "Set from_logits=True, or add a softmax.",
    "one output for more than one class": "Use an output per class and sparse_categorical_crossentropy.",
}
ELSEWHERE = (EACH_WITH_EACH, WORKERS_ALIKE)  # which R619 and R621 judge
WARN = ("accumulation without effect", "few steps", "monitor missing", "cached augmentation")


def judge(evidence: Evidence) -> Iterator[Finding]:
    for mistake in evidence.run.mistakes:
        if mistake.kind in ELSEWHERE:
            continue
        text = MISTAKES.get(mistake.kind, mistake.kind)
        yield Finding(
            Severity.WARNING if mistake.kind in WARN else Severity.ERROR,
            summary=f"{text[:1].upper()}{text[1:]}{': ' + mistake.detail if mistake.detail else ''}.",
            fix=FIXES.get(mistake.kind, "See the framework's documentation."),
            measured={"kind": mistake.kind},
            location=mistake.location,
            confidence=Confidence.CERTAIN,
            subject=mistake.kind,
        )


CHECK = Check("R632", "framework-rule-broken", needs=("run.training",), judge=judge)
