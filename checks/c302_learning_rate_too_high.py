"""A learning rate at which training diverges or learns worse.

What it looks for: a rate beyond anything its optimizer works at, given the batch size; and, where probes ran, a
rate above the usual and ten times above the range test's suggestion or more, at which paired probe runs end with a
higher held-out loss (the interval excludes zero) or diverge, while those at the suggestion learn. The range test
alone never accuses, nor does a lower loss at a rate too small to learn anything.

Why it matters: the loss rises, turns to NaN, or stays where it began.

Example: SGD at 10 with batch 32.

Fix: use the suggested rate, with a warm-up; scale it with the batch size.

Source: Goyal et al. 2017: 0.1 for SGD with momentum at batch 256, linear in the batch; Malladi et al. 2022: square
root for adaptive optimizers, whose usual rate is 1e-3. The limits are 30 and 100 times that, so that large
but working rates pass. Range test: fastai's lr_find.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

from diagnose.model import Check, Confidence, Config, Evidence, Finding, LearningRate, Severity

SGD_USUAL, ADAPTIVE_USUAL = 0.1, 1e-3  # at batch 256 or below, from scratch; probes accuse no rate up to these
SGD_LIMIT, ADAPTIVE_LIMIT = 30 * SGD_USUAL, 100 * ADAPTIVE_USUAL
REFERENCE_BATCH = 256
FAR_ABOVE = 10.0  # times the suggestion


def judge(evidence: Evidence) -> Iterator[Finding]:
    config = evidence.config
    rate = config.learning_rate.get()
    tested = evidence.measured.learning_rate if evidence.measured else None
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
                "loss_difference": tested.confirmed.difference if tested.confirmed else None,
            },
            location=config.learning_rate.location,
            confidence=confidence,
        )
    elif rate >= limit:
        yield Finding(
            Severity.ERROR,
            summary=f"The learning rate {rate:g} is beyond what {_optimizer(config)} works at (about {limit:.2g}).",
            fix=f"Use about {tested.suggested:.2g}, with a warm-up."
            if tested and tested.suggested
            else f"Start from {usual:.2g} and find the best by a range test.",
            measured={"configured": rate, "limit": limit, "optimizer": config.optimizer.value},
            location=config.learning_rate.location,
            confidence=Confidence.LIKELY,
        )


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
        f"it ends {worse.difference:.2g} [{worse.interval.low:.2g}, {worse.interval.high:.2g}] higher in held-out "
        f"loss than {tested.suggested:.2g} over {worse.seeds} paired runs",
    )


def _usual_and_limit(config: Config) -> tuple[float, float]:
    """The usual rate and the limit for the optimizer at the batch size; SGD's, the laxer, where it is unknown."""
    batch = config.batch_size.value if config.batch_size.known and config.batch_size.value else REFERENCE_BATCH
    larger = max(1.0, batch / REFERENCE_BATCH)
    if config.optimizer.value in ("adam", "adamw", "rmsprop"):
        return ADAPTIVE_USUAL * sqrt(larger), ADAPTIVE_LIMIT * sqrt(larger)
    return SGD_USUAL * larger, SGD_LIMIT * larger


def _optimizer(config: Config) -> str:
    return (config.optimizer.value or "any optimizer").replace("sgd", "SGD").replace("adam", "Adam")


CHECK = Check("C302", "learning-rate-too-high", needs=("config.learning_rate",), judge=judge)
