"""Two activations one after the other.

What it looks for: sigmoid, tanh or softmax right after another activation, with nothing but dropout, pooling or a
reshape between; and two activations with only a norm layer between. ReLU after ReLU changes nothing and isn't reported.

Why it matters: sigmoid of what ReLU lets through lies in 0.5..1 and is flat for large values, so that little signal and
less gradient pass; a norm after an activation centres values whose negative half is gone, and the second activation
cuts them again.

Example: `x = torch.sigmoid(self.block(x))` where the block ends in nn.ReLU.

Fix: keep the first activation and take the second out of forward().

When it is wrong: a gate that is meant to lie in 0.5..1.

Source: Glorot and Bengio 2010 on saturation; Ioffe and Szegedy 2015 on where the norm stands.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    found = evidence.own_network.repeated_activations
    if not found:
        return
    kinds = ", ".join(dict.fromkeys(found))
    yield Finding(
        Severity.WARNING,
        summary=f"An activation follows another one in {len(found)} place{'s' if len(found) > 1 else ''}: {kinds}.",
        fix="Take the second activation out of forward().",
        measured={"places": len(found), "kinds": list(dict.fromkeys(found))},
        location=evidence.network.location,
    )


CHECK = Check("M414", "activation-twice", needs=("network.own",), judge=judge)
