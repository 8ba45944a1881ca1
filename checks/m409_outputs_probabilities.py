"""A network whose outputs are probabilities.

What it looks for: outputs in 0..1 that sum to 1 for every image. Log-probabilities fit NLLLoss and are left alone.

Why it matters: CrossEntropyLoss applies softmax by itself. On probabilities its loss cannot fall below ln(1 +
(C-1)/e), and gradients are small.

Example: nn.Softmax(dim=1) as the last layer.

Fix: return the logits; apply softmax where probabilities are shown.

Source: torch.nn.CrossEntropyLoss, "expected to contain the unnormalized logits".
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    if evidence.own_network.outputs != "probabilities":
        return
    loss = evidence.configuration.loss.value if evidence.configuration else None
    yield Finding(
        Severity.ERROR if loss == "cross_entropy" else Severity.WARNING,
        summary="The network's outputs are probabilities; cross-entropy expects logits.",
        fix="Drop the softmax from the network.",
        measured={"outputs": "probabilities", "loss": loss},
        location=evidence.network.location,
    )


CHECK = Check("M409", "outputs-probabilities", needs=("network.own",), judge=judge)
