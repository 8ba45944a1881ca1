"""A schedule that rises over more steps than the training makes.

What it looks for: a schedule that is stepped once per epoch, and that, stepped on as often as there are epochs, does
not come to half of the highest learning rate that it leads to later.

Why it matters: the training goes through at a rate far below the one that was written, and learns slowly or nothing.
The usual cause is a length in batches (500 of warm-up) where the schedule is stepped once per epoch.

Example: LambdaLR(optimizer, lambda step: min(1, step / 500)) and scheduler.step() behind the loop over batches.

Fix: call scheduler.step() after each batch, or write the schedule's lengths in epochs.

When it is wrong: a training that is meant to be continued by another run.

Source: the schedule itself, stepped on after the run; the epochs of the program.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, NotExamined, Severity

REACHED = 0.5  # of the peak, which a training should come to


def judge(evidence: Evidence) -> Iterator[Finding]:
    epochs = evidence.configuration.epochs.value if evidence.configuration else None
    climbing = [one for one in evidence.run.schedules if len(one.climb) > 1]
    if climbing and epochs is None:
        raise NotExamined("how many epochs the program trains is unknown")
    for schedule in climbing:
        peak_at, peak = schedule.climb[-1]
        reached = schedule.reaches(epochs or 0)
        if reached is None or peak_at <= (epochs or 0) or reached >= REACHED * peak:
            continue
        yield Finding(
            Severity.ERROR,
            summary=f"{schedule.name} rises for {peak_at} steps and is stepped once per epoch: in {epochs} epochs the "
            f"learning rate comes to {reached:.2g}, of {peak:.2g} that it leads to.",
            fix="Call scheduler.step() after each batch, or write the schedule's lengths in epochs.",
            measured={"schedule": schedule.name, "epochs": epochs, "reached": reached, "peak": peak, "at": peak_at},
            location=schedule.location,
            confidence=Confidence.CERTAIN,
            subject=schedule.name,
        )


CHECK = Check("R635", "warm-up-never-ends", needs=("run.trained",), judge=judge)
