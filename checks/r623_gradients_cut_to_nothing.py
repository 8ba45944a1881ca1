"""Clipping that leaves next to nothing of the gradients.

What it looks for: the length of the gradients before clipping over the limit, in every clipped step.

Why it matters: a plain gradient step shrinks by that factor: training crawls as with a learning rate a thousand times
smaller.

Example: clip_grad_norm_(model.parameters(), 1e-4).

When it is wrong: a learning rate that was raised to make up for it.

Fix: a limit around the usual length of the gradients: 1 to 5 for most networks.

Source: Pascanu et al. 2013 choose the limit by the average length of the gradients. Adam's steps don't depend on their
scale, so that optimizers like it are left alone unless the limit nears their eps.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity

FACTOR = 200.0  # by which the gradients are shortened
ADAPTIVE = ("adam", "lamb", "lion", "adagrad", "rmsprop", "adadelta", "adafactor")


def judge(evidence: Evidence) -> Iterator[Finding]:
    run = evidence.run
    clipping = run.clipping
    if clipping is None or clipping.most < 0 or clipping.by != "norm":
        return
    if clipping.most == 0:
        yield Finding(
            Severity.ERROR,
            summary="Gradients are clipped to a length of 0: every step is made without them.",
            fix="Clip at 1 to 5, or leave clipping out where its limit is 0.",
            measured={"limit": 0.0, "median": clipping.median},
            location=clipping.location,
            confidence=Confidence.CERTAIN,
        )
        return
    factor = clipping.median / clipping.most
    adaptive = any(one.name.lower().startswith(ADAPTIVE) or "adam" in one.name.lower() for one in run.optimizers)
    if factor > FACTOR and (not adaptive or clipping.most < 1e-6):
        yield Finding(
            Severity.ERROR if factor > 10 * FACTOR else Severity.WARNING,
            summary=f"Gradients are clipped to a length of {clipping.most:.2g}, and are {clipping.median:.2g} long: "
            "steps are "
            f"{factor:,.0f} times shorter.",
            fix="Clip at 1 to 5, or leave clipping out.",
            measured={"limit": clipping.most, "median": clipping.median, "factor": factor},
            location=clipping.location,
            confidence=Confidence.CERTAIN,
        )


CHECK = Check("R623", "gradients-cut-to-nothing", needs=("run.trained",), judge=judge)
