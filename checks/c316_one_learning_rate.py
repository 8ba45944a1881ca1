"""One learning rate for a new head and pretrained layers, at a value that only the head wants.

What it looks for: fine-tuning of the whole network from pretrained weights with one parameter group, at a rate above
the usual of its optimizer for pretrained layers: 1e-3 for Adam and its kind, 0.01 for SGD at batch 256.

Why it matters: such a rate, right for the random head, overwrites in the first hundred steps what the backbone learned.

Example: Adam at 0.003 on all parameters of resnet50(weights="DEFAULT").

Fix: a tenth of the head's rate for the backbone (two parameter groups), or train the head first.

Source: Li et al. 2020, "Rethinking the hyperparameters for fine-tuning": 0.01 for SGD at batch 256 as the usual upper
end; Howard and Ruder 2018 for discriminative rates.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, ParameterGroups, Severity, fine_tuning_rate

BEYOND = 100.0


def judge(evidence: Evidence) -> Iterator[Finding]:
    config = evidence.config
    if config.from_scratch or config.frozen.get():
        return
    seen = evidence.code.facts(ParameterGroups) if evidence.code else ()
    if seen and seen[0].rates_differ:
        return
    rate = config.learning_rate.get()
    limit = fine_tuning_rate(config.optimizer.get(), config.batch_size.value)
    if limit < rate <= BEYOND * limit:  # what lies beyond is C302's
        yield Finding(
            Severity.INFO,
            summary=f"One learning rate of {rate:g} for a new head and for pretrained layers, which usually take "
            f"{limit:g} or less.",
            fix="Give the backbone a tenth of it in a parameter group of its own, or train the head first.",
            measured={"learning_rate": rate, "usual": limit, "optimizer": config.optimizer.value},
            location=config.learning_rate.location,
            confidence=Confidence.LIKELY,
        )


CHECK = Check(
    "C316",
    "one-learning-rate",
    needs=("config.weights", "config.frozen", "config.learning_rate", "config.optimizer"),
    judge=judge,
)
