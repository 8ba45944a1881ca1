"""A learning rate at which even the full training run hardly moves.

What it looks for: a rate below anything its optimizer works at, under a schedule that does not raise it; and, where
probes ran, a rate below a tenth of the usual and far below the best that the search found, at which paired probe runs
end with a higher validation loss (the interval excludes zero), if the whole configured run (rate times steps) would not
go as far as the short probe did at the suggestion. A low rate with many steps may be right, and a short probe cannot
show whether it is: it is left alone.

Why it matters: the loss falls so slowly that the budget ends before the model has learned.

Example: SGD at 1e-7.

Fix: use the suggested rate.

Source: usual rates for fine-tuning are 0.001 (SGD) and 1e-4 (adaptive); the limits are a thousandth of the former
(1e-6) and a five-hundredth of the latter (2e-7), since AdamW at 1e-6 does occur. To first order the distance covered is
the sum of the rates over the steps.
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
    NotExamined,
    Severity,
    fine_tuning_rate,
    possible_band,
    usual_band,
)

USUAL = 1e-3  # a start, where no probe found a better one; less for an optimizer that wants less
FAR_BELOW = 10.0  # times below the suggestion
# Schedules that never go above the optimizer's rate; what another one makes of it, as a range test's does, is its own.
NEVER_ABOVE = ("none", "constant", "step", "multistep", "cosine", "cosine_restarts", "polynomial", "linear", "plateau",
               "inverse_time", "warmup", "warmup_stable_decay", "inverse_sqrt")  # fmt: skip


def judge(evidence: Evidence) -> Iterator[Finding]:
    config = evidence.config
    rate = config.learning_rate.get()
    tested = evidence.measured.learning_rate if evidence.measured else None
    if tested and tested.configured is None:
        tested = None  # the configuration was not trained: what was found is of the reference recipe
    suggested = tested.suggested if tested else None
    limit, slow = _limit_and_slow(config)
    measured = {"configured": rate, "suggested": suggested}
    start = min(USUAL, fine_tuning_rate(config.optimizer.value, config.batch_size.value))
    fix = f"Use about {suggested:.2g}." if suggested else f"Find the rate by a range test; {start:g} is a usual start."
    if rate <= limit and _stays_low(evidence):
        yield Finding(
            Severity.ERROR,
            summary=f"The learning rate {rate:g} is below what any run of usual length learns at (about {limit:g}).",
            fix=fix,
            measured={**measured, "limit": limit},
            location=config.learning_rate.location,
            confidence=Confidence.LIKELY,
            changes={"learning_rate": float(f"{suggested or start:.2g}")},
        )
    elif rate < slow and tested and suggested and _falls_short(evidence, rate, tested, suggested):
        worse = tested.confirmed
        assert worse is not None
        yield Finding(
            Severity.WARNING,
            summary=f"The learning rate {rate:g} is too low: it ends {worse.difference:.2g} "
            f"[{worse.interval.low:.2g}, {worse.interval.high:.2g}] higher in validation loss than {suggested:.2g} "
            f"over {worse.seeds} paired runs, and the whole run would not go as far as that probe did.",
            fix=fix,
            measured={
                **measured,
                "loss_difference": worse.difference,
                "long_run_steps": evidence.full_run_steps,
                "band": tested.band,
                "steps_lost": tested.lost_steps,
            },
            location=config.learning_rate.location,
            confidence=worse.confidence,
            changes={"learning_rate": float(f"{suggested:.2g}")},
        )


def _stays_low(evidence: Evidence) -> bool:
    """Whether no schedule raises the rate. A configuration file names its schedule; a program's may be unread."""
    schedule = evidence.config.schedule
    return schedule.value in NEVER_ABOVE if schedule.known else evidence.code is None


def _limit_and_slow(config: Config) -> tuple[float, float]:
    """The lower limit and the rate below which probes may report a rate; the laxer ones where the optimizer is
    unknown."""
    optimizer, batch = config.optimizer.value, config.batch_size.value
    return possible_band(optimizer, batch)[0], usual_band(optimizer, batch)[0]


def _falls_short(evidence: Evidence, rate: float, tested: LearningRate, suggested: float) -> bool:
    if suggested < FAR_BELOW * rate or not tested.suggested_learns:
        return False
    if tested.confirmed is None or tested.confirmed.interval.low <= 0:
        return False
    try:
        return rate * evidence.full_run_steps < suggested * tested.steps
    except NotExamined:
        return False


CHECK = Check("C303", "learning-rate-too-low", needs=("config.learning_rate",), judge=judge)
