"""A schedule that rises over more steps than the training makes.

What it looks for: a schedule that is stepped once per epoch, and that, stepped on as often as there are epochs, does
not come to half of the highest learning rate that it leads to later; and LambdaLR whose highest rate is the square of
the one that the optimizer was given, as its function returns a rate in place of a factor.

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

BASE = 0.9  # of a learning rate, from which on a function is meant to return the rate
SAME = 0.05  # of the square of a rate, by which the highest may differ from it
REACHED = 0.5  # of the peak, which a training should come to


def judge(evidence: Evidence) -> Iterator[Finding]:
    epochs = evidence.planned_epochs
    yield from _far_below(evidence)
    climbing = [one for one in evidence.run.schedules if one.per == "epoch" and len(one.climb) > 1]
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


def _far_below(evidence: Evidence) -> Iterator[Finding]:
    """A function of LambdaLR that returns a rate, where a factor is meant."""
    written = evidence.run.optimizers[0].learning_rate if evidence.run.optimizers else None
    for schedule in evidence.run.schedules:
        peak = schedule.climb[-1][1] if schedule.climb else None
        if schedule.name != "LambdaLR" or not written or peak is None or not 0 < written < BASE:
            continue
        if abs(peak - written**2) <= SAME * written**2:
            yield Finding(
                Severity.ERROR,
                summary="LambdaLR multiplies the learning rate by what its function gives, and that is a rate: "
                f"{peak:.2g} is applied at most, of {written:.2g}.",
                fix="Return a factor (1 at the peak), or give the optimizer a learning rate of 1.",
                measured={"written": written, "peak": peak},
                location=schedule.location,
                confidence=Confidence.CERTAIN,
                subject=f"{schedule.name} squared",
            )


CHECK = Check("R635", "warm-up-never-ends", needs=("run.trained",), judge=judge)
