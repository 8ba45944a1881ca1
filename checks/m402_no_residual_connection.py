"""A deep network without shortcuts.

What it looks for: more than 20 convolutions, and no place where two computed paths are added or concatenated.

Why it matters: beyond some twenty layers plain networks train worse the deeper they are; shortcuts are what made
ResNets work. A forgotten `+ x` leaves the parameters as they were and the accuracy behind.

Example: `return self.relu(self.bn2(out))` where `+ identity` is missing.

Fix: add the block's input to its output.

Source: He et al. 2016, figure 1 and table 2: plain 34 layers 28.5% error, with shortcuts 25.0%.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity

DEEP = 20


def judge(evidence: Evidence) -> Iterator[Finding]:
    own = evidence.own_network
    if own.convolutions > DEEP and own.joins == 0:
        yield Finding(
            Severity.WARNING,
            summary=f"{own.convolutions} convolutions one after the other, without any shortcut.",
            fix="Add each block's input to its output, as ResNet does.",
            measured={"convolutions": own.convolutions, "joins": 0},
            location=evidence.network.location,
        )


CHECK = Check("M402", "no-residual-connection", needs=("network.own",), judge=judge)
