"""A learning rate at which training diverges or learns worse.

What it looks for: a rate beyond anything its optimizer works at, given the batch size; and, where probes ran, a
rate above the usual and ten times or more above the best that the search found, at which paired probe runs end
with a higher validation loss (the interval excludes zero) or diverge, while those at the best rate learn. A best rate
on the edge of what was tried gives no verdict; a range test alone is never enough.

Why it matters: the loss rises, turns to NaN, or stays where it began.

Example: SGD at 10 with batch 32.

Fix: use the suggested rate, with a warm-up; scale it with the batch size.

Source: Goyal et al. 2017: 0.1 for SGD with momentum at batch 256, linear in the batch; Malladi et al. 2022: square
root for adaptive optimizers, whose usual rate is 1e-3. Each optimizer in the catalogue has its own usual band:
Lion a third to a tenth of AdamW's, Adadelta up to 1. The limits are 30 times SGD's highest usual rate and 100 times
the others', so that large but working rates pass. The rates tried are half-decades, each with
warm-up and full decay inside its own run; the confirming runs use other seeds.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import (
    Check,
    Confidence,
    Config,
    Evidence,
    Finding,
    LearningRate,
    Severity,
    fine_tuning_rate,
    optimizer_label,
    possible_band,
    usual_band,
)

# He et al. 2020 (MoCo) train linear probes at 30, three hundred times the usual rate.
LINEAR_PROBE = 30.0
# Adaptive optimizers move every weight by about the rate in each step: 30 times the usual rate for fine-tuning takes
# pretrained weights apart within the first dozen of them.
FINE_TUNING, ADAPTIVE = 30.0, 0.01
FAR_ABOVE = 10.0  # times the suggestion


def judge(evidence: Evidence) -> Iterator[Finding]:
    config = evidence.config
    rate = config.learning_rate.get()
    tested = evidence.measured.learning_rate if evidence.measured else None
    if tested and tested.configured is None:
        tested = None  # the configuration was not trained: what was found is of the reference recipe
    usual, limit = _usual_and_limit(config)
    if tested and rate > usual and (proof := _measured_worse(rate, tested)):
        severity, confidence, how = proof
        yield Finding(
            severity,
            summary=f"The learning rate {rate:g} is too high: {how}.",
            fix=f"Use about {tested.suggested:.2g}, with a warm-up." if tested.suggested else "Use a lower rate.",
            measured={
                "configured": rate,
                "suggested": tested.suggested,
                "diverges_at": tested.diverges_at,
                "band": tested.band,
                "loss_difference": tested.confirmed.difference if tested.confirmed else None,
                "steps_lost": tested.lost_steps,
            },
            location=config.learning_rate.location,
            confidence=confidence,
            changes=_to(tested.suggested),
        )
    elif rate >= limit:
        start = _usual_start(config, usual)
        yield Finding(
            Severity.ERROR if _certain(evidence) else Severity.WARNING,
            summary=f"The learning rate {rate:g} is beyond what "
            f"{optimizer_label(config.optimizer.value)} works at (about {limit:.2g}).",
            fix=f"Use about {tested.suggested:.2g}, with a warm-up."
            if tested and tested.suggested
            else f"Start from {start:.2g} and find the best by a range test.",
            measured={"configured": rate, "limit": limit, "optimizer": config.optimizer.value},
            location=config.learning_rate.location,
            confidence=Confidence.LIKELY,
            changes=_to(tested.suggested if tested and tested.suggested else start),
        )


def _certain(evidence: Evidence) -> bool:
    """Whether the optimizer is known and the whole network trains: a linear probe bears rates of 30 and more (He et
    al. 2020, MoCo)."""
    config = evidence.config
    trains = config.frozen.value == () if config.frozen.known else evidence.code is None
    return config.optimizer.known and trains


def _to(rate: float | None) -> dict[str, float]:
    return {"learning_rate": float(f"{rate:.2g}")} if rate else {}


def _measured_worse(rate: float, tested: LearningRate) -> tuple[Severity, Confidence, str] | None:
    if tested.suggested is None or not tested.suggested_learns or rate < FAR_ABOVE * tested.suggested:
        return None
    if tested.configured_diverged:
        return Severity.ERROR, Confidence.INDICATED, "the probe run at it diverged"
    worse = tested.confirmed
    if worse is None or worse.interval.low <= 0:
        return None
    return (
        Severity.WARNING,
        worse.confidence,
        f"it ends {worse.difference:.2g} [{worse.interval.low:.2g}, {worse.interval.high:.2g}] higher in "
        f"validation loss than {tested.suggested:.2g} over {worse.seeds} paired runs",
    )


def _usual_and_limit(config: Config) -> tuple[float, float]:
    """The highest usual rate and the limit for the optimizer at the batch size."""
    optimizer, batch = config.optimizer.value, config.batch_size.value
    usual, limit = usual_band(optimizer, batch)[1], possible_band(optimizer, batch)[1]
    if "backbone" in (config.frozen.value or ()):
        return usual, limit * LINEAR_PROBE
    pretrained = config.weights.known and config.weights.value != "none" and config.frozen.value == ()
    if pretrained and usual <= ADAPTIVE:
        limit = min(limit, FINE_TUNING * fine_tuning_rate(optimizer, batch))
    return usual, limit


def _usual_start(config: Config, usual: float) -> float:
    """The usual upper end, of fine-tuning where pretrained layers are trained."""
    fine = config.weights.known and config.weights.value != "none" and not config.frozen.value
    return min(usual, fine_tuning_rate(config.optimizer.value, config.batch_size.value)) if fine else usual


CHECK = Check("C302", "learning-rate-too-high", needs=("config.learning_rate",), judge=judge)
