"""Initial weights on a different scale from ResNet's recipe.

What it looks for: the deviation of each convolution's weights over that of He's initialisation by fan-out, its median
over the network; below a half or above two.

Why it matters: with batch norm the scale of the weights sets the effective learning rate; without it, whether signals
survive. A published recipe belongs to its initialisation.

Example: PyTorch's default for nn.Conv2d (0.41 of He's where fan-in equals fan-out), or Keras's Glorot (0.71).

Fix: nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu") for every convolution, as torchvision does.

Source: torchvision/models/resnet.py; He et al. 2015; van Laarhoven 2017 on scale and effective rate.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from diagnose.model import Check, Evidence, Finding, NotExamined, Severity

LOW, HIGH = 0.5, 2.0


def judge(evidence: Evidence) -> Iterator[Finding]:
    spreads = [layer.spread for layer in evidence.own_network.layers[:-1]]
    if len(spreads) < 3:
        raise NotExamined("the network has too few layers to speak of its initialisation")
    typical = median(spreads)
    if LOW <= typical <= HIGH:
        return
    yield Finding(
        Severity.INFO,
        summary=f"Its initial weights are {typical:.2g} times as large as He's initialisation by fan-out.",
        fix='Call nn.init.kaiming_normal_(weight, mode="fan_out", nonlinearity="relu") for every convolution.',
        measured={"ratio": typical, "low": LOW, "high": HIGH},
        location=evidence.network.location,
    )


CHECK = Check("M412", "initialisation-differs", needs=("network.own",), judge=judge)
