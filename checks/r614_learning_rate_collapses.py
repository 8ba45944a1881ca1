"""A learning rate that is used up long before the training ends.

What it looks for: a schedule that is stepped on after the run, as the program would. Stepped after each batch, it is
below a hundredth of the first rate after one epoch; or it stays, however it is stepped, below a two-hundredth of its
highest rate for more than three quarters of the epochs.

Why it matters: training stands still from there on, and nothing says so.

Example: scheduler.step() inside the batch loop with StepLR(step_size=10) or CosineAnnealingLR(T_max=epochs), which
count epochs; CosineDecay(rate, decay_steps=epochs) in Keras, which counts batches.

When it is wrong: a run of one epoch, for which the schedule is meant to end there.

Fix: step the schedule once per epoch, or give it lengths in batches.

Source: the program's own schedule, stepped; torch.optim.lr_scheduler documents step() after each epoch for these.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity

LEAST = 0.01  # of the first learning rate, after one epoch
EARLY = 0.25  # of the epochs, up to which a rate that is gone for good is gone too early
FEWEST = 4  # epochs, of which a quarter is one


def judge(evidence: Evidence) -> Iterator[Finding]:
    epochs = evidence.planned_epochs
    for schedule in evidence.run.schedules:
        highest = schedule.highest or 1.0
        collapsed = schedule.after_epoch is not None and schedule.after_epoch < LEAST * min(1.0, highest)
        if schedule.per == "batch" and collapsed and (epochs is None or epochs > 1):
            how = f"after one epoch the learning rate is {schedule.after_epoch:.2g} of the first"
        elif schedule.gone is not None and epochs is not None and epochs >= FEWEST and schedule.gone < EARLY * epochs:
            how = f"from epoch {schedule.gone + 1:.3g} of {epochs} on the learning rate is as good as 0"
        else:
            continue
        stepped = "once per epoch" if schedule.per == "epoch" else "after each batch"
        yield Finding(
            Severity.ERROR,
            summary=f"{schedule.name} is stepped {stepped}: {how}.",
            fix="Write the schedule's lengths in the steps that it counts, or step it once per epoch.",
            measured={
                "schedule": schedule.name, "after_one_epoch": schedule.after_epoch, "highest": highest,
                "gone_after_epochs": schedule.gone,
            },
            location=schedule.location,
            confidence=Confidence.CERTAIN,
            subject=schedule.name,
        )  # fmt: skip


CHECK = Check("R614", "learning-rate-collapses", needs=("run.trained",), judge=judge)
