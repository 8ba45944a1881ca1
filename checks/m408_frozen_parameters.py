"""Parameters of the network that do not train.

What it looks for: parameters whose requires_grad is False when the factory returns.

Why it matters: meant for a pretrained backbone it is right; left over from another experiment it is not noticed. If
all are frozen, nothing trains.

Example: a factory that freezes everything and forgets the new head.

Fix: freeze what is pretrained alone.

Source: torch.nn.Module.requires_grad_.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    own = evidence.own_network
    if not own.frozen_parameters:
        return
    everything = own.frozen_parameters == own.parameters
    yield Finding(
        Severity.ERROR if everything else Severity.INFO,
        summary="Every parameter is frozen: nothing trains."
        if everything
        else f"{own.frozen_parameters:,} of {own.parameters:,} parameters are frozen ({own.frozen[0]}, …).",
        fix="Unfreeze what should learn, the head at least.",
        measured={"frozen": own.frozen_parameters, "of": own.parameters},
        location=evidence.network.location,
    )


CHECK = Check("M408", "frozen-parameters", needs=("network.own",), judge=judge)
