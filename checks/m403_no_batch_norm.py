"""No normalisation in a deep network, or batch norm with another framework's numbers.

What it looks for: ten convolutions or more without any norm layer; batch-norm layers that are made and on which the
outputs don't depend; a batch-norm momentum of 0.5 or more, which is
Keras's convention (0.99 there is 0.01 in PyTorch); an eps of 0.01 or more.

Why it matters: without normalisation deep networks need much smaller rates. PyTorch's momentum is the weight of the new
batch: at 0.99 the running statistics are those of the last batch alone, and evaluation is erratic.

Example: nn.BatchNorm2d(64, momentum=0.99, eps=1e-3), copied from a Keras layer.

Fix: momentum=0.1 (or 0.01), eps=1e-5. Conventions by framework: Keras momentum 0.99, eps 1e-3 (1.001e-5 in its
ResNet50), Glorot, stride in the first 1x1, biases in convolutions; PyTorch 0.1, 1e-5, He by fan-out in torchvision,
stride in the 3x3.

Source: Ioffe and Szegedy 2015; torch.nn.BatchNorm2d's note on momentum; after 100 updates at Keras's 0.99, 37% of the
initial statistics are left.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity

DEEP = 10
LARGEST_MOMENTUM, LARGEST_EPS = 0.5, 0.01


def judge(evidence: Evidence) -> Iterator[Finding]:
    own, place = evidence.own_network, evidence.network.location
    if own.convolutions >= DEEP and not own.norms and not own.other_norms:
        yield Finding(
            Severity.WARNING,
            summary=f"{own.convolutions} convolutions and no normalisation layer.",
            fix="Put nn.BatchNorm2d after each convolution (without bias).",
            measured={"convolutions": own.convolutions},
            location=place,
            subject="none",
        )
    if own.unused_norms:
        names = ", ".join(own.unused_norms[:3])
        yield Finding(
            Severity.WARNING,
            summary=f"{len(own.unused_norms)} batch-norm layers are made and not used by forward(): {names}"
            f"{' and others' if len(own.unused_norms) > 3 else ''}.",
            fix="Call each batch norm in forward(), after its convolution, and use what it returns.",
            measured={"unused": len(own.unused_norms)},
            location=place,
            subject="unused",
        )
    momentum = max((momentum for momentum, _ in own.norms), default=0.0)
    if momentum >= LARGEST_MOMENTUM:
        yield Finding(
            Severity.ERROR,
            summary=f"Batch norm's momentum is {momentum:g}, by Keras's convention; PyTorch's {momentum:g} "
            "forgets all but the last batch.",
            fix=f"Use {1 - momentum:.2g} in PyTorch for Keras's {momentum:g}, or the default 0.1.",
            measured={"momentum": momentum, "limit": LARGEST_MOMENTUM},
            location=place,
            subject="momentum",
        )
    eps = max((eps for _, eps in own.norms), default=0.0)
    if eps >= LARGEST_EPS:
        yield Finding(
            Severity.WARNING,
            summary=f"Batch norm's eps is {eps:g}: it dampens channels of small variance.",
            fix="Use the default 1e-5.",
            measured={"eps": eps, "limit": LARGEST_EPS},
            location=place,
            subject="eps",
        )


CHECK = Check("M403", "no-batch-norm", needs=("network.own",), judge=judge)
