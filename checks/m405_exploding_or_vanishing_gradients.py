"""Gradients that explode or vanish towards the first layers.

What it looks for: the root mean square of each layer's weight gradient at initialisation; below a ten-thousandth of
the last layers' in the first ones, or above a hundred thousand times it.

Why it matters: layers whose gradients vanish do not learn; the network becomes its last layers on top of noise.

Example: sigmoid activations through twenty layers.

Fix: ReLU, He initialisation, normalisation, shortcuts.

Source: Glorot and Bengio 2010; Hochreiter 1991. The limits are ours: torchvision's ResNet50 lies at about 2,000,
since its few first weights are shared by many pixels."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from diagnose.model import Check, Evidence, Finding, NotExamined, Severity

VANISHING, EXPLODING = 1e-4, 1e5


def judge(evidence: Evidence) -> Iterator[Finding]:
    values = [layer.gradient for layer in evidence.own_network.layers]
    if len(values) < 6 or not any(values):
        raise NotExamined("the network has too few layers whose gradients can be compared")
    trained = [value for value in values if value > 0]
    third = max(1, len(trained) // 3)
    first, last = median(trained[:third]), median(trained[-third:])
    ratio = first / last
    if VANISHING < ratio < EXPLODING:
        return
    word = "vanish" if ratio <= VANISHING else "explode"
    yield Finding(
        Severity.WARNING,
        summary=f"Gradients {word} towards the first layers: {ratio:.1e} times those of the last.",
        fix="Use ReLU, He initialisation, normalisation layers and shortcuts.",
        measured={"first_third": first, "last_third": last},
        location=evidence.network.location,
    )


CHECK = Check("M405", "exploding-or-vanishing-gradients", needs=("network.own",), judge=judge)
