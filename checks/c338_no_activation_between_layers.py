"""Two layers in a row with nothing nonlinear between them.

What it looks for: a fully connected layer whose outputs reach the next one through nothing but flattening, dropout or
batch norm, in Sequential, in forward or in Keras; a plain convolutional network with no activation between any two of
its convolutions. Factorised layers (a width below both sides), embeddings and projections, depthwise and pointwise
convolutions, outputs that are used a second time and heads on a library's network are left alone.

Why it matters: two linear layers in a row compute what one could: the first costs parameters and adds nothing.

Example: nn.Sequential(nn.Flatten(), nn.Linear(784, 512), nn.Linear(512, 10)); Dense(256) without activation.

Fix: put an activation between them: nn.ReLU(), or activation="relu".

When it is wrong: where the product of two matrices is meant, such as in studies of deep linear networks.

Source: Goodfellow et al., Deep Learning, 6.1: a composition of linear functions is linear.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, NoActivation, Severity

KINDS = {
    "linear": ("fully connected layer", "together they compute no more than one would"),
    "conv": ("convolution", "the whole network of convolutions computes no more than one would"),
}


def judge(evidence: Evidence) -> Iterator[Finding]:
    for seen in evidence.program.facts(NoActivation):
        layer, why = KINDS[seen.kind]
        line = f" (line {seen.first.line})" if seen.first.line else ""
        yield Finding(
            Severity.WARNING,
            summary=f"No activation stands between this {layer} and the one before it{line}: {why}.",
            fix="Put an activation between them, such as ReLU.",
            measured={"kind": seen.kind, "first": seen.first.line},
            location=seen.location,
            subject=seen.kind,
            confidence=Confidence.LIKELY,
            rewrites=("activate-between",),
        )


CHECK = Check("C338", "no-activation-between-layers", needs=("program",), judge=judge)
