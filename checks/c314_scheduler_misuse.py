"""A learning-rate schedule that is stepped wrongly.

What it looks for: a schedule that is never stepped; one whose length is written in epochs and that is stepped for every
batch, or the reverse; one that is stepped before the epoch's batches, or before the optimizer in each batch;
ReduceLROnPlateau without its metric.

Why it matters: the rate decays within the first epoch, or hardly at all, or the first value is skipped.

Example: StepLR(optimizer, step_size=30) with scheduler.step() inside the batch loop.

Fix: step once per epoch, after the optimizer; OneCycleLR once per batch.

Source: torch.optim.lr_scheduler, "How to adjust learning rate".
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, ScheduleAhead, Scheduler, Severity

EPOCH_UNITS = ("step", "multistep", "cosine")
SLOWEST_BY_EPOCH = 0.98  # an exponential factor up to this leaves 1e-9 of the rate after 1,000 batches


def judge(evidence: Evidence) -> Iterator[Finding]:
    yield from _ahead(evidence)
    epochs = evidence.config.epochs.value if evidence.configuration else None
    for scheduler in evidence.program.schedulers:
        wrong = _misuse(scheduler, epochs, evidence.program.managed_by == "Lightning")
        if wrong is None:
            continue
        if scheduler.stepped == "never":
            evidence.program.require_complete("schedule")
        severity, what, fix = wrong
        yield Finding(
            severity,
            summary=f"The {scheduler.name} schedule {what}.",
            fix=fix,
            measured={"schedule": scheduler.name, "stepped": scheduler.stepped, "period": scheduler.period},
            location=scheduler.step_location or scheduler.location,
            subject=scheduler.name,
            rewrites=("schedule-by-epoch",),
        )


def _ahead(evidence: Evidence) -> Iterator[Finding]:
    """Schedules that are stepped before the optimizer, once where a program trains several times."""
    for seen in dict.fromkeys(evidence.program.facts(ScheduleAhead)):
        yield Finding(
            Severity.WARNING,
            summary=f"The {seen.schedule} schedule is stepped before the optimizer in each batch: the first learning "
            "rate is skipped.",
            fix="Call scheduler.step() after optimizer.step().",
            measured={"schedule": seen.schedule},
            location=seen.location,
            subject=seen.schedule,
            rewrites=("step-after-optimizer",),
        )


def _misuse(one: Scheduler, epochs: int | None, by_lightning: bool) -> tuple[Severity, str, str] | None:
    """How grave it is, what the schedule does wrong and what to do."""
    if one.stepped == "never":
        return Severity.WARNING, "is never stepped: the learning rate stays as it is", "Call scheduler.step()."
    if not one.given_metric:
        return Severity.ERROR, "is stepped without the metric it watches", "Call step(val_loss)."
    if one.counts_epochs:
        what = "takes the number of the epoch and is given that of the batch: it ends within the first ones"
        return Severity.ERROR, what, "Call step(epoch + 1) once an epoch; step_update() takes the number of the batch."
    if one.stepped == "batch" and not one.counts_batches:
        if one.name == "plateau":
            what = "is stepped for every batch: its patience counts batches, not epochs"
            return Severity.WARNING, what, "Call scheduler.step(val_loss) once per epoch."
        if _counts_epochs(one, epochs):
            what = "counts epochs and is stepped for every batch: it ends within the first ones"
            return Severity.ERROR, what, "Move scheduler.step() out of the batch loop."
    if one.stepped in ("epoch", "before") and (one.counts_batches or one.name == "onecycle"):
        what = "counts batches and is stepped once per epoch: it hardly begins"
        fix = 'Return "lr_scheduler": {"scheduler": scheduler, "interval": "step"} from configure_optimizers().'
        return Severity.WARNING, what, fix if by_lightning else "Call scheduler.step() after every optimizer.step()."
    if one.stepped == "before":
        what = "is stepped before the epoch's batches: the first learning rate is skipped"
        return Severity.WARNING, what, "Call scheduler.step() at the end of the epoch."
    return None


def _counts_epochs(one: Scheduler, epochs: int | None) -> bool:
    """Whether a schedule's length can only be meant in epochs: it fits into them, or it decays as no step could."""
    if one.name == "exponential":
        return one.factor is not None and one.factor <= SLOWEST_BY_EPOCH
    length = max(one.milestones, default=one.period or 0)
    return one.name in EPOCH_UNITS and epochs is not None and 0 < length <= epochs


CHECK = Check("C314", "scheduler-misuse", needs=("program",), judge=judge)
