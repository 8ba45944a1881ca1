"""A learning rate that is used up within the first epoch.

What it looks for: a schedule that is stepped after each batch. It is stepped on, after the run, as often as the program
would in one whole epoch: the rate then is below a hundredth of the first.

Why it matters: training stands still from the second epoch on, and nothing says so.

Example: scheduler.step() inside the batch loop with StepLR(step_size=10) or CosineAnnealingLR(T_max=epochs), which
count epochs.

When it is wrong: a run of one epoch, for which the schedule is meant to end there.

Fix: step the schedule once per epoch, or give it lengths in batches.

Source: the program's own schedule, stepped; torch.optim.lr_scheduler documents step() after each epoch for these.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity

LEAST = 0.01  # of the first learning rate, after one epoch


def judge(evidence: Evidence) -> Iterator[Finding]:
    run = evidence.run
    epochs = evidence.configuration.epochs.value if evidence.configuration else None
    for schedule in run.schedules:
        after = schedule.after_epoch
        if schedule.per == "batch" and after is not None and after < LEAST and (epochs is None or epochs > 1):
            highest = schedule.highest or 1.0
            if after >= LEAST * highest:
                continue
            yield Finding(
                Severity.ERROR,
                summary=f"{schedule.name} is stepped after each batch: after one epoch the learning rate is "
                f"{after:.2g} of "
                "the first.",
                fix="Call scheduler.step() once per epoch, or write its lengths in batches.",
                measured={"schedule": schedule.name, "after_one_epoch": after, "highest": highest},
                location=schedule.location,
                confidence=Confidence.CERTAIN,
                subject=schedule.name,
            )


CHECK = Check("R614", "learning-rate-collapses", needs=("run.trained",), judge=judge)
