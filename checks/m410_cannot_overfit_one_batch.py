"""A network that cannot overfit a single batch.

What it looks for: 40 steps of Adam on one batch of 16 images of noise with fixed labels, where torchvision's ResNet50
learns them all in the same steps. Without a network of your own: 40 steps of the reference optimizer on one batch of
real images with the configured input, loss and frozen layers, beside the reference recipe.

Why it matters: a network that cannot memorise 16 images has something broken: a cut graph, dead units, a wrong loss;
no amount of data fixes it.

Example: outputs that went through detach(), or through softmax twice.

Fix: look at M404 to M409 first; then take parts out until it learns the batch.

Source: Karpathy 2019, "A recipe for training neural networks": overfit a single batch.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, NotExamined, Severity

LEARNED, FAILED = 0.9, 0.5


def judge(evidence: Evidence) -> Iterator[Finding]:
    if evidence.own is not None:
        yield from _own(evidence)
        return
    batch = evidence.probes.one_batch
    if batch is None:
        raise NotExamined("no --model was given, and the probes did not try one batch")
    if batch.accuracy > FAILED:
        return
    if batch.reference is None or batch.reference < LEARNED:
        raise NotExamined("the reference recipe was not seen to learn the batch, so there is nothing to compare with")
    if batch.accuracy <= batch.blank:
        return  # M411 reports that
    yield Finding(
        Severity.ERROR,
        summary=f"The configuration cannot overfit one batch: {batch.accuracy:.0%} of {batch.images} images right "
        f"after {batch.steps} steps, where the reference recipe gets {batch.reference:.0%}.",
        fix="Its input, loss or frozen layers are broken: fix those findings first, then try this batch again.",
        measured={"accuracy": batch.accuracy, "reference": batch.reference, "steps": batch.steps},
        confidence=Confidence.INDICATED,
    )


def _own(evidence: Evidence) -> Iterator[Finding]:
    own, reference = evidence.own_network, evidence.network.reference
    if own.overfit_accuracy is None:
        raise NotExamined("the time limit ended before one batch was learned, or nothing in it trains")
    if reference is None or reference.overfit_accuracy is None or reference.overfit_accuracy < LEARNED:
        raise NotExamined("ResNet50 itself was not seen to learn the batch, so there is nothing to compare with")
    if own.overfit_accuracy <= FAILED and len(own.overfit) > 1 and own.overfit[-1] > FAILED * own.overfit[0]:
        yield Finding(
            Severity.ERROR,
            summary=f"It cannot overfit one batch: {own.overfit_accuracy:.0%} right after "
            f"{len(own.overfit)} steps, "
            f"where ResNet50 gets {reference.overfit_accuracy:.0%}.",
            fix="Find what is broken on this one batch before a full training run: M404 to M409 name the usual causes.",
            measured={"accuracy": own.overfit_accuracy, "loss_first": own.overfit[0], "loss_last": own.overfit[-1]},
            location=evidence.network.location,
            confidence=Confidence.INDICATED,
        )


CHECK = Check("M410", "cannot-overfit-one-batch", needs=(), judge=judge)
