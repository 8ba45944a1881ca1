"""Units that are zero whatever the input.

What it looks for: a ReLU of which more than half the units are zero for a whole batch at initialisation.

Why it matters: a unit that is never active gets no gradient and never becomes active: capacity that costs memory and
time and is never used.

Example: a large negative bias before the ReLU, or a ReLU after an output that vanished.

Fix: zero biases, He initialisation, normalisation before the ReLU.

Source: Lu et al. 2019, "Dying ReLU and initialization". With batch norm about none is dead at the start.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity

MOST = 0.5


def judge(evidence: Evidence) -> Iterator[Finding]:
    own = evidence.own_network
    if own.dead > MOST:
        yield Finding(
            Severity.WARNING,
            summary=f"{own.dead:.0%} of the units of {own.dead_layer} are zero for every image, before any training.",
            fix="Use zero biases, He initialisation and normalisation before the ReLU.",
            measured={"dead": own.dead, "layer": own.dead_layer, "limit": MOST},
            location=evidence.network.location,
        )


CHECK = Check("M406", "dead-units", needs=("network.own",), judge=judge)
