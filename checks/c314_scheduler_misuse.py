"""A learning-rate schedule that is stepped wrongly.

What it looks for: a schedule that is never stepped; one whose length is written in epochs and that is stepped for every
batch, or the reverse; one that is stepped before the epoch's batches; ReduceLROnPlateau without its metric.

Why it matters: the rate decays within the first epoch, or hardly at all, or the first value is skipped.

Example: StepLR(optimizer, step_size=30) with scheduler.step() inside of the batch loop.

Fix: step once an epoch, after the optimizer; OneCycleLR once a batch.

Source: torch.optim.lr_scheduler, "How to adjust learning rate".
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Location, Scheduler, Severity

EPOCH_UNITS = ("step", "multistep", "cosine", "exponential", "plateau")
LONGEST_IN_EPOCHS = 400  # a length up to this many, or up to the epochs, is meant in epochs


def judge(evidence: Evidence) -> Iterator[Finding]:
    epochs = evidence.config.epochs.value if evidence.configuration else None
    for scheduler in evidence.program.schedulers:
        wrong = _misuse(scheduler, epochs)
        if wrong:
            severity, summary, fix, place = wrong
            yield Finding(
                severity,
                summary=summary,
                fix=fix,
                measured={"schedule": scheduler.name, "stepped": scheduler.stepped, "period": scheduler.period},
                location=place or scheduler.location,
                subject=scheduler.name,
                rewrites=("schedule-by-epoch",),
            )


def _misuse(one: Scheduler, epochs: int | None) -> tuple[Severity, str, str, Location | None] | None:
    name = f"The {one.name} schedule"
    if one.stepped == "never":
        return (
            Severity.WARNING,
            f"{name} is never stepped: the rate stays as it is.",
            "Call scheduler.step().",
            one.location,
        )
    if not one.given_metric:
        return (
            Severity.ERROR,
            f"{name} is stepped without the metric it watches.",
            "Call step(val_loss).",
            one.step_location,
        )
    if one.stepped == "batch" and not one.counts_batches and one.name in EPOCH_UNITS and _in_epochs(one, epochs):
        return (Severity.ERROR, f"{name} counts epochs and is stepped for every batch: it ends within the first ones.",
                "Move scheduler.step() out of the batch loop.", one.step_location)  # fmt: skip
    if one.stepped in ("epoch", "before") and (one.counts_batches or one.name == "onecycle"):
        return (Severity.WARNING, f"{name} counts batches and is stepped once an epoch: it hardly begins.",
                "Call scheduler.step() after every optimizer.step().", one.step_location)  # fmt: skip
    if one.stepped == "before":
        return (Severity.WARNING, f"{name} is stepped before the epoch's batches: the first rate is skipped.",
                "Call scheduler.step() at the end of the epoch.", one.step_location)  # fmt: skip
    return None


def _in_epochs(one: Scheduler, epochs: int | None) -> bool:
    if one.name in ("exponential", "plateau"):
        return one.name == "plateau" or epochs is not None
    length = max(one.milestones, default=one.period or 0)
    return 0 < length <= max(epochs or 0, LONGEST_IN_EPOCHS)


CHECK = Check("C314", "scheduler-misuse", needs=("program",), judge=judge)
