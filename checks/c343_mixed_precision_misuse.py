"""Training in float16 that lacks a part, or has its parts in the wrong order.

What it looks for: autocast in float16 with backward() and no GradScaler; a network that is float16 altogether;
gradients that are clipped before scaler.unscale_(); scaler.step() without scaler.update(); optimizer.step() or a plain
loss.backward() in place of the scaler's. In Keras the policy mixed_float16 with a loop with GradientTape whose
optimizer isn't a LossScaleOptimizer; compile() adds it by itself.

Why it matters: float16 has no numbers below 6e-8, so small gradients become zero unless the loss is scaled. Scaled
gradients are some 65,536 times too large: clipped before they are unscaled, nothing but rounding is left; stepped with
directly, the weights explode.

Example: `with torch.autocast("cuda"): loss = ...` and loss.backward() alone.

Fix: scaler.scale(loss).backward(); scaler.unscale_(optimizer); clip; scaler.step(optimizer); scaler.update(). Or
bfloat16, which needs no scaler.

When it is wrong: a network whose gradients are all large may train in float16 without a scaler. bfloat16, disabled
autocast, apex, Accelerate, DeepSpeed and Lightning are left alone, and backward() inside autocast does no harm.

Source: PyTorch's "Automatic mixed precision examples"; Micikevicius et al. 2018, section 3.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from diagnose.model import Check, Confidence, Evidence, Finding, MixedPrecision, Severity


@dataclass(frozen=True)
class Kind:
    """One of the ways in which float16 is misused."""

    severity: Severity
    summary: str
    fix: str
    rewrites: tuple[str, ...] = ()


KINDS = {
    "no_scaler": Kind(
        Severity.WARNING,
        "The loss is computed in float16 and not scaled: small gradients become zero.",
        "Scale the loss (torch: GradScaler; Keras: LossScaleOptimizer around the optimizer), or use bfloat16.",
    ),
    "half_weights": Kind(
        Severity.WARNING,
        "The weights are float16: a step of less than a thousandth of a weight is rounded away.",
        "Leave the network in float32 and compute in autocast with a GradScaler, or in bfloat16.",
    ),
    "clipped_scaled": Kind(
        Severity.ERROR,
        "The gradients are clipped while they are scaled, some 65,536 times too large (step at line {other}).",
        "Call scaler.unscale_(optimizer) before clipping.",
        rewrites=("unscale-before",),
    ),
    "no_update": Kind(
        Severity.ERROR,
        "scaler.step() has no scaler.update() behind it: the second step raises an error.",
        "Call scaler.update() after scaler.step(optimizer).",
        rewrites=("update-scaler",),
    ),
    "direct_step": Kind(
        Severity.ERROR,
        "The optimizer steps with scaled gradients (scaled at line {other}): they are some 65,536 times too large.",
        "Call scaler.step(optimizer) and scaler.update() in place of optimizer.step().",
        rewrites=("step-by-scaler",),
    ),
    "unscaled_loss": Kind(
        Severity.ERROR,
        "The loss is not scaled, but the step is the scaler's (line {other}): it raises an error.",
        "Call scaler.scale(loss).backward().",
    ),
}


def judge(evidence: Evidence) -> Iterator[Finding]:
    for one in evidence.program.facts(MixedPrecision):
        kind = KINDS[one.what]
        yield Finding(
            kind.severity,
            summary=kind.summary.format(other=one.other),
            fix=kind.fix,
            measured={"what": one.what, "other": one.other},
            location=one.location,
            confidence=Confidence.LIKELY if kind.severity is Severity.WARNING else Confidence.CERTAIN,
            subject=one.what,
            rewrites=kind.rewrites,
        )


CHECK = Check("C343", "mixed-precision-misuse", needs=("program",), judge=judge)
