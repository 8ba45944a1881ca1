"""Parameters that get gradients and that no optimizer holds.

What it looks for: trainable parameters of the network that had gradients while no optimizer that stepped held them; and
optimizers whose parameters belong to another object than the network that is trained.

Why it matters: they never change. Where the whole network is meant, training is a row of steps without effect.

Example: the head is replaced after the optimizer was made; the optimizer is made from a network that is loaded anew
afterwards.

When it is wrong: layers that are left out on purpose without freezing them; set requires_grad=False there, which also
saves their gradients.

Fix: make the optimizer after the last change of the network, from the parameters that shall train.

Source: counted by identity: what the optimizer's groups hold, and what the network holds.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity

FOREIGN = 0.5  # share of an optimizer's parameters that are not the network's


def judge(evidence: Evidence) -> Iterator[Finding]:
    run = evidence.run
    left = run.trained.unheld
    held = run.optimizers[0] if len(run.optimizers) == 1 else None
    if left is None:
        return
    foreign = held is not None and held.foreign > FOREIGN
    what = "the optimizer holds the parameters of another network" if foreign else "no optimizer holds them"
    yield Finding(
        Severity.ERROR if left.head or left.whole or foreign else Severity.WARNING,
        summary=f"{left.layers} layers get gradients and never change, since {what} "
        f"({left.share:.1%} of the parameters): {left.first}.",
        fix="Make the optimizer after the last change of the network, from all parameters that shall train.",
        measured={"layers": left.layers, "parameters": left.parameters, "share": left.share, "head": left.head},
        location=held.location if held else None,
        confidence=Confidence.CERTAIN,
    )


CHECK = Check("R612", "parameters-not-held", needs=("run.trained",), judge=judge)
