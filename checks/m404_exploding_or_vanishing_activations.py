"""Activations that explode or vanish with depth, before any training.

What it looks for: the standard deviation of each layer's outputs on standard normal images; a change by a factor of a
thousand between the first layers and the last, or a value that isn't a number.

Why it matters: what vanishes on the way forward carries no information about the image, and what explodes overflows.

Example: thirty convolutions with PyTorch's default initialisation, ReLU and no normalisation.

Fix: He initialisation (nn.init.kaiming_normal_), or normalisation layers.

Source: He et al. 2015, "Delving deep into rectifiers", 2.2; Glorot and Bengio 2010. The factor is ours: torchvision's
networks stay within 100."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

from diagnose.model import Check, Evidence, Finding, Severity

FAR = 1000.0


def judge(evidence: Evidence) -> Iterator[Finding]:
    values = [layer.activation for layer in evidence.own_network.layers[:-1]]
    if len(values) < 3:
        return
    lost = next((layer for layer in evidence.own_network.layers if not isfinite(layer.activation)), None)
    ratio = values[-1] / values[0] if values[0] else 0.0
    if lost is not None:
        summary = f"The outputs of {lost.name} aren't numbers before any training."
    elif ratio >= FAR:
        summary = f"Activations explode with depth: {ratio:.1e} times larger in the last layers than in the first."
    elif ratio <= 1 / FAR:
        summary = f"Activations vanish with depth: the last layers' deviation is {ratio:.1e} times the first's."
    else:
        return
    yield Finding(
        Severity.ERROR,
        summary=summary,
        fix="Initialise by He (nn.init.kaiming_normal_, mode='fan_out') and normalise after each convolution.",
        measured={"first": values[0], "last": values[-1], "limit": FAR},
        location=evidence.network.location,
    )


CHECK = Check("M404", "exploding-or-vanishing-activations", needs=("network.own",), judge=judge)
