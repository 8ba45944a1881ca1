"""Optimizer steps that change nothing.

What it looks for: the change of the parameters in each optimizer step over their length: less than a millionth in every
step that was measured, or parameters that are held and have gradients and never moved.

Why it matters: the loss stays where it began, however long training goes on.

Example: a learning rate of 0 from a warm-up that is stepped once per epoch; gradients clipped to 1e-6; zero_grad()
between backward() and step().

Fix: look at the learning rate as applied, at clipping, and at the order of backward, clip, step and zero_grad.

Source: a usual step changes weights by about a thousandth of their length (Karpathy, CS231n notes).
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, NotExamined, Severity

TINY = 1e-6  # of the weights' length per step
FEWEST = 3  # steps


def judge(evidence: Evidence) -> Iterator[Finding]:
    run = evidence.run
    ratios = [step.ratio for step in run.course if step.ratio is not None]
    if len(ratios) < FEWEST:
        raise NotExamined("fewer than three steps were measured")
    rates = [max(step.rates) for step in run.course if step.rates]
    still = run.trained.unmoved
    if max(ratios) < TINY:
        why = _why(rates, [step.gradient for step in run.course if step.gradient is not None])
        yield Finding(
            Severity.ERROR,
            summary=f"Steps change the weights by {max(ratios):.1g} of their length at most, which is nothing: {why}.",
            fix="Look at the learning rate as applied, at clipping, and that nothing clears gradients before step().",
            measured={"ratio": max(ratios), "learning_rate": max(rates, default=0.0), "steps": len(ratios)},
            location=run.optimizers[0].location if run.optimizers else None,
        )
    elif still is not None and (still.head or still.share > 0.05):
        yield Finding(
            Severity.ERROR if still.head else Severity.WARNING,
            summary=f"{still.layers} layers are held by an optimizer, get gradients and never move "
            f"({still.share:.1%} of the parameters): {', '.join(still.names[:4])}.",
            fix="Look at the learning rate of their parameter group.",
            measured={"layers": still.layers, "share": still.share},
            location=run.optimizers[0].location if run.optimizers else None,
            confidence=Confidence.CERTAIN,
            subject="some layers",
        )


def _why(rates: list[float], gradients: list[float]) -> str:
    if max(rates, default=1.0) == 0:
        return "the learning rate is 0"
    if max(gradients, default=1.0) < 1e-9:
        return "the gradients are 0 when the optimizer steps"
    return f"the learning rate is {max(rates, default=0.0):.2g} at most"


CHECK = Check("R613", "steps-without-effect", needs=("run.trained",), judge=judge)
