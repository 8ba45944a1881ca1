"""A logged metric has values that it cannot have.

What it looks for: an accuracy below 0 or above 1 (100%), a cross-entropy below 0, and a validation loss that never was
a number while training goes on.

Why it matters: what is logged isn't what its name says, and every choice by it is wrong.

Example: correct answers divided by the number of batches; nll_loss given probabilities, whose values lie between -1 and
0.

Fix: divide by the images that were seen; give nll_loss the logarithms (log_softmax), or logits to cross_entropy.

Source: the definitions; torch.nn.NLLLoss expects log-probabilities.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import ACCURACY, LOSS, TRAIN, Check, Confidence, Curve, Evidence, Finding, LoggedRun, Severity

TOLERANCE = 1e-6  # of rounding


def judge(evidence: Evidence) -> Iterator[Finding]:
    for run in evidence.history.runs:
        for curve in run.curves:
            low, high = (0.0, 1.0) if curve.metric == ACCURACY else (0.0, float("inf"))
            if curve.metric not in (ACCURACY, LOSS):
                continue
            if curve.metric == LOSS and curve.split != TRAIN and len(curve.points) > 1 and not curve.finite:
                yield _never(run, curve)
                continue
            bad = [point for point in curve.finite if not low - TOLERANCE <= point.value <= high + TOLERANCE]
            if not bad:
                continue
            loss = curve.metric == LOSS
            nll = loss and all(-1 <= point.value < 0 for point in bad)
            yield Finding(
                Severity.WARNING,
                summary=f"{run.name}: {curve.split} {curve.metric} is {bad[0].value:.4g} at {run.at(bad[0].x)}, "
                f"{'below 0' if bad[0].value < 0 else 'above 1'} ({len(bad)} of {len(curve.finite)} values).",
                fix=("Give nll_loss log-probabilities (log_softmax), or logits to cross_entropy." if nll else
                     "Check what the loss is: a cross-entropy isn't negative." if loss else
                     "Divide the correct answers by the images that were seen, not by batches or their full size."),
                measured={"value": bad[0].value, "at": bad[0].x, "values": len(bad), "name": curve.name},
                files=(run.file,),
                confidence=Confidence.LIKELY if loss else Confidence.CERTAIN,
                subject=f"{run.name} {curve.split} {curve.metric}",
            )  # fmt: skip


def _never(run: LoggedRun, curve: Curve) -> Finding:
    return Finding(
        Severity.INFO,
        summary=f"{run.name}: {curve.split} loss is NaN or infinite in each of {len(curve.points)} values, "
        "from the first on.",
        fix="Evaluate one batch in float32, and check its loss: half precision overflows, or a class is missing there.",
        measured={"values": len(curve.points), "name": curve.name},
        files=(run.file,),
        subject=f"{run.name} {curve.split} {curve.metric}",
    )


CHECK = Check("L811", "impossible-metric", needs=("history",), judge=judge)
