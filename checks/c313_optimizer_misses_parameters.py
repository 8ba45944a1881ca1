"""An optimizer that does not hold the parameters that should train.

What it looks for: parameters of the network as it trains that require gradients and were not given to the optimizer:
since it was built before the head was replaced, or on another network. An optimizer that is given the head
alone on purpose is left alone.

Why it matters: what the optimizer does not hold never changes. A head replaced later stays random for the whole run.

Example: optimizer = SGD(model.parameters(), ...) above model.fc = nn.Linear(2048, 10).

Fix: build the optimizer after the network is complete.

Source: torch.optim, "Constructing it": the parameters must be those of the model when it is built.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, OptimizerMisses, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    for seen in evidence.program.facts(OptimizerMisses):
        if not (seen.head or seen.foreign):
            continue
        names = ", ".join(seen.examples)
        yield Finding(
            Severity.ERROR,
            summary="The optimizer holds no parameter of the network that trains."
            if seen.foreign
            else f"The optimizer does not hold {seen.parameters} parameters that should train ({names}).",
            fix="Build the optimizer after the head is replaced, on the network that trains.",
            measured={"missing": seen.parameters, "of": seen.all, "examples": list(seen.examples)},
            location=seen.location,
        )


CHECK = Check("C313", "optimizer-misses-parameters", needs=("program",), judge=judge)
