"""Transfer learning without anything to transfer.

What it looks for: `weights: none` in a configuration that calls itself transfer learning, fine-tuning, pretrained
or a linear probe, by its method or its name; in a program also by its title (the file's docstring or first comment)
and the names around the network that it trains. Other comments don't count as a claim.

Why it matters: an architecture carries no learned features; they are in the weights. Without them this is training
from scratch, with the small data and the few epochs of a fine-tuning run.

Example: `method: transfer` beside `weights: none`; in Keras, ResNet50(weights=None) in a program called
transfer_learning.py.

Fix: load the weights (`weights: imagenet`), or call it training from scratch and plan for its cost.

Source: 1,000 images, ResNet50, mean of 19 tasks: from scratch 43.1%, with ImageNet weights 66.4%
(google-research/task_adaptation results.csv).
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity, claims_features


def judge(evidence: Evidence) -> Iterator[Finding]:
    config = evidence.config
    claim = _claim(evidence)
    if claim and config.from_scratch:
        yield Finding(
            Severity.ERROR,
            summary=f"It calls itself {claim}, but its weights are random: this is training from scratch. The "
            "architecture alone carries no learned features.",
            fix="Load pretrained weights (weights: imagenet), or plan for training from scratch.",
            measured={"weights": "none", "claim": claim},
            location=config.weights.location,
            changes={"weights": "imagenet"},
        )


def _claim(evidence: Evidence) -> str | None:
    """The words in which the configuration says that it starts from learned features; a program's name has been weighed
    where it was read, beside the networks that the program builds."""
    config = evidence.config
    if config.method.value in ("transfer", "linear_probe"):
        return {"transfer": "transfer learning", "linear_probe": "a linear probe"}[config.method.get()]
    if evidence.code is not None:
        return None
    name = config.name.value or ""
    return f"'{name}'" if claims_features(name) else None


CHECK = Check("C301", "pretrained-claimed-but-random", needs=("config.weights",), judge=judge)
