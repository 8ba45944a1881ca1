"""A first loss far from that of guessing.

What it looks for: the cross-entropy at initialisation against ln(classes), which is that of equal probabilities.

Why it matters: a much higher first loss means outputs that are large for no reason; the first epochs go into
unlearning them. A much lower one means that the labels leak into the input.

Example: a last layer initialised with deviation 1 in place of 0.01.

Fix: smaller initial weights in the last layer, zero bias.

Source: Karpathy 2019, "A recipe for training neural networks": verify loss at init. torchvision's ResNet50 starts
within 0.7."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite, log

from diagnose.model import Check, Evidence, Finding, NotExamined, Severity

ABOVE, BELOW = 2.0, 0.5  # nats above ln(classes), and share of it


def judge(evidence: Evidence) -> Iterator[Finding]:
    network, own = evidence.network, evidence.own_network
    expected = log(network.classes)
    if own.output_count < network.classes:
        raise NotExamined(f"it has {own.output_count} outputs for {network.classes} classes")
    loss = own.initial_loss
    if isfinite(loss) and BELOW * expected <= loss <= expected + ABOVE:
        return
    yield Finding(
        Severity.WARNING if isfinite(loss) else Severity.ERROR,
        summary=f"The first loss is {loss:.3g}; guessing among {network.classes} classes costs {expected:.3g}.",
        fix="Give the last layer small initial weights and a zero bias.",
        measured={"initial_loss": loss, "expected": expected},
        location=network.location,
    )


CHECK = Check("M407", "initial-loss-off", needs=("network.own",), judge=judge)
