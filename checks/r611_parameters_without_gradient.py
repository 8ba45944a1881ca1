"""Parameters that may train and never get a gradient.

What it looks for: trainable parameters of the network that had no gradient after any backward pass of the run, and
whether their layers took part in the forward pass at all.

Why it matters: they keep their initial values: random layers that nothing ever adjusts, or capacity that was planned
and is not there.

Example: batch norms that are made in __init__ and not called in forward; features that go through .detach() or .data.

When it is wrong: a network with a second head for other purposes, such as one that is only used in evaluation; then it
costs memory alone.

Fix: call the layer in forward, or take it out; leave detach() to what is not trained.

Source: torch.autograd: a parameter that the loss does not depend on has no gradient.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity

MOST = 0.2  # share of the parameters from which on the run is wasted


def judge(evidence: Evidence) -> Iterator[Finding]:
    run = evidence.run
    lost = run.trained.without_gradient
    if lost is None:
        return
    how = "get no gradient" if lost.called else "take no part in the forward pass"
    severe = lost.called and (lost.head or lost.share > MOST)
    yield Finding(
        Severity.ERROR if severe else Severity.WARNING,
        summary=f"{lost.layers} layers that may train {how} ({lost.share:.1%} of the parameters): {lost.first}.",
        fix="Let the loss depend on them: no detach(), .data or numpy() between them and the loss."
        if lost.called
        else "Call them in forward, or take them out.",
        measured={"layers": lost.layers, "parameters": lost.parameters, "share": lost.share, "called": lost.called},
        location=run.trained.location,
        confidence=Confidence.CERTAIN,
    )


CHECK = Check("R611", "parameters-without-gradient", needs=("run.trained",), judge=judge)
