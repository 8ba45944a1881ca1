"""A decay of the learning rate that lies beyond the end of the run.

What it looks for: the first step or milestone of a schedule, or a plateau's patience, at or after the last epoch; a
cosine at least twice as long as the run.

Why it matters: the last, small rates bring a good part of the accuracy; a schedule made for a longer run never reaches
them.

Example: MultiStepLR(milestones=[100, 150]) with 60 epochs.

Fix: scale the milestones with the epochs, such as half and three quarters of them.

Source: He et al. 2016 divide the rate at half and three quarters of the CIFAR run; Goyal et al. 2017 at 30, 60,
80 of 90.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Scheduler, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    epochs = evidence.config.epochs.get()
    for scheduler in evidence.program.schedulers:
        first = _first_decay(scheduler)
        if scheduler.stepped not in ("epoch", "before") or scheduler.counts_batches or first is None:
            continue
        limit = 2 * epochs if scheduler.name == "cosine" else epochs
        if first >= limit:
            what = "is at most half done" if scheduler.name == "cosine" else f"decays first after {first} epochs"
            yield Finding(
                Severity.WARNING,
                summary=f"The {scheduler.name} schedule {what}, and the run ends after {epochs}.",
                fix=f"Fit it to the run, such as T_max={epochs}."
                if scheduler.name == "cosine"
                else f"Decay at about {max(1, epochs // 2)} and {max(1, 3 * epochs // 4)}.",
                measured={"first_decay": first, "epochs": epochs},
                location=scheduler.location,
                subject=scheduler.name,
            )


def _first_decay(scheduler: Scheduler) -> int | None:
    if scheduler.milestones:
        return min(scheduler.milestones)
    if scheduler.name in ("step", "cosine", "plateau"):
        return scheduler.period
    return None


CHECK = Check("C326", "decay-never-reached", needs=("program", "config.epochs"), judge=judge)
