"""A network whose outputs do not depend on the image.

What it looks for: outputs that stay the same for other images; and a batch that is learned no better than blank
images with the same labels, while its loss does not fall. Without a network of your own: one batch of real images,
learned with the configured input, loss and frozen layers, against the most frequent label of the batch.

Why it matters: such a network can learn the labels' frequencies at best.

Example: features multiplied by zero, a mean over the wrong axis, or signals that vanished on the way.

Fix: follow one image through forward() and find where it is lost.

Source: Karpathy 2019, "A recipe for training neural networks": input-independent baseline.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, NotExamined, Severity

LEARNED = 0.9


def judge(evidence: Evidence) -> Iterator[Finding]:
    if evidence.own is not None:
        yield from _own(evidence)
        return
    batch = evidence.probes.one_batch
    if batch is None:
        raise NotExamined("no --model was given, and the probes did not try one batch")
    if batch.accuracy > batch.blank or batch.reference is None or batch.reference < LEARNED:
        return
    yield Finding(
        Severity.ERROR,
        summary=f"As configured one batch is learned no better ({batch.accuracy:.0%}) than blank images would "
        f"be ({batch.blank:.0%}), where the reference recipe gets {batch.reference:.0%}: the images do not reach the "
        "loss.",
        fix="Look at what the network is fed, and at which layers train.",
        measured={"accuracy": batch.accuracy, "blank": batch.blank, "reference": batch.reference},
        confidence=Confidence.INDICATED,
    )


def _own(evidence: Evidence) -> Iterator[Finding]:
    own = evidence.own_network
    if own.input_matters:
        return
    learned = ""
    if own.overfit_accuracy is not None and own.blank_accuracy is not None:
        learned = (
            f"; it learns a batch no better ({own.overfit_accuracy:.0%}) than blank images ({own.blank_accuracy:.0%})"
        )
    yield Finding(
        Severity.ERROR,
        summary=f"Its outputs are the same for every image{learned}.",
        fix="Follow one image through forward() and find where it is lost.",
        measured={"accuracy": own.overfit_accuracy, "accuracy_on_blank": own.blank_accuracy},
        location=evidence.network.location,
    )


CHECK = Check("M411", "ignores-its-input", needs=(), judge=judge)
