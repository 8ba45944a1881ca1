"""A frozen backbone that never learned anything.

What it looks for: frozen layers of the backbone in a network that starts from random weights.

Why it matters: the frozen layers keep their random filters for the whole run; the head can only sort noise.

Example: `weights: none` with `frozen: backbone`; in Keras, ResNet50(weights=None) and base.trainable = False.

Fix: load pretrained weights, or let the backbone train.

Source: Transfer learning freezes layers to keep what they learned (Yosinski et al. 2014); random ones hold nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    config = evidence.config
    frozen = config.frozen.get()
    if config.from_scratch and frozen:
        own = evidence.code is not None and evidence.code.own_model and "backbone" not in frozen
        yield Finding(
            Severity.WARNING if own else Severity.ERROR,  # a part of the program's own network may be fixed on purpose
            summary=f"Layers that start from random weights are frozen ({', '.join(frozen[:4])}): they never learn.",
            fix="Load pretrained weights, or unfreeze these layers.",
            measured={"frozen": list(frozen), "weights": "none"},
            location=config.frozen.location,
        )


CHECK = Check("C306", "frozen-random-backbone", needs=("config.weights", "config.frozen"), judge=judge)
