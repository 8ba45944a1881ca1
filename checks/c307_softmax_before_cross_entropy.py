"""Softmax applied before a loss that applies it itself.

What it looks for: outputs that went through softmax, given to a cross-entropy that expects logits (PyTorch's
CrossEntropyLoss, Keras's with from_logits=True). log_softmax before CrossEntropyLoss changes nothing and is left alone.

Why it matters: softmax of a softmax is nearly uniform. The loss cannot fall below ln(1 + (C-1)/e), gradients are
small, and training crawls.

Example: nn.Sequential(..., nn.Linear(512, 10), nn.Softmax(dim=1)) with nn.CrossEntropyLoss.

Fix: drop the softmax from the network; apply it only where probabilities are shown.

Source: torch.nn.CrossEntropyLoss, "expected to contain the unnormalized logits".
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, KerasLoss, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    config = evidence.config
    if config.output_activation.get() != "softmax":
        return
    loss = config.loss.get()
    seen = evidence.code.facts(KerasLoss) if evidence.code else ()
    keras_logits = bool(seen) and bool(seen[0].from_logits)
    if (loss == "cross_entropy" and not seen) or keras_logits:
        expects = f"{loss} with from_logits=True" if keras_logits else loss
        line = f" (line {config.loss.line})" if config.loss.line else ""
        yield Finding(
            Severity.ERROR,
            summary=f"The outputs go through softmax, and {expects}{line} applies it once more.",
            fix="Drop from_logits=True, or the softmax."
            if keras_logits
            else "Drop the softmax: give the loss the logits.",
            measured={"output_activation": "softmax", "loss": loss},
            location=config.output_activation.location,
            changes={} if keras_logits else {"output_activation": "none"},
            rewrites=("drop-softmax",),
        )


CHECK = Check("C307", "softmax-before-cross-entropy", needs=("config.output_activation", "config.loss"), judge=judge)
